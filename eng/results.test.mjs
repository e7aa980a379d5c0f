import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from './lib/projects.mjs';

const results = (...args) => spawnSync(process.execPath, [join(root, 'eng', 'results.mjs'), ...args], { encoding: 'utf8' });

test('a session becomes a document where it is wanted, and what is written beside it stays', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dlsp-results-'));
  try {
    const session = join(folder, 'session.jsonl'), document = join(folder, 'gpu.md');
    const write = (line) => writeFileSync(session, [
      { commit: 'abc', weights: '0123456789abcdef', day: '2026-11-29', machine: 'a GPU', command: 'npm run gpu -- run --device cuda' },
      { part: 'scores', ok: true, seconds: 3, line, text: '' },
    ].map((each) => `${JSON.stringify(each)}\n`).join(''));
    write('first');
    assert.equal(results('gpu', '--session', session, '--into', folder).status, 0);
    writeFileSync(document, `${readFileSync(document, 'utf8')}\nBy hand.\n`);
    write('second');
    assert.equal(results('gpu', '--into', folder, '--session', session).status, 0);
    assert.match(readFileSync(document, 'utf8'), /commit `abc`[^]*second[^]*By hand\.\n$/);
    assert.doesNotMatch(readFileSync(document, 'utf8'), /first/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('without a session, and for an unknown result, it says what to do', () => {
  const none = results('gpu'), unknown = results('guess', '--quick');
  assert.equal(none.status, 2);
  assert.match(none.stderr, /npm run gpu -- run[^]*--session FILE/);
  assert.equal(unknown.status, 2);
  assert.match(unknown.stderr, /There is no result guess\. Usage: /);
});
