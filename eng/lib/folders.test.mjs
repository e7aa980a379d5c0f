import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { removeFolder } from './folders.mjs';

test('a folder goes though somebody still writes into it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'folders-'));
  const script = `
    const { mkdirSync, writeFileSync } = require('node:fs');
    const end = Date.now() + 500;
    console.log();
    for (let i = 0; Date.now() < end; i++) try { mkdirSync(${JSON.stringify(join(folder, 'a/b'))}, { recursive: true }); writeFileSync(${JSON.stringify(join(folder, 'a/b/'))} + i, ''); } catch {}`;
  const writer = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise(resolve => writer.on('exit', resolve));
  await new Promise(resolve => writer.stdout.once('data', resolve));
  removeFolder(folder);
  await ended;
  assert.equal(removeFolder(folder), true);
  assert.equal(existsSync(folder), false);
});
