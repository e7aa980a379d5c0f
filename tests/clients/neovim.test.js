// A real editor: Neovim's own LSP client types and gets a completion from the real server.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { executable, hasCommand, hasServer, modelArguments } from './server.js';

test('Neovim gets a completion', { timeout: 300_000 }, async t => {
  if (!hasServer(t) || !hasCommand(t, 'nvim')) return;
  const folder = mkdtempSync(join(tmpdir(), 'dlsp-nvim-'));
  try {
    writeFileSync(join(folder, 'a.lua'), 'local t = { 1, 2, 3 }\n');
    const script = fileURLToPath(new URL('neovim.lua', import.meta.url));
    const nvim = spawn('nvim', ['--headless', '-u', 'NONE', '-i', 'NONE', '-c', `luafile ${script}`, 'a.lua'], {
      cwd: folder,
      env: { ...process.env, DLSP_COMMAND: JSON.stringify([executable, 'lsp', '--stdio', ...modelArguments]), XDG_STATE_HOME: folder, XDG_DATA_HOME: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    nvim.stdout.on('data', bytes => { output += bytes; });
    nvim.stderr.on('data', bytes => { output += bytes; });
    const code = await new Promise(resolve => nvim.on('close', resolve));
    assert.equal(code, 0, output);
    assert.match(output, /ghost: for i = 1, ./);
    assert.match(output, /PASS/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
