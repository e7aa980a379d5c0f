// npm run bench -- serve --storm: clients that send random requests to `serve`, in every dialect, streamed or not, in one file or none,
// as prefetches or not, and often disconnect before the answer. In the end every request must have been answered once and counted
// once by the server, none may still be running, and the memory must have stayed flat.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Serve } from '../../tests/clients/serve.js';
import { root } from '../lib/projects.mjs';
import { MemoryWatch } from './memory.mjs';
import { randomFrom } from './random.mjs';

const sample = 'eng/samples/typing/taskQueue.ts';
const leaving = 0.4; // share of requests
const longest = 600; // milliseconds until a client disconnects
const patience = 30_000;

/** How each endpoint is called, and the text of its answer, whole and streamed. */
const dialects = {
  '/infill': {
    ask: (prefix, suffix, { stream }) => ({ input_prefix: prefix, input_suffix: suffix, n_predict: 48, stream, input_extra: [{ filename: 'a/b.ts', text: suffix }] }),
    text: (body) => body.content,
    streamed: (text) => events(text).map((event) => event.content).join(''),
    ends: (text) => events(text).filter((event) => event.stop).length,
  },
  '/v1/completions': {
    ask: (prompt, suffix, { stream, path, background }) => ({ prompt, suffix, max_tokens: 48, stream, diffusion: { path, background } }),
    text: (body) => body.choices[0].text,
    streamed: (text) => events(text).map((event) => event.choices[0].text).join(''),
    ends: (text) => text.split('data: [DONE]').length - 1,
  },
  '/v1/fim/completions': {
    ask: (prompt, suffix, { stream }) => ({ prompt, suffix, max_tokens: 48, stream }),
    text: (body) => body.choices[0].message.content,
    streamed: (text) => events(text).map((event) => event.choices[0].delta.content).join(''),
    ends: (text) => text.split('data: [DONE]').length - 1,
  },
  '/api/generate': {
    ask: (prompt, suffix, { stream }) => ({ prompt, suffix, stream, options: { num_predict: 48 } }),
    text: (body) => body.response,
    streamed: (text) => text.trim().split('\n').map((line) => JSON.parse(line).response).join(''),
    ends: (text) => text.trim().split('\n').filter((line) => JSON.parse(line).done).length,
  },
};

const events = (text) => text.split('\n\n').filter((event) => event.startsWith('data: {')).map((event) => JSON.parse(event.slice('data: '.length)));

/**
 * Runs the storm.
 * @returns what was seen, as a table; "problems" is empty if none were found.
 */
export async function storm({ clients, seconds, seed = 1, model = [], tell = () => {} }) {
  const serve = await Serve.start({ args: ['--rate', '100000'], ...(model.length > 0 ? { model } : {}) });
  const memory = new MemoryWatch(serve.process.pid);
  const counts = { asked: 0, answered: 0, empty: 0, left: 0 };
  const problems = [];
  try {
    const text = readFileSync(join(root, sample), 'utf8');
    const end = performance.now() + seconds * 1000;
    const watch = (async () => {
      for (let told = performance.now(); performance.now() < end; await sleep(200)) {
        memory.look();
        if (performance.now() - told > 30_000) tell(`${JSON.stringify(counts)}, ${memory.samples.at(-1)?.toFixed(0)} MB`), (told = performance.now());
      }
    })();
    await Promise.all(Array.from({ length: clients }, (_, client) => rage({ serve, client, random: randomFrom(seed + client), text, end, counts, problems })));
    await watch;
    await settled(serve, counts, problems);
    const flatness = memory.afterWarmUp(seconds);
    if (flatness?.flat === false) problems.push(`memory went from ${flatness.from.toFixed(0)} to ${flatness.to.toFixed(0)} MB`);
    const code = await serve.stop();
    if (code !== 0) problems.push(`it ended with ${code}`);
    const failures = serve.stderr.split('\n').filter((line) => / (ERR|FTL) |^ {3}at |Exception/.test(line));
    if (failures.length > 0) problems.push(`the log tells of failures: ${failures.slice(0, 5).join(' | ')}`);
    return { ...counts, problems, table: table({ clients, seconds, ...counts }, flatness) };
  } finally {
    serve.process.kill('SIGKILL');
  }
}

/** One client, which sends its next request as soon as it is answered or has disconnected. */
async function rage({ serve, client, random, text, end, counts, problems }) {
  while (performance.now() < end) {
    const [path, dialect] = random.of(Object.entries(dialects));
    const cut = random.between(1, text.length - 1), stream = random.chance(0.5);
    const body = dialect.ask(text.slice(Math.max(0, cut - 2000), cut), text.slice(cut, cut + 1000), { stream, path: random.chance(0.5) ? 'src/taskQueue.ts' : undefined, background: random.chance(0.2) });
    const leave = new AbortController();
    const timer = random.chance(leaving) && setTimeout(() => leave.abort(), random.between(0, longest));
    counts.asked++;
    try {
      const answer = await serve.post(path, body, { 'x-session-id': `client-${client}` }, AbortSignal.any([leave.signal, AbortSignal.timeout(patience)]));
      const said = await answer.text();
      if (answer.status !== 200) problems.push(`${path} was answered with ${answer.status}: ${said}`);
      else if (stream && dialect.ends(said) !== 1) problems.push(`${path} ended ${dialect.ends(said)} times`);
      counts.answered++;
      if ((stream ? dialect.streamed(said) : dialect.text(JSON.parse(said))) === '') counts.empty++;
    } catch (error) {
      if (leave.signal.aborted) counts.left++;
      else problems.push(`${path} was not answered: ${error.message}`);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Waits until no request is running, and checks that the server has counted what its clients have. */
async function settled(serve, counts, problems) {
  const under = async () => await serve.metric('diffusion_lsp_requests_running') + await serve.metric('diffusion_lsp_requests_waiting');
  for (const end = performance.now() + patience; await under() > 0 && performance.now() < end;) await sleep(50);
  if (await under() > 0) problems.push('requests are still under way');
  if (await serve.metric('diffusion_lsp_kv_usage_ratio') !== 0) problems.push('sessions are still in use');
  const lines = (await (await fetch(`${serve.url}/metrics`)).text()).split('\n').filter((line) => line.startsWith('diffusion_lsp_requests_total{'));
  const total = (outcome) => lines.filter((line) => line.includes(`outcome="${outcome}"`)).reduce((sum, line) => sum + Number(line.split(' ')[1]), 0);
  const [answered, cancelled] = [total('200'), total('cancelled')];
  // A client that disconnects may have been answered meanwhile, or have left before the server saw its request.
  if (answered < counts.answered || answered + cancelled > counts.asked) problems.push(`the server counts ${answered} answered and ${cancelled} cancelled, its clients ${counts.answered} answered of ${counts.asked}`);
  if (lines.some((line) => !/outcome="(200|cancelled)"/.test(line))) problems.push(`the server counts other outcomes: ${lines.join(' ')}`);
}

function table({ clients, seconds, asked, answered, empty, left }, memory) {
  return '| Clients | Seconds | Asked | Answered | Of these empty | Left before | Memory after warm-up, MB |\n|---:|---:|---:|---:|---:|---:|---|\n'
    + `| ${clients} | ${seconds} | ${asked} | ${answered} | ${empty} | ${left} | ${memory ? `${memory.from.toFixed(0)} to ${memory.to.toFixed(0)}` : 'not measured: there is no /proc'} |\n`;
}
