// npm run bench -- server: a typing session in three languages, in real time against the real server. Prints latencies
// by the stage that answered, keystrokes saved, and how fast a cancelled decode stops.
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import rpc from 'vscode-jsonrpc/node';
import { Server } from '../../tests/clients/server.js';
import { root } from '../lib/projects.mjs';
import { wholeNumber } from './numbers.mjs';
import { randomFrom } from './random.mjs';
import { spread, table } from './report.mjs';
import { scriptFor } from './script.mjs';
import { place, Typist } from './typist.mjs';
import { control } from './wire.mjs';

const files = [
  { path: 'eng/samples/typing/InventoryLedger.cs', language: 'csharp' },
  { path: 'eng/samples/typing/taskQueue.ts', language: 'typescript' },
  { path: 'eng/samples/typing/log_report.py', language: 'python' },
];
const usage = 'npm run bench -- server [--quick] [--seed N] [--keystrokes N (per file)] [--model DIR] [--json FILE]';

/** Runs the benchmark. Returns the exit code: 1 if a suggestion repeated the text right of the cursor. */
export async function benchServer(args) {
  const options = parse(args);
  if (!options) return 2;
  const started = performance.now();
  const server = new Server({ model: options.model ? ['--model', options.model] : [] });
  try {
    const waited = await control(options.quick ? 20 : 200, randomFrom(options.seed));
    await server.start({ capabilities: { textDocument: { inlineCompletion: {} } }, options: { metrics: false } });
    const { model } = await server.status('ready');
    await server.notify('$/setTrace', { value: 'verbose' });
    const typist = new Typist(server, options);
    const scripts = files.map((file, i) => ({ ...file, ...scriptFor(read(file), { seed: options.seed + i, keystrokes: options.keystrokes }) }));
    const cold = await coldRequests(server, scripts, randomFrom(options.seed), options.quick ? 2 : 8);
    const cancelled = await cancellations(server, typist, options.quick ? 20 : 60);
    typist.forget();
    for (const script of scripts) {
      process.stderr.write(`${script.path}: ${script.keys.length} keys …\n`);
      await typist.type(`file:///w/${basename(script.path)}`, script.language, script);
    }
    await server.stop();
    const result = summary(typist, { seed: options.seed, model, cold: spread(cold), control: spread(waited), cancelled, seconds: (performance.now() - started) / 1000 });
    process.stdout.write(table(result));
    for (const text of typist.seen.repeated) process.stdout.write(`repeats the text right of the cursor: ${JSON.stringify(text)}\n`);
    if (options.json) writeFileSync(options.json, `${JSON.stringify(result, null, 2)}\n`);
    return result.repeats === 0 ? 0 : 1;
  } finally {
    server.kill();
  }
}

function parse(args) {
  try {
    const { values } = parseArgs({ args, options: { quick: { type: 'boolean' }, seed: { type: 'string' }, keystrokes: { type: 'string' }, model: { type: 'string' }, json: { type: 'string' } } });
    return { ...values, quick: values.quick ?? false, seed: wholeNumber(values.seed, 1), keystrokes: wholeNumber(values.keystrokes, values.quick ? 100 : 720) };
  } catch (error) {
    console.error(`${error.message}. Usage: ${usage}`);
    return null;
  }
}

function read(file) {
  return readFileSync(join(root, file.path), 'utf8').replaceAll('\r\n', '\n');
}

/** Milliseconds of the first request in a file that the server has not seen. */
async function coldRequests(server, scripts, random, times) {
  const milliseconds = [];
  for (let i = 0; i < times; i++) {
    for (const script of scripts) {
      const uri = `file:///w/cold${i}/${basename(script.path)}`;
      const text = typed(script, random.between(1, script.keys.length));
      await server.open(uri, text + script.tail, script.language);
      const at = place(text, text.length);
      const from = performance.now();
      await server.inline(uri, at.line, at.character, 1);
      milliseconds.push(performance.now() - from);
      await server.notify('textDocument/didClose', { textDocument: { uri } });
    }
  }
  return milliseconds;
}

/** The document after a number of keys. */
function typed({ head, keys }, count) {
  return keys.slice(0, count).reduce((text, key) => (key.back > 0 ? text.slice(0, -key.back) : text + key.text), head);
}

/**
 * The time from cancelling a request to an idle model: within the server, as a share of one forward, and as seen by the client, in
 * milliseconds. The request processes its whole prompt; it is cancelled at a random time while it runs.
 */
async function cancellations(server, typist, times) {
  const uri = 'file:///w/cancelled.ts';
  const before = 'export const primes = [\n  2,\n  3,\n  5,\n';
  const [forwards, seen] = [[], []];
  const untouched = 5; // requests that are not cancelled, to measure a forward
  const ask = (i, token) => {
    const text = `// ${i}\n${before}`;
    server.notify('textDocument/didChange', { textDocument: { uri, version: i + 2 }, contentChanges: [{ text }] });
    const at = place(text, text.length);
    return server.inline(uri, at.line, at.character, 1, token);
  };
  await server.open(uri, before, 'typescript');
  for (let i = 0; i < untouched; i++) await ask(i);
  const { engine, forwards: count } = typist.lastDecode;
  const forward = engine / count;
  for (let i = untouched; i < times; i++) {
    const source = new rpc.CancellationTokenSource();
    const request = ask(i, source.token).catch(() => null);
    await sleep(((i % 8) / 8) * engine);
    const stopped = new Promise((resolve) => (typist.stopped = resolve));
    const from = performance.now();
    source.cancel();
    await request;
    const milliseconds = await Promise.race([stopped, sleep(200, null)]); // null: it had not started, or had already ended
    if (milliseconds !== null) {
      forwards.push(milliseconds / forward);
      seen.push(performance.now() - from);
    }
    typist.stopped = () => {}; // prefetches that are stopped later do not count
  }
  await server.notify('textDocument/didClose', { textDocument: { uri } });
  return { forward, forwards: spread(forwards), seen: spread(seen) };
}

function summary(typist, more) {
  const { seen } = typist;
  return {
    ...more,
    cores: availableParallelism(),
    files: files.map((file) => basename(file.path)),
    keystrokes: seen.baseline,
    saved: 1 - seen.keystrokes / seen.baseline,
    accepted: seen.accepted,
    acceptedCharacters: seen.acceptedCharacters,
    shown: seen.shown,
    repeats: seen.repeats,
    offers: spread(seen.offers),
    answers: spread(seen.answers),
    overhead: spread(typist.overhead(false)),
    overheadSeen: spread(typist.overhead(true)),
    paths: Object.fromEntries(Object.entries(seen.totals).map(([path, values]) => [path, spread(values)])),
    totals: seen.totals,
    reasons: seen.reasons,
  };
}
