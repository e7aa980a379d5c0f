// Reads the situations: one file each, a folder for each language. Lines above "---" say what the document's file is called, what the
// cursor stands in, which continuations are right, and what else must hold; below it stands the document, with the cursor drawn as ║.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));
const mark = '║';
const suffix = '.case.txt';
const places = ['code', 'string', 'comment', 'prose'];

/**
 * All situations by name. Every other one is in the first part: rules are made while looking at that part only.
 * @returns {{ name: string, language: string, part: 'first' | 'second', file: string, place: string, right: string[], must: string[], text: string, offset: number }[]}
 */
export function readSituations() {
  const languages = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => entry.name).sort();
  return languages.flatMap((language) => readdirSync(join(folder, language)).filter((name) => name.endsWith(suffix)).sort().map((name, i) => ({
    name: `${language}/${basename(name, suffix)}`,
    language,
    part: i % 2 === 0 ? 'first' : 'second',
    ...parse(readFileSync(join(folder, language, name), 'utf8').replaceAll('\r\n', '\n'), name),
  })));
}

function parse(content, name) {
  const end = content.indexOf('\n---\n');
  const lines = content.slice(0, end).split('\n').map((line) => /^(\w+): (.*)$/.exec(line) ?? [line, 'no field', '']);
  const all = (field) => lines.filter(([, key]) => key === field).map(([, , value]) => value);
  const unknown = lines.find(([, key]) => !['file', 'in', 'right', 'must'].includes(key));
  const drawn = content.slice(end + '\n---\n'.length);
  const [file] = all('file');
  const [place] = all('in');
  if (end < 0 || unknown || !file || !places.includes(place) || drawn.split(mark).length !== 2) throw new Error(`${name}: ${unknown ? `'${unknown[0]}' is no field` : `a situation has file, in (${places.join(', ')}), --- and one ${mark}`}`);
  return { file, place, right: all('right'), must: all('must'), text: drawn.replace(mark, ''), offset: drawn.indexOf(mark) };
}
