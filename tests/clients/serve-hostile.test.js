// Hostile requests to `serve`: each is rejected with a status and a sentence, nothing hangs, and no code is logged.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { request } from 'node:http';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { Serve } from './serve.js';
import { dataFolder, executable, hasServer } from './server.js';

const key = 'a-key-of-the-tests-alone';
const canary = 'canary_5fba93';
const authorization = { authorization: `Bearer ${key}` };
const hole = { prompt: `${canary} = `, suffix: '\n' };
let serve;

before(async () => {
  if (!hasServer({ name: 'serve', skip() {} })) return;
  serve = await Serve.start({ args: ['--log-level', 'trace'], env: { DIFFUSION_LSP_KEYS: `tests ${key}` } });
});
after(() => serve?.stop());

/** Status of a request whose headers fetch would not allow. */
const raw = (headers) => new Promise((resolve, reject) => {
  request(serve.url + '/props', { headers: { ...authorization, ...headers } }, (answer) => { answer.resume(); resolve(answer.statusCode); }).on('error', reject).end();
});

for (const [what, status, send] of [
  ['no key', 401, () => serve.post('/v1/completions', hole)],
  ['a wrong key', 401, () => serve.post('/v1/completions', hole, { authorization: `Bearer ${key}x` })],
  ['a key in another header', 200, () => serve.post('/v1/completions', hole, { 'x-api-key': key })],
  ['no key for metrics', 401, () => fetch(`${serve.url}/metrics`)],
  ['no key for readiness', 200, () => fetch(`${serve.url}/health`)],
  ['a form of a web page', 415, () => serve.post('/v1/completions', hole, { ...authorization, 'content-type': 'text/plain' })],
  ['a body of 5 MB', 413, () => serve.post('/v1/completions', { prompt: 'x'.repeat(5 << 20) }, authorization)],
  ['a body of 60 MB', 413, () => serve.post('/v1/completions', { prompt: 'x'.repeat(60 << 20) }, authorization)],
  ['a body of 5 MB in pieces, without a length', 413, () => fetch(`${serve.url}/v1/completions`, {
    method: 'POST', headers: { ...authorization, 'content-type': 'application/json' }, duplex: 'half', body: ReadableStream.from(Array(80).fill(Buffer.alloc(64 << 10, 'x'))) })],
  ['deep JSON', 400, () => serve.post('/v1/completions', '['.repeat(100_000), authorization)],
  ['half JSON', 400, () => serve.post('/v1/completions', '{"prompt":', authorization)],
  ['half of a surrogate pair', 400, () => serve.post('/v1/completions', '{"prompt":"\\ud800"}', authorization)],
  ['a negative number', 400, () => serve.post('/infill', { input_prefix: 'x', n_predict: -1e9 }, authorization)],
  ['a huge number', 400, () => serve.post('/infill', '{"input_prefix":"x","n_predict":1e400}', authorization)],
  ['far too many extras', 400, () => serve.post('/infill', { input_extra: Array(257).fill({ text: '' }) }, authorization)],
  ['another path', 404, () => serve.post('/api/pull', { model: 'x' }, authorization)],
  ['another method', 405, () => fetch(`${serve.url}/infill`, { headers: authorization })],
]) {
  test(`${what}: ${status}`, async (t) => {
    if (!hasServer(t)) return;
    const answer = await send();
    const body = await answer.text();
    assert.equal(answer.status, status, body);
    if (status !== 200) assert.match(JSON.parse(body).error.message ?? JSON.parse(body).error, /^[A-Z"].*\.$/);
    assert.equal(answer.headers.get('server'), null);
    assert.equal(answer.headers.get('access-control-allow-origin'), null);
  });
}

test('other names and web pages are refused', async (t) => {
  if (!hasServer(t)) return;
  assert.equal(await raw({}), 200);
  assert.equal(await raw({ host: 'rebound.example' }), 403);
  assert.equal(await raw({ origin: 'https://page.example' }), 403);
});

test('stalled and broken connections harm nobody', async (t) => {
  if (!hasServer(t)) return;
  const { hostname, port } = new URL(serve.url);
  const stalled = Array.from({ length: 100 }, (_, i) => {
    const socket = connect(Number(port), hostname, () => socket.write(i % 2 ? 'POST /infill HTTP/1.1\r\nHost: local' : '\x16\x03\x01 no HTTP\r\n\r\n'));
    return socket.on('error', () => {});
  });
  assert.equal((await serve.post('/v1/completions', hole, authorization)).status, 200);
  for (const socket of stalled) socket.destroy();
});

test('a client that leaves in the middle of its body is no error', async (t) => {
  if (!hasServer(t)) return;
  const total = (outcome) => serve.metric(`diffusion_lsp_requests_total{endpoint="/completion",outcome="${outcome}"}`, authorization);
  const { hostname, port } = new URL(serve.url);
  const leave = (end) => {
    const socket = connect(Number(port), hostname, () => socket.write(`POST /completion HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"prompt":`, () => setTimeout(() => end(socket), 20)));
    socket.on('error', () => {});
  };
  for (let i = 0; i < 10; i++) leave((socket) => (i % 2 ? socket.end() : socket.resetAndDestroy()));
  await serve.until(async () => await total('cancelled') === 10);
  assert.equal(await total('400'), 0);
});

test('requests that come and go at random leave nothing behind', async (t) => {
  if (!hasServer(t)) return;
  const statuses = await Promise.all(Array.from({ length: 60 }, async (_, i) => {
    const leave = new AbortController();
    if (i % 2) setTimeout(() => leave.abort(), i * 3);
    try {
      return (await serve.post('/v1/completions', { prompt: `x${i} = `, suffix: '\n' }, { ...authorization, 'x-session-id': `${i}` }, leave.signal)).status;
    } catch {
      return 'left';
    }
  }));
  assert.ok(statuses.every((s) => [200, 429, 503, 'left'].includes(s)), `${statuses}`);
  assert.ok(statuses.includes(200));
  await serve.until(async () => await serve.metric('diffusion_lsp_requests_running', authorization) === 0);
});

test('off the loopback it does not start open', (t) => {
  if (!hasServer(t)) return;
  const { status, stderr } = spawnSync(executable, ['serve', '--listen', '0.0.0.0:0'], { encoding: 'utf8', env: { ...process.env, XDG_DATA_HOME: dataFolder } });
  assert.equal(status, 1);
  assert.match(stderr, /^Anyone who can reach .*\.\n$/);
});

test('it ends when it is told to, and has told no code and no key', async (t) => {
  if (!hasServer(t)) return;
  const metrics = await (await fetch(`${serve.url}/metrics`, { headers: authorization })).text();
  assert.equal(await serve.stop(), 0);
  assert.equal(serve.stdout, '');
  assert.match(serve.stderr, /\/v1\/completions by tests: 200/);
  for (const text of [metrics, serve.stderr]) for (const secret of [canary, key]) assert.ok(!text.includes(secret));
});
