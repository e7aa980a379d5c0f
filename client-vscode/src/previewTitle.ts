// The title over a rewritten selection. Pure.

/** The file, and how many lines of text become how many. */
export function previewTitle(path: string, before: string, after: string): string {
  const [old, now] = [lines(before), lines(after)];
  const name = path.slice(path.lastIndexOf('/') + 1);
  return `Refill ${name}: ${old} ${old === 1 ? 'line becomes' : 'lines become'} ${now}`;
}

function lines(text: string): number {
  return text.split(/\r\n|\r|\n/).filter(line => line.trim() !== '').length;
}
