// Misbehaving clients and native code: the server answers in order, or ends cleanly.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, readdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { removeFolder } from '../../eng/lib/folders.mjs';
import { assertOnlyLsp, dataFolder, delay, executable, failure, hasServer, hasTool, modelArguments, withServer } from './server.js';

const uri = 'file:///w/a.cs';

test('bad parameters are -32602, named, without a stack trace', t => withServer(t, {}, async server => {
  await server.start({ ready: false });
  const position = { line: 0, character: 0 };
  for (const bad of [{}, null, [], [1, 2], { textDocument: { uri } }, { textDocument: { uri }, position: null }, { textDocument: { uri: 5 }, position },
    { textDocument: { uri }, position: { line: -1, character: 0 } }, { textDocument: { uri }, position: { line: 0.5, character: 0 } },
    { textDocument: uri, position }, { textDocument: { uri }, position, context: { triggerKind: 'x' } }]) {
    const error = await failure(server.request('textDocument/inlineCompletion', bad));
    assert.equal(error.code, -32602, JSON.stringify(bad));
    assert.equal(error.data, undefined);
    assert.doesNotMatch(error.message, / at |\.cs:|DiffusionLsp\./);
  }
  // Beyond every document is a place like any other: its end.
  assert.equal(await server.request('textDocument/inlineCompletion', { textDocument: { uri }, position: { line: 1e12, character: 0 } }), null);
  assert.equal(await server.stop(), 0);
}));

test('unknown requests are -32601, unknown and malformed notifications are ignored', t => withServer(t, {}, async server => {
  await server.start({ ready: false });
  assert.equal((await failure(server.request('textDocument/hover', {}))).code, -32601);
  assert.equal((await failure(server.request('$/unheardOf', {}))).code, -32601);
  for (const [method, params] of [['$/unheardOf', {}], ['workspace/didUnheardOf', { a: 1 }], ['textDocument/didOpen', { textDocument: {} }],
    ['textDocument/didChange', {}], ['textDocument/didChange', { textDocument: { uri: 'file:///never-opened', version: 1 }, contentChanges: [{ text: '' }] }],
    ['textDocument/didClose', { textDocument: { uri: 'file:///never-opened' } }], ['$/setTrace', { value: 'odd' }], ['$/cancelRequest', { id: 4711 }]])
    await server.notify(method, params);
  assert.equal(await server.stop(), 0);
}));

test('a document that is not open is answered null', t => withServer(t, {}, async server => {
  await server.start({ ready: false });
  assert.equal(await server.inline('file:///never-opened', 0, 0), null);
  assert.equal(await server.stop(), 0);
}));

test('places beyond the text are clamped', t => withServer(t, {}, async server => {
  await server.start();
  await server.open(uri, 'a\r\nb');
  for (const [line, character] of [[0, 99], [99, 0], [1, 2 ** 31 - 1], [2 ** 31 - 1, 0]])
    assert.ok(Array.isArray((await server.inline(uri, line, character)).items));
  assert.equal(await server.stop(), 0);
}));

test('who writes before it reads is read to the end and answered', t => withServer(t, {}, async server => {
  await server.start({ ready: false });
  await server.open(uri, 'x'.repeat(3000));
  server.process.stdout.pause();
  const answers = [], padding = 'x'.repeat(1000);
  for (let i = 0; i < 1000; i++) answers.push(server.request('$/diffusion/text', { textDocument: { uri }, padding })); // megabytes each way, which no pipe holds
  await delay(200); // the requests are on their way
  const behindThem = new Promise(resolve => server.process.stdin.write('', resolve));
  assert.notEqual(await Promise.race([behindThem, delay(20_000).then(() => 'stuck')]), 'stuck');
  server.process.stdout.resume();
  assert.ok((await Promise.all(answers)).every(answer => answer.text.length === 3000));
  assert.equal(await server.stop(), 0);
}));

test('a message of megabytes is taken, one over the limit is skipped', async t => withServer(t, {}, async server => {
  await server.start({ ready: false });
  await server.open(uri, 'x'.repeat(20 << 20));
  assert.deepEqual(await server.inline(uri, 0, 5), { items: [] }); // too large for completions
  server.process.stdin.write(`Content-Length: ${65 << 20}\r\n\r\n`);
  for (let i = 0; i < 65; i++) server.process.stdin.write('x'.repeat(1 << 20));
  assert.equal(await server.inline('file:///never-opened', 0, 0), null);
  assert.equal(await server.stop(), 0);
}));

