// Starts the built `serve` on a free port of the loopback and waits until it is ready. Knows no dialect.
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { dataFolder, executable, modelArguments } from './server.js';

export class Serve {
  /** Starts one, ready to answer. */
  static async start({ args = [], env = {}, model = modelArguments, listen = '127.0.0.1:0', drainDelay = 0 } = {}) {
    const serve = new Serve();
    serve.process = spawn(executable, ['serve', '--listen', listen, '--drain-delay', `${drainDelay}`, ...args, ...model], {
      stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, XDG_DATA_HOME: dataFolder, ...env },
    });
    serve.stdout = '';
    serve.stderr = '';
    serve.process.stdout.on('data', (bytes) => { serve.stdout += bytes; });
    serve.process.stderr.on('data', (bytes) => { serve.stderr += bytes; });
    serve.exit = new Promise((resolve) => serve.process.on('close', (code, signal) => resolve(signal ?? code)));
    await serve.until(() => /listening on (http\S+)/.exec(serve.stderr));
    serve.url = /listening on (http\S+)/.exec(serve.stderr)[1];
    await serve.until(async () => (await fetch(`${serve.url}/health`)).status === 200);
    return serve;
  }

  /** Looks again and again for something that is to happen. */
  async until(isSo, patience = 60_000) {
    for (const end = Date.now() + patience; Date.now() < end; await sleep(50)) {
      if (await isSo()) return;
      if (this.process.exitCode !== null) break;
    }
    throw new Error(`serve did not get so far: ${this.stderr}`);
  }

  /** Asks, with a body as JSON. */
  post(path, body, headers = {}, signal = undefined) {
    return fetch(this.url + path, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: typeof body === 'string' ? body : JSON.stringify(body), signal });
  }

  /** A number of /metrics; 0 where it is not counted yet. */
  async metric(line, headers = {}) {
    const text = await (await fetch(`${this.url}/metrics`, { headers })).text();
    return Number(text.split('\n').find((l) => l.startsWith(`${line} `))?.split(' ').at(-1) ?? 0);
  }

  stop() {
    this.process.kill('SIGTERM');
    return this.exit;
  }
}
