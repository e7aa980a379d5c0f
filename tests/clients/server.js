// Starts the built server and talks to it with vscode-jsonrpc. Keeps every byte of its standard output, so that a test
// can prove that nothing but LSP was ever written there. Knows nothing of any scenario.
//
// DIFFUSION_LSP            the executable; default: the Release build of this checkout
// DIFFUSION_LSP_TEST_MODEL a model folder; default: the embedded model
// DIFFUSION_LSP_TEST_REMOTE the address of a remote engine to use instead of a local model; default: none
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import rpc from 'vscode-jsonrpc/node';
import { removeFolder } from '../../eng/lib/folders.mjs';

const suffix = process.platform === 'win32' ? '.exe' : '';
export const executable = process.env.DIFFUSION_LSP
  ?? fileURLToPath(new URL(`../../server/DiffusionLsp.Server/bin/Release/net10.0/diffusion-lsp${suffix}`, import.meta.url));
export const modelArguments = process.env.DIFFUSION_LSP_TEST_MODEL ? ['--model', process.env.DIFFUSION_LSP_TEST_MODEL] : [];

const remoteUrl = process.env.DIFFUSION_LSP_TEST_REMOTE;
const elsewhere = remoteUrl ? { remoteUrl, remoteFallback: 'never' } : {};

/** The servers' metrics go here, not to the user's. */
export const dataFolder = mkdtempSync(join(tmpdir(), 'dlsp-data-'));
process.on('exit', () => removeFolder(dataFolder));

/** If a required tool is missing, fails when CI=true and otherwise skips with a message. Returns whether it is there. */
export function hasTool(t, present, sentence) {
  if (present) return true;
  if (process.env.CI === 'true') assert.fail(sentence);
  console.error(`SKIPPED: ${t.name}: ${sentence}`);
  t.skip(sentence);
  return false;
}

export const hasServer = t =>
  hasTool(t, existsSync(executable), `${executable} is not built; run dotnet build server/DiffusionLsp.Server -c Release`);

/** @param version the option that prints its version */
export const hasCommand = (t, name, version = '--version', env = process.env) =>
  hasTool(t, spawnSync(name, [version], { env }).status === 0, `${name} is not installed`);

export class Server {
  /** @param command the executable, and what goes before its own arguments */
  constructor({ command = [executable], args = ['lsp', '--stdio'], model = modelArguments, stdio = true, stderr = 'pipe', cwd, env = { ...process.env, XDG_DATA_HOME: dataFolder } } = {}) {
    const [program, ...before] = command;
    this.process = spawn(program, [...before, ...args, ...model], { stdio: ['pipe', 'pipe', stderr], cwd, env });
    this.stdout = [];
    this.stderr = '';
    this.notifications = [];
    this.waiting = [];
    this.process.stdout.on('data', bytes => this.stdout.push(bytes));
    this.process.stderr?.on('data', bytes => { this.stderr += bytes; });
    this.exit = new Promise(resolve => this.process.on('close', (code, signal) => resolve(signal ?? code)));
    if (stdio) this.connect(this.process.stdout, this.process.stdin);
  }

  /** Speaks LSP over two streams. */
  connect(input, output) {
    this.connection = rpc.createMessageConnection(new rpc.StreamMessageReader(input), new rpc.StreamMessageWriter(output));
    const take = (method, params) => {
      this.notifications.push({ method, params });
      for (const check of [...this.waiting]) check();
    };
    this.connection.onNotification(take);
    this.connection.onUnhandledProgress(params => take('$/progress', params)); // vscode-jsonrpc keeps these to itself
    this.connection.onRequest(() => null);
    this.connection.onError(() => {});
    this.connection.listen();
    return this;
  }

  request(method, params, token) {
    return token ? this.connection.sendRequest(method, params, token) : this.connection.sendRequest(method, params);
  }

  notify(method, params) {
    return this.connection.sendNotification(method, params);
  }

  /** initialize, initialized, and by default until the model is ready. */
  async start({ capabilities = {}, options = { debounceMs: 0 }, processId = process.pid, rootUri = 'file:///w', ready = true } = {}) {
    const result = await this.request('initialize', {
      processId, capabilities, initializationOptions: { ...options, ...elsewhere }, rootUri, clientInfo: { name: 'clients-test' },
    });
    await this.notify('initialized', {});
    if (ready) await this.status('ready');
    return result;
  }

  /** Waits for a state; fails with the server's own sentence when the model does not load. */
  async status(state) {
    const found = await this.until(n => n.method === '$/diffusion/status' && (n.params.state === state || n.params.state === 'error'), 120_000);
    assert.equal(found.params.state, state, found.params.message);
    return found.params;
  }

  until(fits, milliseconds = 20_000) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => finish(() => reject(new Error(`no such notification in ${milliseconds} ms; stderr:\n${this.stderr}`))), milliseconds);
      const check = () => {
        const found = this.notifications.find(fits);
        if (found) finish(() => resolve(found));
      };
      const finish = end => {
        clearTimeout(timer);
        this.waiting = this.waiting.filter(w => w !== check);
        end();
      };
      this.waiting.push(check);
      check();
    });
  }

  open(uri, text, languageId = 'csharp', version = 1) {
    return this.notify('textDocument/didOpen', { textDocument: { uri, languageId, version, text } });
  }

  /** Ghost text at a place; triggerKind 1 is invoked, 2 automatic. */
  inline(uri, line, character, triggerKind = 1, token) {
    return this.request('textDocument/inlineCompletion', { textDocument: { uri }, position: { line, character }, context: { triggerKind } }, token);
  }

  /** shutdown, exit; then every byte on standard output must have been LSP. Returns the exit code. */
  async stop() {
    await this.request('shutdown');
    await this.notify('exit');
    const code = await this.exit;
    assertOnlyLsp(Buffer.concat(this.stdout));
    return code;
  }

  kill() {
    this.process.kill('SIGKILL');
  }
}

/** Parses a whole stream as LSP messages, and fails at the first byte that is not part of one. */
export function assertOnlyLsp(bytes) {
  let at = 0;
  const messages = [];
  while (at < bytes.length) {
    const end = bytes.indexOf('\r\n\r\n', at);
    assert.ok(end >= 0, `bytes without a header: ${JSON.stringify(bytes.subarray(at, at + 200).toString())}`);
    const header = bytes.subarray(at, end).toString('latin1');
    const match = /^Content-Length: (\d+)(\r\nContent-Type: [^\r\n]+)?$/.exec(header);
    assert.ok(match, `not a header: ${JSON.stringify(header)}`);
    const body = bytes.subarray(end + 4, end + 4 + Number(match[1]));
    assert.equal(body.length, Number(match[1]), 'the last message is cut');
    const message = JSON.parse(body.toString());
    assert.equal(message.jsonrpc, '2.0');
    messages.push(message);
    at = end + 4 + body.length;
  }
  return messages;
}

/** Runs a scenario with its own server, which is killed in any case. */
export async function withServer(t, options, scenario) {
  if (!hasServer(t)) return;
  const server = new Server(options);
  try {
    await scenario(server);
  } finally {
    server.kill();
  }
}

/** The LSP error code of a request that must fail, and its error. */
export async function failure(request) {
  try {
    const result = await request;
    assert.fail(`answered ${JSON.stringify(result)} instead of an error`);
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error;
    return error;
  }
}

export const delay = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));
