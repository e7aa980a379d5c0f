// npm run bench -- start: the time from the language server's start to its first suggestion, and its memory then and
// after some typing. With --other EXE a second server, for example another build, is started alternately with it, and ratios are printed. Linux.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { executable, Server } from '../../tests/clients/server.js';
import { root } from '../lib/projects.mjs';
import { wholeNumber } from './numbers.mjs';
import { percentile } from './report.mjs';
import { scriptFor } from './script.mjs';
import { place } from './typist.mjs';

const usage = 'npm run bench -- start [--quick] [--starts N] [--keystrokes N] [--other EXE]';
const sample = 'eng/samples/typing/taskQueue.ts';
const uri = 'file:///w/typed.ts';
const rows = [
  ['initialize', 'initialize is answered, ms'],
  ['ready', 'the model is ready, ms'],
  ['first', 'the first suggestion, ms'],
  ['atRest', 'memory when ready, MB'],
  ['typed', 'memory after typing, MB'],
];

export async function benchStart(args) {
  const options = parse(args);
  if (!options) return 2;
  const programs = { here: executable, ...(options.other ? { other: options.other } : {}) };
  const seen = Object.fromEntries(Object.keys(programs).map((name) => [name, []]));
  for (let i = -1; i < options.starts; i++) {
    for (const name of i % 2 === 0 ? Object.keys(programs) : Object.keys(programs).reverse()) {
      const start = await measured(programs[name], options.keystrokes);
      if (i >= 0) seen[name].push(start); // the first start of each reads its files from the disk
    }
  }
  process.stdout.write(table(seen, options));
  return 0;
}

function parse(args) {
  try {
    const { values } = parseArgs({ args, options: { quick: { type: 'boolean' }, starts: { type: 'string' }, keystrokes: { type: 'string' }, other: { type: 'string' } } });
    return { starts: wholeNumber(values.starts, values.quick ? 2 : 12), keystrokes: wholeNumber(values.keystrokes, values.quick ? 40 : 200), other: values.other };
  } catch (error) {
    console.error(`${error.message}. Usage: ${usage}`);
    return null;
  }
}

async function measured(program, keystrokes) {
  const script = scriptFor(readFileSync(join(root, sample), 'utf8').replaceAll('\r\n', '\n'), { seed: 1, keystrokes });
  const from = performance.now();
  const since = () => performance.now() - from;
  const server = new Server({ command: [program] });
  try {
    await server.start({ options: { debounceMs: 0, metrics: false, suggestions: 'all' }, ready: false });
    const initialize = since();
    await server.open(uri, script.head + script.tail, 'typescript');
    await server.status('ready');
    const ready = since(), atRest = resident(server.process.pid);
    let text = script.head;
    const ask = async (kind) => {
      const at = place(text, text.length);
      return server.inline(uri, at.line, at.character, kind);
    };
    await ask(1);
    const first = since();
    for (const [i, key] of script.keys.entries()) {
      text = key.back > 0 ? text.slice(0, -key.back) : text + key.text;
      await server.notify('textDocument/didChange', { textDocument: { uri, version: i + 2 }, contentChanges: [{ text: text + script.tail }] });
      await ask(2);
      await sleep(10);
    }
    const typed = resident(server.process.pid);
    await server.stop();
    return { initialize, ready, first, atRest, typed };
  } finally {
    server.kill();
  }
}

/** Resident megabytes of a process. */
function resident(pid) {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1000;
}

function table(seen, { starts, keystrokes }) {
  const names = Object.keys(seen);
  const median = (name, key) => percentile(seen[name].map((start) => start[key]), 0.5);
  const line = ([key, title]) => {
    const values = names.map((name) => median(name, key).toFixed(0).padStart(9)).join('');
    const ratios = seen.other?.map((start, i) => seen.here[i][key] / start[key]);
    return `${title.padEnd(30)}${values}${ratios ? percentile(ratios, 0.5).toFixed(3).padStart(9) : ''}\n`;
  };
  return `${starts} starts${seen.other ? ' of each, alternately' : ''}, ${keystrokes} keys typed; medians\n\n${''.padEnd(30)}${names.map((name) => name.padStart(9)).join('')}${seen.other ? '    ratio' : ''}\n${rows.map(line).join('')}`;
}
