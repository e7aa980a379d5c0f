// A server behind plain pipes: sends arbitrary bytes, and accepts only framed JSON-RPC from its output.
import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeFolder } from '../lib/folders.mjs';
import { environment } from '../lib/dotnet.mjs';
import { executable, programs } from '../lib/projects.mjs';

const traces = /^\s+at \S+\(|\bFTL\b|Unhandled exception/;

/** A message as a client sends it. */
export const framed = (body) => Buffer.concat([Buffer.from(`Content-Length: ${body.length}\r\n\r\n`), body]);

export class WireServer {
  /**
   * @param take handles a message from the server
   * @param complain receives output that it should not have written
   */
  constructor({ model = [], take, complain, program = executable(programs.server) }) {
    this.take = take;
    this.complain = complain;
    this.left = Buffer.alloc(0);
    this.data = mkdtempSync(join(tmpdir(), 'dlsp-fuzz-'));
    this.process = spawn(program, ['lsp', ...model], { stdio: 'pipe', env: { ...environment(), XDG_DATA_HOME: this.data } });
    this.process.stdin.on('error', () => {}); // "exit" reports its end
    this.process.stdout.on('data', (bytes) => this.read(bytes));
    this.process.stderr.setEncoding('utf8');
    this.process.stderr.on('data', (text) => text.split('\n').filter((line) => traces.test(line)).forEach((line) => complain(`the log shows a stack: ${line}`)));
    this.exit = new Promise((resolve) => this.process.on('exit', (code, signal) => resolve((this.ended = signal ?? code))));
  }

  get isAlive() {
    return this.ended === undefined;
  }

  write(bytes) {
    this.process.stdin.write(bytes);
  }

  send(message) {
    this.write(framed(Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }))));
  }

  /** Removes its files, and the process if it is still running. */
  async close() {
    this.process.kill('SIGKILL');
    await this.exit;
    removeFolder(this.data);
  }

  read(bytes) {
    this.left = Buffer.concat([this.left, bytes]);
    while (this.left.length > 0) {
      const end = this.left.indexOf('\r\n\r\n');
      if (end < 0 && this.left.length < 100) return;
      const header = /^Content-Length: (\d+)$/.exec(this.left.subarray(0, Math.max(end, 0)).toString('latin1'));
      if (!header) return this.spoiled(`it wrote something that is not a header: ${JSON.stringify(this.left.subarray(0, 100).toString('latin1'))}`);
      const length = Number(header[1]);
      if (this.left.length < end + 4 + length) return;
      const body = this.left.subarray(end + 4, end + 4 + length).toString();
      this.left = this.left.subarray(end + 4 + length);
      let message;
      try {
        message = JSON.parse(body);
      } catch {
        return this.spoiled(`it wrote something that is not JSON: ${body.slice(0, 100)}`);
      }
      this.take(message);
    }
  }

  spoiled(problem) {
    this.complain(problem);
    this.left = Buffer.alloc(0);
  }
}
