// One sentence for anything that a command throws. Pure.

const methodNotFound = -32601;

export function failureSentence(error: unknown): string {
  if (isCoded(error) && error.code === methodNotFound)
    return 'This server does not know that command yet; install a newer one, or clear the setting diffusionLsp.serverPath.';
  return error instanceof Error ? error.message : String(error);
}

function isCoded(error: unknown): error is { code: number } {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'number';
}
