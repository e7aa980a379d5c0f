// Three `serve` behind nginx and behind HAProxy, with the example configurations of eng/serve: sessions stay with one server, streams
// and cancelling come through, and a server may drain or die without a client noticing.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { request as httpRequest } from 'node:http';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { removeFolder } from '../../eng/lib/folders.mjs';
import { Serve } from './serve.js';
import { hasCommand, hasServer } from './server.js';

const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` }; // where Debian has them, which not everybody's PATH holds
const example = (name) => readFileSync(fileURLToPath(new URL(`../../eng/serve/${name}`, import.meta.url)), 'utf8');
const endpoint = '/v1/completions';
const long = { prompt: `${'x = y + 1 # a long way to go\n'.repeat(100)}class A:\n`, suffix: '\n', max_tokens: 4096, diffusion: { budget_ms: 60_000, raw: true, single_line: false } };

/** Replaces what a test cannot use in an example; fails if the example no longer contains it. */
const adapted = (text, ...changes) => changes.reduce((before, [old, now]) => {
  assert.ok(before.includes(old), `the example has no '${old}'`);
  return before.replace(old, now);
}, text);

const freePort = () => new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});

const hostOf = (serve) => new URL(serve.url).host;

const routers = {
  nginx: {
    available: (t) => hasCommand(t, 'nginx', '-v', env) && hasCommand(t, 'openssl', 'version', env),
    scheme: 'https',
    args: ['--behind-proxy', '--rate', '100000', '--host', 'diffusion'],
    start(folder, port, serves) {
      const made = spawnSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-keyout', join(folder, 'server.key'), '-out', join(folder, 'server.crt')], { env, encoding: 'utf8' });
      assert.equal(made.status, 0, made.stderr);
      const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(' ');
      writeFileSync(join(folder, 'nginx.conf'), adapted(example('nginx.conf'),
        ['listen 443', `listen 127.0.0.1:${port}`],
        ['tls/server.crt', `${folder}/server.crt`],
        ['tls/server.key', `${folder}/server.key`],
        ['access_log off;', `access_log off; ${temporary}`],
        ['server diffusion:8012 max_fails=1 fail_timeout=5s;', serves.map((serve) => `server ${hostOf(serve)} max_fails=1 fail_timeout=5s;`).join(' ')]));
      return ['nginx', ['-p', folder, '-c', join(folder, 'nginx.conf'), '-g', `daemon off; error_log stderr; pid ${folder}/nginx.pid;`]];
    },
  },
  haproxy: {
    available: (t) => hasCommand(t, 'haproxy', '-v', env),
    scheme: 'http',
    args: ['--behind-proxy', '--rate', '100000'],
    start(folder, port, serves) {
      writeFileSync(join(folder, 'haproxy.cfg'), adapted(example('haproxy.cfg'),
        ['127.0.0.1:8000', `127.0.0.1:${port}`],
        ['  server second 127.0.0.1:8013 check inter 1s\n', ''],
        ['  server first 127.0.0.1:8012 check inter 1s', serves.map((serve, i) => `  server s${i} ${hostOf(serve)} check inter 1s`).join('\n')]));
      return ['haproxy', ['-db', '-f', join(folder, 'haproxy.cfg')]];
    },
  },
};

for (const [name, router] of Object.entries(routers)) {
  test(`${name} in front of three servers`, async (t) => {
    if (!hasServer(t) || !router.available(t)) return;
    const folder = mkdtempSync(join(tmpdir(), 'dlsp-router-'));
    const serves = [];
    let process, ended;
    t.after(async () => {
      // nginx, killed, leaves its workers behind, which hold this test's pipes; told to end, it takes them along.
      process?.kill('SIGTERM');
      await Promise.race([ended, sleep(10_000)]);
      process?.kill('SIGKILL');
      for (const serve of serves) serve.process.kill('SIGKILL');
      await Promise.all(serves.map((serve) => serve.exit));
      removeFolder(folder);
    });
    for (let i = 0; i < 3; i++) serves.push(await Serve.start({ args: router.args, drainDelay: 3 }));
    const port = await freePort();
    const [command, args] = router.start(folder, port, serves);
    let said = '';
    process = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    ended = new Promise((resolve) => { process.on('close', resolve); });
    for (const stream of [process.stdout, process.stderr]) stream.on('data', (bytes) => { said += bytes; });
    const base = `${router.scheme}://127.0.0.1:${port}`;

    /** Status and text of a request through the router. Its certificate is its own. */
    const ask = (body, session, signal) => new Promise((resolve, reject) => {
      const options = { method: 'POST', rejectUnauthorized: false, signal, headers: { 'content-type': 'application/json', ...(session ? { 'x-session-id': session } : {}) } };
      const sent = (router.scheme === 'https' ? request : httpRequest)(base + endpoint, options, (answer) => {
        let text = '';
        answer.on('data', (bytes) => { text += bytes; }).on('end', () => resolve({ status: answer.statusCode, text })).on('error', reject);
      });
      sent.on('error', reject).end(JSON.stringify(body));
    });
    const short = { prompt: 'def add(a, b):\n    return ', suffix: '\n', max_tokens: 0 };
    const alive = () => serves.filter((serve) => serve.process.exitCode === null && serve.process.signalCode === null);
    const counts = () => Promise.all(serves.map((serve) => (alive().includes(serve) ? serve.metric(`diffusion_lsp_requests_total{endpoint="${endpoint}",outcome="200"}`) : 0)));
    const sum = async (metric) => (await Promise.all(alive().map((serve) => serve.metric(metric)))).reduce((a, b) => a + b, 0);
    await serves[0].until(async () => {
      assert.equal(process.exitCode, null, said);
      return (await ask(short, 'first').catch(() => ({}))).status === 200;
    });

    const homes = new Map();
    /** Where each session is served now. */
    const locate = async () => {
      for (let i = 0; i < 24; i++) {
        const before = await counts();
        for (let j = 0; j < 3; j++) assert.equal((await ask(short, `session-${i}`)).status, 200);
        const after = await counts();
        const here = after.flatMap((count, at) => (count > before[at] ? [at] : []));
        assert.equal(here.length, 1, `session ${i} was at servers ${here}`);
        homes.set(i, [...(homes.get(i) ?? []), here[0]]);
      }
    };
    await t.test('a session stays with one server, and every server has some', async () => {
      await locate();
      assert.equal(new Set([...homes.values()].map(([home]) => home)).size, 3);
    });

    await t.test('clients without a session are told apart by their address, and a stream comes through', async () => {
      const before = await counts();
      for (let i = 0; i < 6; i++) assert.equal((await ask(short)).status, 200);
      assert.equal((await counts()).filter((count, at) => count > before[at]).length, 1);
      assert.match((await ask({ ...short, max_tokens: 8, stream: true, diffusion: { budget_ms: 60_000 } })).text, /^data: \{.*\}\n\ndata: \{.*"finish_reason":"stop".*\}\n\ndata: \[DONE\]\n\n$/);
    });

    const cancelled = `diffusion_lsp_requests_total{endpoint="${endpoint}",outcome="cancelled"}`;
    const leaves = async (leave) => {
      const before = await sum(cancelled);
      await serves[0].until(async () => await sum('diffusion_lsp_requests_running') === 1);
      leave();
      await serves[0].until(async () => await sum('diffusion_lsp_requests_running') === 0 && await sum(cancelled) === before + 1);
    };
    await t.test('a client that leaves cancels its decode', async () => {
      const leave = new AbortController();
      const gone = assert.rejects(ask(long, 'leaving', leave.signal));
      await leaves(() => leave.abort());
      await gone;
    });

    if (name === 'nginx') {
      await t.test('a stream of HTTP/2 that is reset cancels its decode, while its connection goes on', async () => {
        const connection = connectHttp2(base, { rejectUnauthorized: false });
        const stream = connection.request({ ':method': 'POST', ':path': endpoint, 'content-type': 'application/json', 'x-session-id': 'leaving' });
        stream.on('error', () => {}).end(JSON.stringify(long));
        await leaves(() => stream.close(8)); // CANCEL
        const next = connection.request({ ':method': 'POST', ':path': endpoint, 'content-type': 'application/json' });
        const [headers] = await Promise.all([new Promise((resolve) => { next.on('response', resolve); }), next.end(JSON.stringify(short))]);
        assert.equal(headers[':status'], 200);
        connection.destroy();
      });
    }

    await t.test('a server that drains loses no request', async () => {
      const leaving = serves[0];
      let asked = 0;
      const stopped = leaving.stop();
      for (let end = false; !end || asked < 24; asked++) {
        end = await Promise.race([stopped.then(() => true), sleep(20, false)]);
        const { status, text } = await ask({ ...short, max_tokens: 4 }, `session-${asked % 24}`);
        assert.equal(status, 200, `request ${asked}: ${text}`);
      }
      assert.equal(await stopped, 0);
    });

    await t.test('a server that dies takes no other session with it', async () => {
      const [, dead] = serves;
      dead.process.kill('SIGKILL');
      await dead.exit;
      await locate();
      for (const [session, [home, now]] of homes) assert.equal(now, 2, `session ${session} went from ${home} to ${now}`);
    });
  });
}
