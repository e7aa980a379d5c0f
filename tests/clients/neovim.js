// Runs a script in a headless Neovim, 0.7 or newer, whose LSP client starts the real server. Knows nothing of any scenario.
import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { removeFolder } from '../../eng/lib/folders.mjs';
import { executable, modelArguments } from './server.js';

const plugin = fileURLToPath(new URL('../../editors/nvim', import.meta.url));

/** Opens a file with this text, runs the script in it, and returns the exit code and everything that was printed. */
export async function runNeovim(script, name, text) {
  const folder = mkdtempSync(join(tmpdir(), 'dlsp-nvim-'));
  try {
    writeFileSync(join(folder, name), text);
    const path = fileURLToPath(new URL(script, import.meta.url));
    const nvim = spawn('nvim', ['--headless', '-u', 'NONE', '-i', 'NONE', '-c', `luafile ${path}`, name], {
      cwd: folder,
      env: { ...process.env, DLSP_COMMAND: JSON.stringify([executable, 'lsp', '--stdio', ...modelArguments]), DLSP_PLUGIN: plugin, XDG_STATE_HOME: folder, XDG_DATA_HOME: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    nvim.stdout.on('data', bytes => { output += bytes; });
    nvim.stderr.on('data', bytes => { output += bytes; });
    return { code: await new Promise(resolve => nvim.on('close', resolve)), output };
  } finally {
    removeFolder(folder);
  }
}
