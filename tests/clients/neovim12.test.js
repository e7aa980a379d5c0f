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
const plugin = fileURLToPath(new URL('../../editors/nvim', import.meta.url));

test('Neovim 0.12 shows ghost text, Tab takes it, the file has it', { timeout: 300_000 }, t => inNeovim(t, async ({ ask, send, ghost, output, file, ended }) => {
  const shown = await ghost();
  t.diagnostic(`ghost text: ${JSON.stringify(shown)}`);
  send('<Tab>');
  await until(() => ask('luaeval("_G.DlspGhost()")').trim() === '' && ask('getline(6)').length > typed.length, () => `Tab took nothing: ${ask('getline(6)')}`);
  send('<Esc>:w<CR>');
  await until(() => readFileSync(file, 'utf8') !== head, () => 'the file was not saved');
  const saved = readFileSync(file, 'utf8');
  assert.ok(saved.startsWith(head + typed), saved);
  assert.equal(saved.slice((head + typed).length).trimEnd(), shown.trimEnd());
  send(':qa!<CR>');
  await ended;
  assert.ok(counted().some(line => line.event === 'accepted' && line.language === 'typescript'), `the acceptance was not counted: ${output()}`);
}));

test('the plugin takes a word, then the rest of the line, and Tab stays a tab where nothing is suggested', { timeout: 300_000 }, t => inNeovim(t, async ({ ask, send, ghost }) => {
  const shown = (await ghost()).split('\n')[0].trimEnd();
  const word = /^\s*[\w\x80-\xff]+/.exec(shown)[0];
  assert.notEqual(word, shown, 'a suggestion of one word shows nothing here');
  send('<C-Right>');
  await until(() => ask('getline(6)') === typed + word, () => `not one word: ${ask('getline(6)')}`);
  // What is left is suggested again, from where the word ends.
  const rest = (await ghost()).split('\n')[0].trimEnd();
  send('<C-Down>');
  await until(() => ask('getline(6)') === typed + word + rest, () => `not the rest of the line, ${rest}: ${ask('getline(6)')}`);
  send('<Esc>Go<C-u><Esc>:lua require("diffusion-lsp").toggle()<CR>i<Tab>x');
  await until(() => ask('getline("$")') === '\tx', () => `no tab: ${ask('getline("$")')}`);
}));

test('the plugin checks its health', { timeout: 300_000 }, t => inNeovim(t, async ({ ask, send }) => {
  send('<Esc>:checkhealth diffusion-lsp<CR>');
  const report = () => ask('join(getline(1, "$"), "\\n")');
  await until(() => report().includes('text round-trips exactly'), () => `no health: ${report()}`);
  assert.match(report(), /This Neovim shows ghost text/);
  assert.match(report(), /The running server is (ready|busy) with nano/);
  assert.match(report(), /entries, text round-trips exactly/);
  assert.doesNotMatch(report(), /ERROR/);
}));

/** Neovim with the plugin, a file with an unfinished function, and the model ready. */
async function inNeovim(t, scenario) {
  if (!hasServer(t) || !hasNeovim12(t)) return;
  const folder = mkdtempSync(join(tmpdir(), 'dlsp-nvim12-'));
  const file = join(folder, 'a.ts'), socket = join(folder, 's');
  writeFileSync(file, head);
  const script = fileURLToPath(new URL('neovim12.lua', import.meta.url));
  const environment = {
    ...process.env, DLSP_COMMAND: JSON.stringify([executable, 'lsp', '--stdio', ...modelArguments]), DLSP_PLUGIN: plugin,
    XDG_STATE_HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: dataFolder,
  };
  const nvim = spawn(neovim, ['--headless', '-u', script, '-i', 'NONE', '-n', '--listen', socket, file], { cwd: folder, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [nvim.stdout, nvim.stderr]) stream.on('data', bytes => { text += bytes; });
  const output = () => text;
  const ended = new Promise(resolve => nvim.on('close', resolve));
  const ask = expression => spawnSync(neovim, ['--server', socket, '--remote-expr', expression], { encoding: 'utf8', env: environment, timeout: 20_000 }).stdout.trimEnd();
  const send = keys => spawnSync(neovim, ['--server', socket, '--remote-send', keys], { env: environment, timeout: 20_000 });
  const shown = () => ask('luaeval("_G.DlspGhost()")');
  const ghost = async () => {
    await until(() => shown().trim() !== '', () => `no ghost text: ${text} ${ask('execute("messages")')}`);
    return shown();
  };
  try {
    await until(() => ask('luaeval("_G.DlspState()")') === 'ready', () => `the model is not ready: ${text}`);
    send(`Go<C-u>${typed}`);
    await scenario({ ask, send, ghost, output, file, ended });
  } finally {
    nvim.kill('SIGKILL');
    await ended;
    removeFolder(folder);
  }
}

/** It is hard to install on older systems, so its absence is reported and not a failure, even in CI. */
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
