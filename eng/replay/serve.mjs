// npm run bench -- serve: N clients request completions from `serve` at once, for each endpoint, compared with a single client. Prints
// completions per second, percentiles, errors, and how many were empty (no suggestion, or too late). Every client has its own texts, so that nothing is shared between them.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { Serve } from '../../tests/clients/serve.js';
import { root } from '../lib/projects.mjs';
import { wholeNumber } from './numbers.mjs';
import { randomFrom } from './random.mjs';
import { percentile } from './report.mjs';
import { storm } from './storm.mjs';

const usage = 'npm run bench -- serve [--quick] [--clients N] [--seconds N (per endpoint)] [--seed N] [--model DIR] [--json FILE] | --storm [--quick] [--clients N] [--seconds N] [--seed N] [--model DIR]';
const sample = 'eng/samples/typing/taskQueue.ts';
const budget = 60_000; // milliseconds: the benchmark measures time, so no request may be abandoned

/** How each endpoint is called. */
const endpoints = {
  '/infill': (prefix, suffix) => ({ input_prefix: prefix, input_suffix: suffix, n_predict: 32, t_max_prompt_ms: budget, response_fields: ['content'] }),
  '/v1/completions': (prompt, suffix) => ({ prompt, suffix, max_tokens: 32, diffusion: { budget_ms: budget } }),
  '/v1/fim/completions': (prompt, suffix) => ({ prompt, suffix, max_tokens: 32 }),
  '/api/generate': (prompt, suffix) => ({ prompt, suffix, stream: false, options: { num_predict: 32 } }),
};

/** Runs the benchmark. Returns the exit code: 1 if a request failed. */
export async function benchServe(args) {
  const options = parse(args);
  if (!options) return 2;
  if (options.storm) return benchStorm(options);
  const serve = await Serve.start({ args: ['--rate', '100000', '--max-waiting', '1024'], ...(options.model ? { model: ['--model', options.model] } : {}) });
  try {
    const text = readFileSync(join(root, sample), 'utf8');
    await drive(serve, '/infill', text, { ...options, clients: 1, seconds: 2 }); // the first forwards are slow
    const rows = [];
    for (const path of Object.keys(endpoints)) {
      process.stderr.write(`${path} …\n`);
      const alone = await drive(serve, path, text, { ...options, clients: 1 });
      const together = await drive(serve, path, text, options);
      rows.push({ path, clients: options.clients, alone, together, ratio: together.perSecond / alone.perSecond });
    }
    process.stdout.write(table(rows));
    if (options.json) writeFileSync(options.json, `${JSON.stringify(rows, null, 2)}\n`);
    return rows.every((row) => row.alone.errors + row.together.errors === 0) ? 0 : 1;
  } finally {
    await serve.stop();
  }
}

/** Runs the storm and reports. */
async function benchStorm(options) {
  const { table, problems } = await storm({ ...options, tell: console.error });
  process.stdout.write(table);
  for (const problem of problems.slice(0, 20)) console.log(`PROBLEM ${problem}`);
  console.log(problems.length === 0 ? 'No problems.' : `${problems.length} problems.`);
  return problems.length === 0 ? 0 : 1;
}

/** Clients that each send the next request as soon as they are answered, until the time is over. */
async function drive(serve, path, text, { clients, seconds, seed }) {
  const times = [];
  let errors = 0, empty = 0;
  const begin = performance.now(), end = begin + seconds * 1000;
  await Promise.all(Array.from({ length: clients }, async (_, client) => {
    const random = randomFrom(seed + client);
    while (performance.now() < end) {
      const cut = random.between(1, text.length - 1);
      const asked = performance.now();
      const answer = await serve.post(path, endpoints[path](text.slice(Math.max(0, cut - 2000), cut), text.slice(cut, cut + 1000)), { 'x-session-id': `client-${client}` });
      const body = await answer.json();
      if (answer.status !== 200 || body.error) errors++;
      else times.push(performance.now() - asked);
      if ((body.content ?? body.response ?? body.choices?.[0].text) === '') empty++;
    }
  }));
  return { completions: times.length, errors, empty, perSecond: times.length / ((performance.now() - begin) / 1000), p50: percentile(times, 0.5), p95: percentile(times, 0.95), p99: percentile(times, 0.99) };
}

function table(rows) {
  const percent = (part, all) => `${(100 * part / Math.max(1, all)).toFixed(1)} %`;
  const line = (path, clients, r, ratio) => `| ${path} | ${clients} | ${r.perSecond.toFixed(1)} | ${r.p50.toFixed(0)} | ${r.p95.toFixed(0)} | ${r.p99.toFixed(0)} | ${percent(r.errors, r.errors + r.completions)} | ${percent(r.empty, r.completions)} | ${ratio} |\n`;
  return '| Endpoint | Clients | Completions/s | p50 ms | p95 ms | p99 ms | Errors | Empty | To one client |\n|---|---|---|---|---|---|---|---|---|\n'
    + rows.map((row) => line(row.path, 1, row.alone, '') + line(row.path, row.clients, row.together, row.ratio.toFixed(2))).join('');
}

function parse(args) {
  try {
    const { values } = parseArgs({ args, options: { quick: { type: 'boolean' }, clients: { type: 'string' }, seconds: { type: 'string' }, seed: { type: 'string' }, model: { type: 'string' }, json: { type: 'string' }, storm: { type: 'boolean' } } });
    if (values.storm) return { storm: true, clients: wholeNumber(values.clients, 50), seconds: wholeNumber(values.seconds, values.quick ? 20 : 600), seed: wholeNumber(values.seed, 1), model: values.model ? ['--model', values.model] : [] };
    return { clients: wholeNumber(values.clients, 8), seconds: wholeNumber(values.seconds, values.quick ? 2 : 20), seed: wholeNumber(values.seed, 1), model: values.model, json: values.json };
  } catch (error) {
    console.error(`${error.message}\n${usage}`);
    return undefined;
  }
}