test('JSON that is none is answered -32700 and the server lives', t => withServer(t, {}, async server => {
  await server.start({ ready: false });
  server.process.stdin.write('Content-Length: 5\r\n\r\n{"a":');
  await delay(200);
  assert.equal(await server.stop(), 0);
  assert.ok(assertOnlyLsp(Buffer.concat(server.stdout)).some(m => m.error?.code === -32700 && m.id === null));
}));

test('rubbish between messages is skipped with one line of the log', t => withServer(t, {}, async server => {
  await server.start({ ready: false });
  server.process.stdin.write('hello\r\n\r\nGET / HTTP/1.1\r\n\r\n');
  assert.equal(await server.inline('file:///never-opened', 0, 0), null);
  assert.equal(await server.stop(), 0);
  assert.equal(server.stderr.match(/belong to no message/g)?.length, 1, server.stderr);
}));

test('who does not read standard error gets every answer, and learns what it missed', t => withServer(t, {}, async server => {
  await server.start();
  await server.open(uri, 'var x = \n'.repeat(20));
  server.process.stderr.pause();
  // Every request is a line of the log; most are refused, which is fast.
  const ask = i => i % 10 === 0 ? server.inline(uri, 0, 8) : failure(server.request('textDocument/inlineCompletion', {}));
  for (let i = 0; i < 3000; i++) assert.ok(await Promise.race([ask(i), delay(30_000).then(() => null)]), `request ${i} was not answered`);
  server.process.stderr.resume();
  await delay(200); // what fits again is seen by the next line
  await server.inline(uri, 0, 8);
  assert.equal(await server.stop(), 0);
  assert.match(server.stderr, /\(\d+ log lines were dropped because standard error was not read\)/);
}));

test('exit ends a server whose answers nobody reads', t => withServer(t, { stdio: false }, async server => {
  server.process.stdout.pause();
  const send = message => {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message });
    server.process.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  };
  send({ id: 1, method: 'initialize', params: { capabilities: {} } });
  send({ method: 'textDocument/didOpen', params: { textDocument: { uri, text: 'x'.repeat(3000) } } });
  for (let i = 0; i < 500; i++) send({ id: 10 + i, method: '$/diffusion/text', params: { textDocument: { uri } } });
  send({ id: 2, method: 'shutdown' });
  send({ method: 'exit' });
  assert.equal(await Promise.race([new Promise(resolve => server.process.once('exit', resolve)), delay(30_000).then(() => 'alive')]), 0);
}));

test('a closed standard output ends the server, even one that nobody asks', async t => {
  if (!hasTool(t, process.platform !== 'win32', 'Windows does not tell of closed pipes')) return;
  await withServer(t, {}, async server => {
    await server.start({ ready: false });
    server.process.stdout.destroy();
    assert.equal(await Promise.race([new Promise(resolve => server.process.once('exit', resolve)), delay(30_000).then(() => 'alive')]), 1);
  });
});

