#!/usr/bin/env node
// The built server, except that every suggestion is nonsense. The end-to-end tests must fail with it:
//   DIFFUSION_LSP_E2E_SERVER=$PWD/tests/e2e/nonsense-server.mjs npm test -w tests/e2e
import { spawn } from 'node:child_process';
import { executable, programs } from '../../eng/lib/projects.mjs';

const server = spawn(process.env.DIFFUSION_LSP ?? executable(programs.server), process.argv.slice(2), { stdio: ['pipe', 'pipe', 'inherit'] });
process.stdin.pipe(server.stdin);
server.on('exit', code => process.exit(code ?? 1));
process.on('SIGTERM', () => server.kill());

let buffer = Buffer.alloc(0);
server.stdout.on('data', bytes => {
  buffer = Buffer.concat([buffer, bytes]);
  for (let end; (end = buffer.indexOf('\r\n\r\n')) >= 0;) {
    const length = Number(/Content-Length: (\d+)/i.exec(buffer.subarray(0, end).toString())[1]);
    if (buffer.length < end + 4 + length) return;
    send(garbled(JSON.parse(buffer.subarray(end + 4, end + 4 + length).toString())));
    buffer = buffer.subarray(end + 4 + length);
  }
});

/** What the user typed stays: VS Code shows nothing else. */
function garbled(message) {
  for (const item of message.result?.items ?? []) item.insertText = item.insertText.slice(0, item.range?.end.character ?? 0) + 'qqq(zzz)';
  const { documentChanges, changes } = message.params?.edit ?? message.result?.edit ?? {};
  for (const edit of [documentChanges?.map(change => change.edits) ?? [], Object.values(changes ?? {})].flat(2)) edit.newText = 'qqq(zzz)';
  return message;
}

function send(message) {
  const body = Buffer.from(JSON.stringify(message));
  process.stdout.write(`Content-Length: ${body.length}\r\n\r\n`);
  process.stdout.write(body);
}
