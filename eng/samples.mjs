// The table of samples that npm start completes. Lines and columns count from 1; the caret is at the end of its line.
export const samples = [
  { language: 'C#', file: 'eng/samples/Totals.cs', line: 20, column: 40 },
  { language: 'TypeScript', file: 'eng/samples/statistics.ts', line: 3, column: 30 },
  { language: 'Python', file: 'eng/samples/inventory.py', line: 5, column: 22 },
];

/** A sample's cursor in the form of the command line. */
export function cursor(sample) {
  return `${sample.file}:${sample.line}:${sample.column}`;
}
