import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { commitOf } from './commit.mjs';

test('a checkout has a commit, and a folder without git has none', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'dlsp-commit-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  assert.equal(commitOf(folder), 'unknown');
  const git = (...args) => execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', ...args], { cwd: folder, encoding: 'utf8' }).trim();
  git('init', '-q');
  git('commit', '-q', '--allow-empty', '-m', 'first');
  assert.match(commitOf(folder), /^[0-9a-f]{10}$/);
  assert.ok(git('rev-parse', 'HEAD').startsWith(commitOf(folder)));
});
