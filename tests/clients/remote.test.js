// The language server with `remoteUrl`: everything real, `serve` with the real model on the other side.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import test from 'node:test';
import { Serve } from './serve.js';
import { delay, hasServer, withServer } from './server.js';

const text = 'def add(a, b):\n    return ';
const place = [1, 11];

const message = (server, fits) => server.until(n => n.method === '$/diffusion/status' && n.params.state === 'ready' && fits.test(n.params.message), 60_000);

test('the ordinary scenarios hold with a remote engine', async t => {
  if (!hasServer(t)) return;
  const serve = await Serve.start();
  try {
    const files = ['completion.test.js', 'refill.test.js'].map(name => fileURLToPath(new URL(name, import.meta.url)));
    const { NODE_TEST_CONTEXT: _, ...env } = process.env; // else the inner run reports as a part of this one
    const run = spawnSync(process.execPath, ['--test', '--test-concurrency=1', '--test-reporter=tap', ...files], {
      env: { ...env, DIFFUSION_LSP_TEST_REMOTE: serve.url }, encoding: 'utf8', maxBuffer: 1 << 26,
    });
    assert.equal(run.status, 0, run.stdout.split('\n').filter(line => line.startsWith('not ok')).join('\n') || run.stderr);
    assert.ok(Number(/^# pass (\d+)$/m.exec(run.stdout)[1]) >= 15, run.stdout);
    assert.ok(await serve.metric('diffusion_lsp_requests_total{endpoint="/v1/completions",outcome="200"}') >= 15);
  } finally {
    await serve.stop();
  }
});

test('while the engine is down the embedded model answers, and when it is back the engine does', t => withServer(t, {}, async server => {
  let serve = await Serve.start();
  const listen = new URL(serve.url).host;
  try {
    await server.start({ options: { debounceMs: 0, cacheEntries: 0, prefetch: false, remoteUrl: serve.url } });
    await message(server, new RegExp(`^nano at ${listen}`));
    await server.open('file:///w/a.py', text, 'python');
    const complete = async () => (await server.inline('file:///w/a.py', ...place))?.items[0]?.insertText;
    const elsewhere = await complete();
    assert.match(elsewhere, /a \+ b/);
    serve.process.kill('SIGKILL');
    await serve.exit;
    for (let i = 0; i < 4; i++) assert.equal(await complete(), elsewhere); // the same weights
    await message(server, /does not answer \(connection refused\); nano answers instead\./);

    serve = await Serve.start({ listen });
    server.notifications.length = 0;
    for (let i = 0; i < 100 && !server.notifications.some(n => n.params?.message?.startsWith('nano at ')); i++) {
      assert.equal(await complete(), elsewhere);
      await delay(200);
    }
    await message(server, /^nano at /);
    assert.equal(await complete(), elsewhere);
    assert.equal(await serve.metric('diffusion_lsp_requests_total{endpoint="/v1/completions",outcome="200"}'), 1);
    assert.equal(await server.stop(), 0);
  } finally {
    await serve.stop();
  }
}));
