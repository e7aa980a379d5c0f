// npm run bench -- remote: what a remote engine adds to every key. Two language servers, one with nano and one whose `remoteUrl` is a
// `serve` with nano on the loopback, get the same request after every key, alternating. Prints differences and ratios.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Serve } from '../../tests/clients/serve.js';
import { Server } from '../../tests/clients/server.js';
import { root } from '../lib/projects.mjs';
import { wholeNumber } from './numbers.mjs';
import { percentile } from './report.mjs';
import { scriptFor } from './script.mjs';
import { place } from './typist.mjs';

const usage = 'npm run bench -- remote [--quick] [--keystrokes N] [--seed N]';
const sample = 'eng/samples/typing/taskQueue.ts';
const uri = 'file:///w/typed.ts';
const pause = 40; // milliseconds between two keys
const warmUp = 20; // keys that are not counted

export async function benchRemote(args) {
  const options = parse(args);
  if (!options) return 2;
  const serve = await Serve.start();
  const servers = {};
  try {
    for (const [name, elsewhere] of [['local', {}], ['remote', { remoteUrl: serve.url, remoteFallback: 'never' }]]) {
      servers[name] = new Server();
      await servers[name].start({ options: { debounceMs: 0, debounce: 'fixed', metrics: false, prefetch: false, cacheEntries: 0, suggestions: 'all', workspaceCache: false, ...elsewhere } });
    }
    process.stdout.write(table(await type(servers, options), options));
    for (const server of Object.values(servers)) await server.stop();
    return 0;
  } finally {
    for (const server of Object.values(servers)) server.kill();
    await serve.stop();
  }
}

function parse(args) {
  try {
    const { values } = parseArgs({ args, options: { quick: { type: 'boolean' }, keystrokes: { type: 'string' }, seed: { type: 'string' } } });
    return { keystrokes: wholeNumber(values.keystrokes, values.quick ? 60 : 600), seed: wholeNumber(values.seed, 1) };
  } catch (error) {
    console.error(`${error.message}. Usage: ${usage}`);
    return null;
  }
}

async function type(servers, { keystrokes, seed }) {
  const script = scriptFor(readFileSync(join(root, sample), 'utf8').replaceAll('\r\n', '\n'), { seed, keystrokes: keystrokes + warmUp });
  const milliseconds = { local: [], remote: [] };
  let text = script.head, same = 0;
  for (const server of Object.values(servers)) await server.open(uri, text + script.tail, 'typescript');
  for (const [i, key] of script.keys.entries()) {
    text = key.back > 0 ? text.slice(0, -key.back) : text + key.text;
    const at = place(text, text.length);
    const took = {}, answers = {};
    for (const name of i % 2 === 0 ? ['local', 'remote'] : ['remote', 'local']) {
      await servers[name].notify('textDocument/didChange', { textDocument: { uri, version: i + 2 }, contentChanges: [{ text: text + script.tail }] });
      const from = performance.now();
      answers[name] = (await servers[name].inline(uri, at.line, at.character, 2))?.items[0]?.insertText ?? '';
      took[name] = performance.now() - from;
    }
    if (i >= warmUp) {
      for (const name of Object.keys(took)) milliseconds[name].push(took[name]);
      if (answers.local === answers.remote) same++;
    }
    await sleep(pause);
  }
  return { milliseconds, same };
}

function table({ milliseconds: { local, remote }, same }, { seed }) {
  const row = (name, share) => {
    const [a, b] = [percentile(local, share), percentile(remote, share)];
    return `${name.padEnd(30)}${a.toFixed(1).padStart(9)}${b.toFixed(1).padStart(9)}${(b - a).toFixed(1).padStart(9)}${(b / a).toFixed(3).padStart(9)}\n`;
  };
  const added = remote.map((value, i) => value - local[i]);
  return `${local.length} keystrokes, seed ${seed}; ${(100 * same / local.length).toFixed(0)} % of the answers the same\n\n`
    + `${'keystroke to answer, ms'.padEnd(30)}${'local'.padStart(9)}${'remote'.padStart(9)}${'added'.padStart(9)}${'ratio'.padStart(9)}\n`
    + row('p50', 0.5) + row('p95', 0.95) + row('p99', 0.99)
    + `added to the same key: p50 ${percentile(added, 0.5).toFixed(1)} ms, p95 ${percentile(added, 0.95).toFixed(1)} ms, p99 ${percentile(added, 0.99).toFixed(1)} ms\n`;
}
