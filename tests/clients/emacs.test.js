// A real editor: Emacs with eglot, which knows no ghost text, takes the entry of the completion list.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { removeFolder } from '../../eng/lib/folders.mjs';
import { dataFolder, executable, hasCommand, hasServer, modelArguments } from './server.js';

test('Emacs with eglot gets a completion', { timeout: 300_000 }, async t => {
  if (!hasServer(t) || !hasCommand(t, 'emacs')) return;
  const folder = mkdtempSync(join(tmpdir(), 'dlsp-emacs-'));
  try {
    const file = join(folder, 'a.py');
    writeFileSync(file, 'values = [1, 2, 3]\n');
    const script = fileURLToPath(new URL('emacs-eglot.el', import.meta.url));
    const emacs = spawn('emacs', ['--batch', '-l', script, file], {
      cwd: folder,
      env: { ...process.env, HOME: folder, XDG_DATA_HOME: dataFolder, DLSP_COMMAND: JSON.stringify([executable, 'lsp', '--stdio', ...modelArguments]) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [emacs.stdout, emacs.stderr]) stream.on('data', bytes => { output += bytes; });
    const code = await new Promise(resolve => emacs.on('close', resolve));
    assert.equal(code, 0, output);
    assert.match(output, /PASS eglot/);
    assert.match(readFileSync(file, 'utf8'), /^values = \[1, 2, 3\]\nname = "é🙂"\nfor i in ./);
  } finally {
    removeFolder(folder);
  }
});
