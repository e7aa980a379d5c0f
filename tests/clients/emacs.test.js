// A real editor: Emacs with eglot, which has no ghost text, accepts the entry in the completion list.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { removeFolder } from '../../eng/lib/folders.mjs';
import { dataFolder, executable, hasCommand, hasServer, modelArguments } from './server.js';

const library = fileURLToPath(new URL('../../editors/emacs/diffusion-lsp.el', import.meta.url));

test('Emacs with eglot gets a completion', { timeout: 300_000 }, t => inEmacs(t, 'emacs-eglot.el', (output, text) => {
  assert.match(output, /PASS eglot/);
  assert.match(text, /^values = \[1, 2, 3\]\nname = "é🙂"\nfor i in ./);
}));

test('the package for Emacs puts a suggestion in', { timeout: 300_000 }, t => inEmacs(t, 'emacs-package.el', (output, text) => {
  assert.match(output, /PASS package/);
  assert.match(text, /^values = \[1, 2, 3\]\nfor i in ./);
}));

test('the package for Emacs compiles without a warning', { timeout: 300_000 }, t => {
  if (!hasCommand(t, 'emacs')) return;
  const folder = mkdtempSync(join(tmpdir(), 'dlsp-emacs-'));
  try {
    const compiled = join(folder, 'diffusion-lsp.elc');
    const { status, stderr } = spawnSync('emacs', ['--batch', '--eval', '(setq byte-compile-error-on-warn t)', '--eval', `(setq byte-compile-dest-file-function (lambda (_) "${compiled}"))`, '-f', 'batch-byte-compile', library],
      { encoding: 'utf8', env: { ...process.env, HOME: folder } });
    assert.equal(status, 0, stderr);
  } finally {
    removeFolder(folder);
  }
});

async function inEmacs(t, name, verify) {
  if (!hasServer(t) || !hasCommand(t, 'emacs')) return;
  const folder = mkdtempSync(join(tmpdir(), 'dlsp-emacs-'));
  try {
    const file = join(folder, 'a.py');
    writeFileSync(file, 'values = [1, 2, 3]\n');
    const script = fileURLToPath(new URL(name, import.meta.url));
    const emacs = spawn('emacs', ['--batch', '-l', script, file], {
      cwd: folder,
      env: { ...process.env, HOME: folder, XDG_DATA_HOME: dataFolder, DLSP_PACKAGE: library, DLSP_COMMAND: JSON.stringify([executable, 'lsp', '--stdio', ...modelArguments]) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [emacs.stdout, emacs.stderr]) stream.on('data', bytes => { output += bytes; });
    const code = await new Promise(resolve => emacs.on('close', resolve));
    assert.equal(code, 0, output);
    verify(output, readFileSync(file, 'utf8'));
  } finally {
    removeFolder(folder);
  }
}
