// The command line with real files, pipes and links as input and output.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, linkSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { removeFolder } from '../../eng/lib/folders.mjs';
import { dataFolder, executable, hasServer, hasTool, modelArguments } from './server.js';

const lines = ['x = ', 'y = '].map((prefix, i) => `${JSON.stringify({ id: i + 1, prefix, maxTokens: 4 })}\n`).join('');
const env = { ...process.env, XDG_DATA_HOME: dataFolder };

function inFolder(t) {
  const folder = mkdtempSync(join(tmpdir(), 'dlsp-infill-'));
  t.after(() => removeFolder(folder));
  writeFileSync(join(folder, 'in.jsonl'), lines);
  return folder;
}

/** Runs a shell command line in a folder; "infill" in it is this server's. */
function shell(folder, command) {
  const script = `infill() { '${executable}' infill ${modelArguments.map((a) => `'${a}'`).join(' ')} "$@"; }\n${command}`;
  const { status, stdout, stderr, signal } = spawnSync('bash', ['-c', script], { cwd: folder, env, encoding: 'utf8', timeout: 120_000 });
  assert.equal(signal, null, `'${command}' hangs: ${stderr}`);
  return { status, stdout, stderr };
}

function answered(text) {
  return text.trim().split('\n').map((line) => JSON.parse(line)).map(({ id, error }) => error ?? id);
}

const canRun = (t) => hasServer(t) && hasTool(t, process.platform !== 'win32' && existsSync('/bin/bash'), 'there is no bash');

for (const [what, command] of [
  ['a file', 'infill --input in.jsonl --output -'],
  ['standard input', 'cat in.jsonl | infill --input - --output -'],
  ['a pipe at /dev/stdin', 'cat in.jsonl | infill --input /dev/stdin --output -'],
  ['a file at /dev/stdin', 'infill --input /dev/stdin --output - < in.jsonl'],
  ['another command', 'infill --input <(cat in.jsonl) --output -'],
  ['a FIFO', 'mkfifo fifo; cat in.jsonl > fifo & infill --input fifo --output -'],
  ['a file, to another command', 'infill --input in.jsonl --output >(cat > out); for i in $(seq 100); do [ -s out ] && break; sleep 0.1; done; cat out'],
  ['a file, to /dev/stdout', 'infill --input in.jsonl --output /dev/stdout'],
]) {
  test(`infill answers every line of ${what}`, (t) => {
    if (!canRun(t)) return;
    const { status, stdout, stderr } = shell(inFolder(t), command);
    assert.equal(status, 0, stderr);
    assert.deepEqual(answered(stdout), [1, 2]);
    assert.match(stderr, /^2 lines answered, 0 of them with an error\.$/m);
  });
}

test('what an earlier run wrote outlives a model that does not load', (t) => {
  if (!canRun(t)) return;
  const folder = inFolder(t), out = join(folder, 'out.jsonl');
  writeFileSync(out, 'precious\n'.repeat(1000));
  const failed = spawnSync(executable, ['infill', '--input', 'in.jsonl', '--output', 'out.jsonl', '--model', 'nowhere'], { cwd: folder, env, encoding: 'utf8' });
  assert.equal(failed.status, 1);
  assert.equal(readFileSync(out, 'utf8'), 'precious\n'.repeat(1000));
  assert.equal(shell(folder, 'infill --input in.jsonl --output out.jsonl').status, 0);
  assert.deepEqual(answered(readFileSync(out, 'utf8')), [1, 2]); // and nothing of it is left behind the answers
});

test('the input is not emptied when it is named as the output, under whatever name', (t) => {
  if (!canRun(t)) return;
  const folder = inFolder(t);
  linkSync(join(folder, 'in.jsonl'), join(folder, 'other-name.jsonl'));
  for (const output of ['in.jsonl', './in.jsonl', 'other-name.jsonl']) {
    const { status, stderr } = shell(folder, `infill --input in.jsonl --output ${output}`);
    assert.equal(status, 1);
    assert.match(stderr, /cannot be written .*name another file that is not the input\.\n$/);
    assert.equal(readFileSync(join(folder, 'in.jsonl'), 'utf8'), lines);
  }
});

for (const output of ['-', '/dev/stdout']) {
  test(`a reader that goes ends infill with one sentence (--output ${output})`, async (t) => {
    if (!canRun(t)) return;
    const folder = inFolder(t);
    writeFileSync(join(folder, 'many.jsonl'), lines.repeat(500));
    const { status, stdout, stderr } = shell(folder, `infill --input many.jsonl --output ${output} | head -1; exit \${PIPESTATUS[0]}`);
    assert.equal(status, 1, stderr);
    assert.deepEqual(answered(stdout), [1]);
    assert.match(stderr, /^The answers could not be written \(.*\); \d+ lines were answered, the rest of the input was not\.\n$/);
  });
}

for (const length of [104, 107, 108, 109, 5000]) {
  test(`a --pipe of ${length} characters is one sentence`, async (t) => {
    if (!hasServer(t)) return;
    const name = '/' + 'p'.repeat(length - 1);
    const server = spawn(executable, ['lsp', '--pipe', name], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    server.stderr.setEncoding('utf8').on('data', (text) => { said += text; });
    assert.equal(await new Promise((resolve) => server.on('close', resolve)), 1);
    assert.match(said, /^(Nothing listens on the socket file '\/p+'; the editor must listen before the server starts\.|The path of the socket file has more than the \d+ bytes that this system allows; choose a shorter one\.)\n$/);
  });
}
