// A real editor: Neovim's own LSP client types, gets completions from the real server, and lets it edit.
import assert from 'node:assert/strict';
import test from 'node:test';
import { runNeovim } from './neovim.js';
import { hasCommand, hasServer } from './server.js';

test('Neovim gets a completion', { timeout: 300_000 }, async t => {
  if (!hasServer(t) || !hasCommand(t, 'nvim')) return;
  const { code, output } = await runNeovim('neovim.lua', 'a.lua', 'local t = { 1, 2, 3 }\n');
  assert.equal(code, 0, output);
  assert.match(output, /ghost: for i = 1, ./);
  assert.match(output, /PASS/);
});

test('Neovim puts in a list entry and refills a selection', { timeout: 300_000 }, async t => {
  if (!hasServer(t) || !hasCommand(t, 'nvim')) return;
  const { code, output } = await runNeovim('neovim-edits.lua', 'a.py', 'def total(items):\n    result = 0\n    for item in items:\n        result += item\n    return result\n');
  assert.equal(code, 0, output);
  assert.match(output, /PASS/);
});

test('the plugin starts the server in an older Neovim', { timeout: 300_000 }, async t => {
  if (!hasServer(t) || !hasCommand(t, 'nvim')) return;
  const { code, output } = await runNeovim('neovim-plugin.lua', 'a.py', 'values = [1, 2, 3]\n');
  assert.equal(code, 0, output);
  assert.match(output, /entry: ./);
  assert.match(output, /PASS/);
});
