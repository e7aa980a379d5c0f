// The title of the preview of a rewritten selection. Pure.

/** The file, and the number of lines before and after. */
export function previewTitle(path: string, before: string, after: string): string {
  const [old, now] = [lines(before), lines(after)];
  const name = path.slice(path.lastIndexOf('/') + 1);
  return `Refill ${name}: ${old} ${old === 1 ? 'line becomes' : 'lines become'} ${now}`;
}

function lines(text: string): number {
  return text.split(/\r\n|\r|\n/).filter(line => line.trim() !== '').length;
}
