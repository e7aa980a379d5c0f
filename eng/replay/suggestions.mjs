// npm run bench -- suggestions: types files that the model has never seen, for each value of the setting "suggestions", and counts what
// is shown, how much of it is right, and what it saves. The typist waits for the answer after every key and reads it, so that nothing
// depends on the machine's speed; there are no typos.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { Server } from '../../tests/clients/server.js';
import { root } from '../lib/projects.mjs';
import { wholeNumber } from './numbers.mjs';
import { judge, keystrokes } from './reader.mjs';
import { keyAt, partsOf } from './script.mjs';
import { place } from './typist.mjs';

const settings = ['all', 'eager', 'balanced', 'quiet'];
const folder = 'eng/samples/cases/eval';
const usage = 'npm run bench -- suggestions [--quick] [--accept words|whole] [--keystrokes N (per file)] [--model DIR] [--json FILE]';

/** Runs the benchmark. Returns the exit code. */
export async function benchSuggestions(args) {
  const options = parse(args);
  if (!options) return 2;
  const started = performance.now();
  const files = filesOf(options.quick);
  const rows = {};
  let model = '';
  for (const setting of settings) {
    process.stderr.write(`${setting}: ${files.length} files …\n`);
    const server = new Server({ model: options.model ? ['--model', options.model] : [] });
    try {
      // No prefetch, no latency budget and no learning, so that the same build gives the same counts.
      await server.start({
        capabilities: { textDocument: { inlineCompletion: {} } },
        options: { suggestions: setting, debounce: 'fixed', debounceMs: 0, latencyBudgetMs: 0, prefetch: false, metrics: false },
      });
      ({ model } = await server.status('ready'));
      rows[setting] = newCounts();
      for (const file of files) await type(server, file, options, rows[setting]);
      await server.stop();
    } finally {
      server.kill();
    }
  }
  const result = { model, weights: weightsOf(options.model), accept: options.accept, files: files.length, seconds: (performance.now() - started) / 1000, rows };
  process.stdout.write(suggestionTable(result));
  if (options.json) writeFileSync(options.json, `${JSON.stringify(result, null, 2)}\n`);
  return 0;
}

function parse(args) {
  try {
    const { values } = parseArgs({ args, options: { quick: { type: 'boolean' }, keystrokes: { type: 'string' }, accept: { type: 'string', default: 'words' }, model: { type: 'string' }, json: { type: 'string' } } });
    if (!['words', 'whole'].includes(values.accept)) throw new Error(`'${values.accept}' is neither words nor whole`);
    return { ...values, quick: values.quick ?? false, keystrokes: wholeNumber(values.keystrokes, values.quick ? 60 : 120) };
  } catch (error) {
    console.error(`${error.message}. Usage: ${usage}`);
    return null;
  }
}

/** Files of this repository that are in no corpus; with --quick one per language. */
function filesOf(quick) {
  return readdirSync(join(root, folder)).sort().flatMap((language) => readdirSync(join(root, folder, language)).sort().slice(0, quick ? 1 : undefined)
    .map((name) => ({ language, name, text: readFileSync(join(root, folder, language, name), 'utf8').replaceAll('\r\n', '\n') })));
}

/** The weights' fingerprint, as stored in their confidence file. */
function weightsOf(model) {
  const file = join(model ?? join(root, 'models', 'nano'), 'confidence.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).model.slice(0, 12) : 'without confidence.json';
}

function newCounts() {
  return { written: 0, pressed: 0, shown: 0, right: 0, partly: 0, wrong: 0, characters: 0, answers: 0 };
}

/** Types one file from the end of its head, for a number of keystrokes. With "whole" a suggestion is accepted only if all of it is right. */
async function type(server, file, { keystrokes: most, accept }, counts) {
  const { head, target, tail } = partsOf(file.text);
  const uri = `file:///w/${file.language}/${basename(file.name)}`;
  await server.open(uri, head + tail, file.language, 1);
  const document = { uri, text: head, version: 1 };
  let expected = null; // the text as it would be with the last suggestion accepted
  const end = counts.written + most;
  for (let at = 0; at < target.length && counts.written < end;) {
    const shown = at === 0 ? '' : await suggestionAt(server, document);
    counts.answers++;
    const judged = judge(shown, target.slice(at));
    const isRest = expected !== null && expected.startsWith(document.text + shown);
    if (shown !== '' && !isRest) {
      counts.shown++;
      counts[judged.kind]++;
    }
    expected = shown === '' ? null : isRest ? expected : document.text + shown;
    const taken = judged.kind === 'right' || accept === 'words' ? judged.taken : '';
    const text = taken === '' ? keyAt(target, at) : taken;
    counts.pressed += taken === '' ? 1 : judged.keys;
    counts.characters += taken.length;
    counts.written += keystrokes(text);
    await insert(server, document, text);
    at += text.length;
  }
  await server.notify('textDocument/didClose', { textDocument: { uri } });
}

async function insert(server, document, text) {
  const at = place(document.text, document.text.length);
  document.text += text;
  document.version++;
  await server.notify('textDocument/didChange', { textDocument: { uri: document.uri, version: document.version }, contentChanges: [{ range: { start: at, end: at }, text }] });
}

/** What is shown after the cursor; "": nothing. */
async function suggestionAt(server, document) {
  const at = place(document.text, document.text.length);
  const item = (await server.inline(document.uri, at.line, at.character, 2))?.items[0];
  return item ? item.insertText.slice(at.character - item.range.start.character) : '';
}

/** The counts as Markdown. */
export function suggestionTable({ model, weights, accept, files, seconds, rows }) {
  const percent = (part, whole) => (whole === 0 ? '-' : ((100 * part) / whole).toFixed(1));
  return [
    `${model}, weights ${weights}: ${files} files, ${accept === 'words' ? 'accepted whole, by lines and by words' : 'accepted whole or not at all'}, ${seconds.toFixed(0)} s`,
    '',
    '| suggestions | keystrokes without | pressed | saved % | shown | right | partly right | wrong | right of shown % | characters taken over | interruptions per 100 keystrokes |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...Object.entries(rows).map(([setting, c]) =>
      `| ${setting} | ${c.written} | ${c.pressed} | ${percent(c.written - c.pressed, c.written)} | ${c.shown} | ${c.right} | ${c.partly} | ${c.wrong} | ${percent(c.right, c.shown)} | ${c.characters} | ${percent(c.partly + c.wrong, c.pressed)} |`),
    '',
    verdict(rows),
    '',
  ].join('\n');
}

/** Whether "balanced" meets its goals: at least half of the wrong suggestions gone, keystrokes saved reduced by at most a tenth. */
function verdict({ all, balanced }) {
  const gone = 1 - balanced.wrong / all.wrong;
  // A single quotient of whole numbers, so that nine tenths are exact.
  const kept = ((balanced.written - balanced.pressed) * all.written) / ((all.written - all.pressed) * balanced.written);
  const goal = (met) => (met ? 'reached' : 'MISSED');
  return `balanced against all: ${(100 * gone).toFixed(0)} % of the wrong suggestions gone: ${goal(gone >= 0.5)} (50); ${(100 * kept).toFixed(0)} % of the keystrokes saved are still saved: ${goal(kept >= 0.9)} (90)`;
}
