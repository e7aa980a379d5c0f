// `serve` with the embedded model and the programs' own client libraries: each completes the same hole.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { Mistral } from '@mistralai/mistralai';
import { Ollama } from 'ollama';
import OpenAI from 'openai';
import { Serve } from './serve.js';
import { hasCommand, hasServer } from './server.js';

const prefix = 'def add(a, b):\n    return ';
const suffix = '\n\nprint(add(1, 2))\n';
const expected = 'a + b';
const marks = `<|fim_prefix|>${prefix}<|fim_suffix|>${suffix}<|fim_middle|>`;
const patient = { diffusion: { budget_ms: 60_000 } }; // a busy machine is no reason to fail
let serve;

before(async () => {
  if (!hasServer({ name: 'serve', skip() {} })) return;
  serve = await Serve.start();
  await serve.post('/v1/completions', { prompt: prefix, suffix, ...patient }); // the first forwards are slow
});
after(() => serve?.stop());

for (const [name, complete] of Object.entries({
  async 'openai JS'() {
    const client = new OpenAI({ baseURL: `${serve.url}/v1`, apiKey: 'none' });
    const answer = await client.completions.create({ model: 'any', prompt: prefix, suffix, max_tokens: 16 });
    assert.deepEqual(Object.keys(answer.usage), ['prompt_tokens', 'completion_tokens', 'total_tokens']);
    return answer.choices[0].text;
  },
  async 'openai JS, streamed, with marks'() {
    const client = new OpenAI({ baseURL: `${serve.url}/v1`, apiKey: 'none' });
    let text = '', last;
    for await (const chunk of await client.completions.create({ model: 'any', prompt: marks, stream: true })) {
      text += chunk.choices[0].text;
      last = chunk.choices[0].finish_reason;
    }
    assert.equal(last, 'stop');
    return text;
  },
  async 'ollama JS'() {
    const client = new Ollama({ host: serve.url });
    assert.match((await client.show({ model: 'nano' })).template, /\.Suffix/);
    assert.equal((await client.list()).models[0].name, 'nano');
    return (await client.generate({ model: 'nano', prompt: prefix, suffix, stream: false })).response;
  },
  async 'ollama JS, streamed'() {
    let text = '';
    for await (const part of await new Ollama({ host: serve.url }).generate({ model: 'nano', prompt: prefix, suffix, stream: true })) text += part.response;
    return text;
  },
  async '@mistralai/mistralai'() {
    const client = new Mistral({ serverURL: serve.url, apiKey: 'none' });
    return (await client.fim.complete({ model: 'codestral-latest', prompt: prefix, suffix })).choices[0].message.content;
  },
  async '@mistralai/mistralai, streamed'() {
    let text = '';
    for await (const event of await new Mistral({ serverURL: serve.url, apiKey: 'none' }).fim.stream({ model: 'codestral-latest', prompt: prefix, suffix })) text += event.data.choices[0].delta.content;
    return text;
  },
  async 'curl as llama.vim calls it'(t) {
    if (!hasCommand(t, 'curl')) return expected;
    const body = JSON.stringify({ input_prefix: 'def add(a, b):\n', prompt: '    return ', input_suffix: suffix, input_extra: [], n_predict: 64, stop: [], samplers: ['top_k'], t_max_prompt_ms: 60_000, t_max_predict_ms: 1000, response_fields: ['content', 'timings/prompt_n'], model: '' });
    const { stdout } = spawnSync('curl', ['--silent', '--no-buffer', '--request', 'POST', '--url', `${serve.url}/infill`, '--header', 'Content-Type: application/json', '--data', body], { encoding: 'utf8' });
    assert.match(stdout, /^\{"content":"[^\n]*\}$/); // it searches the line as text
    assert.ok('timings/prompt_n' in JSON.parse(stdout));
    return JSON.parse(stdout).content;
  },
})) {
  test(`${name} completes a hole`, async (t) => {
    if (!hasServer(t)) return;
    assert.equal(await complete(t), expected);
  });
}

test('three equal requests at once are one decode', async (t) => {
  if (!hasServer(t)) return;
  const joined = await serve.metric('diffusion_lsp_joined_requests_total');
  const body = { prompt: `${'# a long comment that has to be read first\n'.repeat(60)}def twice(n):\n    return `, suffix: '\n', max_tokens: 64, ...patient };
  const texts = await Promise.all([1, 2, 3].map(async () => (await (await serve.post('/v1/completions', body)).json()).choices[0].text));
  assert.equal(new Set(texts).size, 1);
  assert.equal(await serve.metric('diffusion_lsp_joined_requests_total') - joined, 2);
});

test('a warm-up without text is answered at once, without a decode', async (t) => {
  if (!hasServer(t)) return;
  const forwards = await serve.metric('diffusion_lsp_forwards_total');
  assert.equal((await (await serve.post('/api/generate', { model: 'nano', stream: false })).json()).response, '');
  assert.equal((await (await serve.post('/infill', { input_prefix: 'x = ', n_predict: 0 })).json()).content, '');
  assert.equal(await serve.metric('diffusion_lsp_forwards_total'), forwards);
});

test('a closed connection cancels its decode, and the next request is answered', async (t) => {
  if (!hasServer(t)) return;
  const leave = new AbortController();
  const gone = serve.post('/v1/completions', { prompt: `${'x = y + 1 # different from all others\n'.repeat(100)}class A:\n`, suffix: '\n', max_tokens: 4096, diffusion: { budget_ms: 60_000, raw: true, single_line: false } }, {}, leave.signal);
  await serve.until(async () => await serve.metric('diffusion_lsp_requests_running') === 1);
  leave.abort();
  await assert.rejects(gone);
  await serve.until(async () => await serve.metric('diffusion_lsp_requests_running') === 0);
  assert.equal(await serve.metric('diffusion_lsp_requests_total{endpoint="/v1/completions",outcome="cancelled"}'), 1);
  assert.equal((await serve.post('/v1/completions', { prompt: prefix, suffix, ...patient })).status, 200);
});
