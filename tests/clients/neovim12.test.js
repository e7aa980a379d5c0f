// Neovim 0.12 and its inline completion, driven from outside: type, see ghost text, Tab, save, compare the file.
//
// DIFFUSION_LSP_NEOVIM12   the executable; default: the nvim on the PATH, if it is new enough
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { removeFolder } from '../../eng/lib/folders.mjs';
import { dataFolder, delay, executable, hasServer, modelArguments } from './server.js';

const neovim = process.env.DIFFUSION_LSP_NEOVIM12 ?? 'nvim';
const head = 'export function area(width: number, height: number): number {\n  return width * height;\n}\n\nexport function add(a: number, b: number): number {\n';
const typed = '  return ';

test('Neovim 0.12 shows ghost text, Tab takes it, the file has it', { timeout: 300_000 }, async t => {
  if (!hasServer(t) || !hasNeovim12(t)) return;
  const folder = mkdtempSync(join(tmpdir(), 'dlsp-nvim12-'));
  const file = join(folder, 'a.ts'), socket = join(folder, 's');
  writeFileSync(file, head);
  const script = fileURLToPath(new URL('neovim12.lua', import.meta.url));
  const environment = {
    ...process.env, DLSP_COMMAND: JSON.stringify([executable, 'lsp', '--stdio', ...modelArguments]),
    XDG_STATE_HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: dataFolder,
  };
  const nvim = spawn(neovim, ['--headless', '-u', script, '-i', 'NONE', '-n', '--listen', socket, file], { cwd: folder, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [nvim.stdout, nvim.stderr]) stream.on('data', bytes => { output += bytes; });
  const ended = new Promise(resolve => nvim.on('close', resolve));
  const ask = expression => spawnSync(neovim, ['--server', socket, '--remote-expr', expression], { encoding: 'utf8', env: environment, timeout: 20_000 }).stdout.trimEnd();
  const send = keys => spawnSync(neovim, ['--server', socket, '--remote-send', keys], { env: environment, timeout: 20_000 });
  try {
    await until(() => ask('luaeval("_G.DlspState or \'none\'")') === 'ready', () => `the model is not ready: ${output}`);
    send(`Go<C-u>${typed}`);
    await until(() => ask('luaeval("_G.DlspGhost()")').trim() !== '', () => `no ghost text: ${output} ${ask('execute("messages")')}`);
    const ghost = ask('luaeval("_G.DlspGhost()")');
    t.diagnostic(`ghost text: ${JSON.stringify(ghost)}`);
    send('<Tab>');
    await until(() => ask('luaeval("_G.DlspGhost()")').trim() === '' && ask('getline(6)').length > typed.length, () => `Tab took nothing: ${ask('getline(6)')}`);
    send('<Esc>:w<CR>');
    await until(() => readFileSync(file, 'utf8') !== head, () => 'the file was not saved');
    const saved = readFileSync(file, 'utf8');
    assert.ok(saved.startsWith(head + typed), saved);
    assert.equal(saved.slice((head + typed).length).trimEnd(), ghost.trimEnd());
    send(':qa!<CR>');
    await ended;
    assert.ok(counted().some(line => line.event === 'accepted' && line.language === 'typescript'), 'the acceptance was not counted');
  } finally {
    nvim.kill('SIGKILL');
    await ended;
    removeFolder(folder);
  }
});

/** It is hard to come by on an older system, so its absence is told, not failed, even in CI. */
function hasNeovim12(t) {
  const version = /NVIM v(\d+)\.(\d+)/.exec(spawnSync(neovim, ['--version'], { encoding: 'utf8' }).stdout ?? '');
  if (version && (Number(version[1]) > 0 || Number(version[2]) >= 12)) return true;
  const sentence = `${neovim} is ${version ? version[0] : 'not there'}, and inline completion needs Neovim 0.12; name one in DIFFUSION_LSP_NEOVIM12`;
  console.error(`SKIPPED: ${t.name}: ${sentence}`);
  t.skip(sentence);
  return false;
}

function counted() {
  const folder = join(dataFolder, 'diffusion-lsp');
  return readdirSync(folder).flatMap(name => readFileSync(join(folder, name), 'utf8').trimEnd().split('\n').map(line => JSON.parse(line)));
}

async function until(holds, otherwise, milliseconds = 60_000) {
  for (const end = Date.now() + milliseconds; Date.now() < end; await delay(150)) if (holds()) return;
  assert.fail(otherwise());
}
