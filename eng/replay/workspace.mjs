// npm run bench -- workspace: what the n-gram cache over the workspace costs while typing. Two servers in one large workspace of
// random text, with and without it, get the same request after every key, alternating. Prints ratios.
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { Server } from '../../tests/clients/server.js';
import { removeFolder } from '../lib/folders.mjs';
import { root } from '../lib/projects.mjs';
import { wholeNumber } from './numbers.mjs';
import { randomFrom } from './random.mjs';
import { percentile } from './report.mjs';
import { scriptFor } from './script.mjs';
import { place } from './typist.mjs';

const usage = 'npm run bench -- workspace [--quick] [--files N] [--kilobytes N (per file)] [--keystrokes N] [--seed N]';
const sample = 'eng/samples/typing/taskQueue.ts';
const folders = 200;
const rounds = 8; // each server starts first, and is asked first, as often as the other
const pause = 60; // milliseconds between two keys
const rewriteEvery = 25; // keys after which a neighbouring file is rewritten, so that the index must follow
const settle = 4_000; // milliseconds before the typing, for the first scan

export async function benchWorkspace(args) {
  const options = parse(args);
  if (!options) return 2;
  const folder = mkdtempSync(join(tmpdir(), 'dlsp-workspace-'));
  try {
    process.stderr.write(`writing ${options.files} files of ${options.kilobytes} KB …\n`);
    fill(folder, options);
    const first = { on: [], off: [] };
    let result;
    for (let round = 0; round < rounds; round++) {
      const servers = {};
      for (const name of Math.floor(round / 2) % 2 === 0 ? ['on', 'off'] : ['off', 'on']) servers[name] = await start(folder, name === 'on');
      try {
        for (const name of round % 2 === 0 ? ['on', 'off'] : ['off', 'on']) first[name].push(await firstSuggestion(servers[name], folder));
        if (round === rounds - 1) result = await type(servers, folder, options);
        for (const server of Object.values(servers)) await server.stop();
      } finally {
        for (const server of Object.values(servers)) server.kill();
      }
    }
    process.stdout.write(table({ ...result, first }, options));
    return 0;
  } finally {
    removeFolder(folder);
  }
}

function parse(args) {
  try {
    const { values } = parseArgs({ args, options: { quick: { type: 'boolean' }, files: { type: 'string' }, kilobytes: { type: 'string' }, keystrokes: { type: 'string' }, seed: { type: 'string' } } });
    return { files: wholeNumber(values.files, values.quick ? 500 : 50_000), kilobytes: wholeNumber(values.kilobytes, 20), keystrokes: wholeNumber(values.keystrokes, values.quick ? 60 : 600), seed: wholeNumber(values.seed, 1) };
  } catch (error) {
    console.error(`${error.message}. Usage: ${usage}`);
    return null;
  }
}

function fill(folder, { files, kilobytes, seed }) {
  const random = randomFrom(seed);
  for (let i = 0; i < Math.min(folders, files); i++) mkdirSync(join(folder, `part${i}`));
  // One text in total, starting elsewhere in each file: a gigabyte of random words would take minutes to generate.
  const text = nonsense(random, 2 * kilobytes * 1000);
  for (let i = 0; i < files; i++) writeFileSync(join(folder, `part${i % folders}`, `file${i}.ts`), text.slice((i * 7919) % (kilobytes * 1000)).slice(0, kilobytes * 1000));
}

function nonsense(random, characters) {
  const word = () => Array.from({ length: 6 }, () => random.of([...'bcdfghjklmnpqrstvwxz'])).join('');
  let text = '';
  while (text.length < characters) text += `const ${word()} = ${word()}.${word()}(${word()}, ${word()});\n`;
  return text;
}

async function start(folder, workspaceCache) {
  const server = new Server();
  await server.start({ capabilities: { textDocument: { inlineCompletion: {} } }, rootUri: pathToFileURL(folder).href, options: { debounceMs: 0, debounce: 'fixed', metrics: false, prefetch: false, cacheEntries: 0, suggestions: 'all', workspaceCache } });
  return server;
}

async function firstSuggestion(server, folder) {
  const uri = pathToFileURL(join(folder, 'part0', 'first.ts')).href;
  const from = performance.now();
  await server.open(uri, 'export function sum(a: number, b: number) {\n  return ', 'typescript');
  await server.inline(uri, 1, 9);
  return performance.now() - from;
}

async function type(servers, folder, { keystrokes, seed }) {
  const script = scriptFor(readFileSync(join(root, sample), 'utf8').replaceAll('\r\n', '\n'), { seed, keystrokes });
  const uri = pathToFileURL(join(folder, 'part0', 'typed.ts')).href;
  const random = randomFrom(seed + 1);
  const milliseconds = { on: [], off: [] };
  let text = script.head, same = 0;
  for (const server of Object.values(servers)) await server.open(uri, text + script.tail, 'typescript');
  for (const server of Object.values(servers)) await server.inline(uri, 0, 0);
  await sleep(settle);
  for (const [i, key] of script.keys.entries()) {
    text = key.back > 0 ? text.slice(0, -key.back) : text + key.text;
    if (i % rewriteEvery === 0) writeFileSync(join(folder, 'part0', 'file0.ts'), nonsense(random, 20_000));
    const at = place(text, text.length);
    const answers = [];
    for (const name of i % 2 === 0 ? ['on', 'off'] : ['off', 'on']) {
      const server = servers[name];
      await server.notify('textDocument/didChange', { textDocument: { uri, version: i + 2 }, contentChanges: [{ text: text + script.tail }] });
      const from = performance.now();
      const answer = await server.inline(uri, at.line, at.character, 1);
      milliseconds[name].push(performance.now() - from);
      answers.push(answer?.items[0]?.insertText ?? '');
    }
    if (answers[0] === answers[1]) same++;
    await sleep(pause);
  }
  return { milliseconds, same: same / script.keys.length, memory: { on: memory(servers.on), off: memory(servers.off) } };
}

/** Resident megabytes; NaN if the system does not report them. */
function memory(server) {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.process.pid}/status`, 'utf8'))[1]) / 1024;
  } catch {
    return NaN;
  }
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

function table({ milliseconds: { on, off }, same, memory, first }, { files, kilobytes, seed }) {
  const row = (name, a, b) => `${name.padEnd(34)}${a.toFixed(1).padStart(9)}${b.toFixed(1).padStart(9)}${(a / b).toFixed(3).padStart(9)}\n`;
  const ratios = on.map((value, i) => value / off[i]);
  return `${files} files of ${kilobytes} KB, ${on.length} keystrokes, seed ${seed}; ${(100 * same).toFixed(0)} % of the answers the same\n\n`
    + `${''.padEnd(34)}${'with'.padStart(9)}${'without'.padStart(9)}${'ratio'.padStart(9)}\n`
    + row('keystroke to answer, p50 ms', percentile(on, 0.5), percentile(off, 0.5))
    + row('keystroke to answer, p95 ms', percentile(on, 0.95), percentile(off, 0.95))
    + row('first suggestion, mean of 8, ms', mean(first.on), mean(first.off))
    + row('memory after typing, MB', memory.on, memory.off)
    + `median of the keystrokes' own ratios: ${percentile(ratios, 0.5).toFixed(3)}\n`;
}