test('switched off, a trace and forty doctors are answered without a model', t => withServer(t, {}, async server => {
  await server.start({ options: { enabled: false }, ready: false });
  await server.open(uri, 'var x = ');
  const error = await failure(server.request('$/diffusion/trace', { textDocument: { uri }, position: { line: 0, character: 8 } }));
  assert.equal(error.code, -32803);
  assert.match(error.message, /turned off/);
  for (let i = 0; i < 40; i++) assert.match((await server.request('$/diffusion/doctor', null)).report, /turned off/);
  if (existsSync('/proc/self/status')) assert.ok(Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${server.process.pid}/status`, 'utf8'))[1]) < 600 << 10);
  assert.equal(await server.stop(), 0);
}));

test('what native code prints to descriptor 1 goes to standard error', async t => {
  if (!hasTool(t, existsSync('/proc/self/fd'), 'this system has no /proc')) return;
  const folder = mkdtempSync(join(tmpdir(), 'dlsp-'));
  try {
    const file = join(folder, 'stderr');
    await withServer(t, { stderr: openSync(file, 'a') }, async server => {
      await server.start();
      const native = openSync(`/proc/${server.process.pid}/fd/1`, 'a'); // writes what a printf in the process would
      writeSync(native, 'a native library says hello\n');
      await server.open(uri, 'var x = ');
      await server.inline(uri, 0, 8);
      writeSync(native, 'Content-Length: 3\r\n\r\n{}\n');
      assert.equal(await server.stop(), 0);
    });
    assert.match(readFileSync(file, 'utf8'), /a native library says hello/);
  } finally {
    removeFolder(folder);
  }
});

test('the log tells of each completion and holds no code', t => withServer(t, {}, async server => {
  await server.start();
  await server.open(uri, 'var verySecretName = 1;\nvar verySecretNa');
  await server.inline(uri, 1, 16);
  assert.equal(await server.stop(), 0);
  assert.match(server.stderr, /completion 1: (\d+ chars|nothing: \w+), decode, [\d.]+ ms, wait [\d.]+, tokenize [\d.]+, prompt [\d.]+ \(\d+\/\d+ cached\), decode [\d.]+, \d+ forwards/);
  assert.doesNotMatch(server.stderr, /verySecret/);
}));

test('a model that is not there is a status with a cure, not a crash', t =>
  withServer(t, { args: ['lsp', '--model', join(tmpdir(), 'no-such-model')], model: [] }, async server => {
    await server.start({ ready: false });
    const { params } = await server.until(n => n.params?.state === 'error');
    assert.match(params.message, /no-such-model/);
    await server.open(uri, 'var x = ');
    assert.deepEqual(await server.inline(uri, 0, 8), { items: [] });
    assert.equal(await server.stop(), 0);
  }));

test('infill keeps its contract over files and pipes', t => {
  if (!hasServer(t)) return;
  const folder = mkdtempSync(join(tmpdir(), 'dlsp-'));
  try {
    const input = [{ id: 'a', prefix: 'int x = ', suffix: ';\n', language: 'csharp', path: 'a.cs', singleLine: true }, 'rubbish', { id: 2, prefix: 'import ', suffix: '', maxTokens: 4 }]
      .map(line => typeof line === 'string' ? line : JSON.stringify(line)).join('\n') + '\n';
    writeFileSync(join(folder, 'in.jsonl'), input);
    const toFile = spawnSync(executable, ['infill', '--input', join(folder, 'in.jsonl'), '--output', join(folder, 'out.jsonl'), ...modelArguments], { encoding: 'utf8' });
    assert.equal(toFile.status, 0, toFile.stderr);
    assert.match(toFile.stderr, /3 lines answered, 1 of them with an error/);
    assert.equal(toFile.stdout, '');
    const toPipe = spawnSync(executable, ['infill', '--input', '-', '--output', '-', ...modelArguments], { input, encoding: 'utf8' });
    assert.equal(toPipe.status, 0, toPipe.stderr);
    const answers = toPipe.stdout.trimEnd().split('\n').map(l => JSON.parse(l));
    const fromFile = readFileSync(join(folder, 'out.jsonl'), 'utf8').trimEnd().split('\n').map(l => JSON.parse(l));
    for (const list of [answers, fromFile]) {
      assert.deepEqual(list.map(a => a.id), ['a', null, 2]);
      assert.deepEqual(Object.keys(list[0]), ['id', 'completion', 'stopReason', 'forwards', 'tokens', 'confidence', 'milliseconds']);
      assert.deepEqual(Object.keys(list[1]), ['id', 'error']);
      assert.ok(list[2].tokens <= 4);
    }
    assert.deepEqual(answers.map(a => a.completion), fromFile.map(a => a.completion));
  } finally {
    removeFolder(folder);
  }
});

test('complete shows a picture and JSON; wrong use is one sentence and exit code 1 or 2', t => {
  if (!hasServer(t)) return;
  const folder = mkdtempSync(join(tmpdir(), 'dlsp-'));
  try {
    const file = join(folder, 'a.py');
    writeFileSync(file, 'def add(a, b):\n    return ');
    const run = (...args) => spawnSync(executable, ['complete', ...args, ...modelArguments], { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } });
    const picture = run(`${file}:2:12`);
    assert.equal(picture.status, 0, picture.stderr);
    assert.match(picture.stdout, /^ +1 \| def add\(a, b\):\n +2 \| {5}return ├[^]*┤/);
    assert.match(picture.stdout, /forwards · tokenize/);
    const json = run(`${file}:2:12`, '--json');
    const answer = JSON.parse(json.stdout);
    assert.equal(answer.line, 2);
    assert.ok(answer.forwards > 0 && answer.milliseconds.total > 0);
    for (const [args, code] of [[[`${file}:9:1`], 1], [[file], 1], [[`${file}:2:12`, '--threshold', '7'], 2], [[`${file}:2:12`, '--nope'], 2], [[], 2]]) {
      const bad = run(...args);
      assert.equal(bad.status, code, bad.stderr);
      assert.equal(bad.stdout, '');
      assert.equal(bad.stderr.trimEnd().split('\n').length, 1, bad.stderr);
    }
  } finally {
    removeFolder(folder);
  }
});

test('doctor checks each thing, with exit code 0 where all is well', t => {
  if (!hasServer(t)) return;
  const good = spawnSync(executable, ['doctor', ...modelArguments], { encoding: 'utf8' });
  assert.equal(good.status, 0, good.stdout + good.stderr);
  for (const name of ['system', 'libtorch', 'model', 'device', 'tokenizer', 'cache', 'logs']) assert.match(good.stdout, new RegExp(`^ok +${name} `, 'm'));
  const bad = spawnSync(executable, ['doctor', '--model', tmpdir(), '--libtorch', tmpdir()], { encoding: 'utf8', env: { ...process.env, XDG_CACHE_HOME: '/proc/none' } });
  assert.equal(bad.status, 1);
  for (const name of ['libtorch', 'model', 'tokenizer', 'cache', 'logs']) assert.match(bad.stdout, new RegExp(`^PROBLEM +${name} `, 'm'));
  assert.match(bad.stdout, /^ok +system /m);
  assert.doesNotMatch(bad.stdout + bad.stderr, /^ {3}at /m);
});

test('above its memory limit the server unloads the model and says how to mend it', t => withServer(t, {}, async server => {
  await server.start({ options: { debounceMs: 0, memoryLimitMegabytes: 1 } });
  await server.open(uri, 'var x = ');
  await server.inline(uri, 0, 8);
  const { params } = await server.until(n => n.method === '$/diffusion/status' && n.params.state === 'error');
  assert.match(params.message, /^The server used \d+ MB, but the setting diffusionLsp\.memoryLimitMegabytes is 1, so the model was unloaded; raise it/);
  assert.deepEqual(await server.inline(uri, 0, 7), { items: [] });
  await server.notify('workspace/didChangeConfiguration', { settings: { diffusionLsp: { memoryLimitMegabytes: 0, debounceMs: 0 } } });
  assert.ok(Array.isArray((await server.inline(uri, 0, 6)).items));
  assert.equal(await server.stop(), 0);
}));

test('doctor answers over the wire, about the model that runs', t => withServer(t, {}, async server => {
  await server.start();
  const { healthy, report } = await server.request('$/diffusion/doctor', {});
  assert.equal(healthy, true, report);
  for (const name of ['libtorch', 'model', 'device', 'tokenizer', 'completion', 'cache', 'logs']) assert.match(report, new RegExp(`^ok +${name} `, 'm'));
  assert.equal(await server.stop(), 0);
}));

test('stats prints what a server counted, and no code', async t => {
  if (!hasServer(t)) return;
  const secret = 'veryPrivateName';
  await withServer(t, {}, async server => {
    await server.start();
    await server.open(uri, `var ${secret} = `);
    const { items } = await server.inline(uri, 0, 22);
    if (items.length > 0) await server.request('workspace/executeCommand', items[0].command);
    assert.equal(await server.stop(), 0);
  });
  const env = { ...process.env, XDG_DATA_HOME: dataFolder };
  const picture = spawnSync(executable, ['stats'], { encoding: 'utf8', env });
  assert.equal(picture.status, 0, picture.stderr);
  assert.match(picture.stdout, /requests in 30 days/);
  const numbers = JSON.parse(spawnSync(executable, ['stats', '--json', '--days', '1'], { encoding: 'utf8', env }).stdout);
  assert.ok(numbers.answers > 0 && numbers.paths.some(p => p.path === 'decode' && p.p50 > 0));
  const files = readdirSync(join(dataFolder, 'diffusion-lsp'));
  assert.ok(files.length > 0 && files.every(name => /^metrics-\d{4}-\d\d\.jsonl$/.test(name)), files.join());
  for (const name of files) assert.ok(!readFileSync(join(dataFolder, 'diffusion-lsp', name), 'utf8').includes(secret));
});
