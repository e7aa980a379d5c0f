// How a server starts and ends: initialize, exit codes, a client that dies, sockets and pipes.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { removeFolder } from '../../eng/lib/folders.mjs';
import { executable, failure, hasServer, hasTool, Server, withServer } from './server.js';

test('initialize says what the server can, before the model is there', t => withServer(t, {}, async server => {
  const { capabilities, serverInfo } = await server.start({ ready: false });
  assert.equal(capabilities.positionEncoding, 'utf-16');
  assert.deepEqual(capabilities.textDocumentSync, { openClose: true, change: 2 });
  assert.equal(capabilities.inlineCompletionProvider, true);
  assert.ok(capabilities.completionProvider);
  assert.equal(serverInfo.name, 'diffusion-lsp');
  assert.match(serverInfo.version, /^\d+\.\d+\.\d+/);
  assert.equal(await server.stop(), 0);
}));

test('status goes from loading to ready and names the model', t => withServer(t, {}, async server => {
  await server.start();
  const told = server.notifications.filter(n => n.method === '$/diffusion/status').map(n => n.params);
  assert.deepEqual(told.filter(s => s.progress === null && s.state !== 'starting').map(s => s.state), ['loading', 'ready']);
  for (const { state, progress } of told.filter(s => s.progress !== null)) assert.ok(state === 'loading' && progress > 0 && progress <= 1); // where loading takes its time
  const { message, ...ready } = await server.status('ready');
  assert.match(message, / on /);
  assert.deepEqual({ ...ready, model: typeof ready.model, device: typeof ready.device },
    { state: 'ready', model: 'string', device: 'string', decoder: 'auto', lastMilliseconds: null, lastForwards: null, progress: null, nothing: null });
  assert.equal(await server.stop(), 0);
}));

test('work-done progress runs while the model loads', t => withServer(t, {}, async server => {
  await server.start({ capabilities: { window: { workDoneProgress: true } } });
  await server.until(n => n.method === '$/progress' && n.params.value.kind === 'end');
  const kinds = server.notifications.filter(n => n.method === '$/progress').map(n => n.params.value.kind);
  assert.deepEqual(kinds.filter(kind => kind !== 'report'), ['begin', 'end']);
  assert.deepEqual([kinds[0], kinds.at(-1)], ['begin', 'end']);
  assert.equal(await server.stop(), 0);
}));

test('the embedded model is run without libtorch', async t => {
  if (process.platform !== 'linux' || process.env.DIFFUSION_LSP_TEST_REMOTE) return t.skip('maps are read from /proc, of a server with a model of its own');
  await withServer(t, { model: [] }, async server => {
    await server.start();
    await server.open('file:///w/a.py', 'def add(a, b):\n    return ', 'python');
    await server.inline('file:///w/a.py', 1, 11);
    const maps = readFileSync(`/proc/${server.process.pid}/maps`, 'utf8');
    assert.match(maps, /coreclr/);
    assert.doesNotMatch(maps, /libtorch|LibTorchSharp|libc10/);
    assert.equal(await server.stop(), 0);
  });
});

test('requests before initialize and after shutdown are refused', t => withServer(t, {}, async server => {
  assert.equal((await failure(server.inline('file:///a.cs', 0, 0))).code, -32002);
  await server.start({ ready: false });
  assert.equal((await failure(server.request('initialize', { capabilities: {} }))).code, -32600);
  await server.request('shutdown');
  assert.equal((await failure(server.inline('file:///a.cs', 0, 0))).code, -32600);
  await server.notify('exit');
  assert.equal(await server.exit, 0);
}));

test('exit without shutdown is exit code 1', t => withServer(t, {}, async server => {
  await server.start({ ready: false });
  await server.notify('exit');
  assert.equal(await server.exit, 1);
}));

test('a closed standard input ends the server with exit code 1, or 0 after shutdown', async t => {
  await withServer(t, {}, async server => {
    await server.start({ ready: false });
    server.process.stdin.end();
    assert.equal(await server.exit, 1);
  });
  await withServer(t, {}, async server => {
    await server.start({ ready: false });
    await server.request('shutdown');
    server.process.stdin.end();
    assert.equal(await server.exit, 0);
  });
});

test('a client that dies takes the server with it, even if its pipes stay open', t => withServer(t, {}, async server => {
  const editor = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  await once(editor, 'spawn');
  await server.start({ processId: editor.pid, ready: false });
  editor.kill('SIGKILL');
  await once(editor, 'exit');
  assert.equal(await server.exit, 1);
}));

test('a client whose process cannot be seen from here is served', async t => {
  for (const processId of [-1, 0, 4_000_000, 2 ** 31 - 1, 2 ** 31, 2 ** 40])
    await withServer(t, {}, async server => {
      await server.start({ processId, ready: false });
      await new Promise(resolve => setTimeout(resolve, 200));
      assert.equal(await server.inline('file:///never-opened', 0, 0), null);
      assert.equal(await server.stop(), 0);
    });
});

test('a killed client whose pipes close takes the server with it', async t => {
  if (!hasServer(t)) return;
  const script = `const s = require('child_process').spawn(${JSON.stringify(executable)}, ['lsp'], { stdio: ['pipe', 'ignore', 'ignore'] });
    console.log(s.pid); setInterval(() => {}, 1000);`;
  const client = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(client.stdout, 'data');
  const pid = Number(line.toString());
  assert.ok(isAlive(pid));
  client.kill('SIGKILL');
  for (let i = 0; i < 400 && isAlive(pid); i++) await new Promise(resolve => setTimeout(resolve, 50));
  assert.ok(!isAlive(pid), `the server ${pid} still runs`);
});

test('over a socket on which the client listens', async t => {
  if (!hasServer(t)) return;
  await overListener(listener => listener.listen(0, '127.0.0.1'), listener => ['--socket', `${listener.address().port}`]);
});

test('over a socket file on which the client listens', async t => {
  if (!hasServer(t) || !hasTool(t, process.platform !== 'win32', 'Windows has named pipes instead')) return;
  const folder = mkdtempSync(join(tmpdir(), 'dlsp-'));
  try {
    await overListener(listener => listener.listen(join(folder, 's')), () => ['--pipe', join(folder, 's')]);
  } finally {
    removeFolder(folder);
  }
});

async function overListener(listen, argumentsFor) {
  const listener = net.createServer();
  listen(listener);
  await once(listener, 'listening');
  const server = new Server({ args: ['lsp', ...argumentsFor(listener)], stdio: false });
  try {
    const [socket] = await once(listener, 'connection');
    server.connect(socket, socket);
    await server.start({ ready: false });
    assert.equal(await server.stop(), 0);
    assert.equal(Buffer.concat(server.stdout).length, 0);
  } finally {
    server.kill();
    listener.close();
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
