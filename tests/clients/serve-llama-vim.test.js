// llama.vim and `serve`: bodies recorded from the plug-in itself (llama-vim.json) are answered as it expects.
// The plug-in is in no package registry; if there is a checkout, it runs in Neovim, and its ghost text is checked.
//
// DIFFUSION_LSP_LLAMA_VIM   a checkout of ggml-org/llama.vim; default: none, and only the recorded bodies are sent
// DIFFUSION_LSP_NEOVIM12    as for neovim12.test.js
// UPDATE_GOLDEN=1           records the bodies again
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { removeFolder } from '../../eng/lib/folders.mjs';
import { Serve } from './serve.js';
import { hasCommand, hasServer } from './server.js';

const recorded = fileURLToPath(new URL('llama-vim.json', import.meta.url));
const checkout = process.env.DIFFUSION_LSP_LLAMA_VIM;
const neovim = process.env.DIFFUSION_LSP_NEOVIM12 ?? 'nvim';
const head = 'export function area(width: number, height: number): number {\n  return width * height;\n}\n\nexport function add(a: number, b: number): number {\n';
let serve;

before(async () => {
  if (!hasServer({ name: 'serve', skip() {} })) return;
  serve = await Serve.start();
  await serve.post('/v1/completions', { prompt: head, suffix: '\n', diffusion: { budget_ms: 60_000 } }); // the first forwards are slow
});
after(() => serve?.stop());

for (const [name, body] of Object.entries(JSON.parse(readFileSync(recorded, 'utf8')))) {
  test(`a recorded body of llama.vim is answered as it reads answers: ${name}`, (t) => {
    if (!hasServer(t) || !hasCommand(t, 'curl')) return;
    const patient = { ...body, t_max_prompt_ms: 60_000 }; // a busy machine is no reason to fail
    const { stdout } = spawnSync('curl', ['--silent', '--no-buffer', '--request', 'POST', '--url', `${serve.url}/infill`, '--header', 'Content-Type: application/json', '--data', '@-'], { encoding: 'utf8', input: JSON.stringify(patient) });
    if (body.n_predict === 0) return assert.equal(stdout, '{}');
    assert.match(stdout, /^\{[^\n]*"content":"[^\n]*\}$/); // searched as text, on one line
    if (name === 'typed') assert.equal(JSON.parse(stdout).content, 'a + b;');
    assert.deepEqual(Object.keys(JSON.parse(stdout)).sort(), [...body.response_fields].sort());
  });
}

if (checkout) {
  test('llama.vim itself shows ghost text and takes it', { timeout: 120_000 }, async (t) => {
    if (!hasServer(t)) return;
    const folder = mkdtempSync(join(tmpdir(), 'dlsp-llama-vim-'));
    const bodies = [];
    // Stands between both, keeps what is sent, and passes everything on.
    const between = createServer((request, response) => {
      let body = '';
      request.on('data', (bytes) => { body += bytes; }).on('end', async () => {
        bodies.push(JSON.parse(body));
        const answer = await serve.post(request.url, body);
        response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') }).end(await answer.text());
      });
    });
    await new Promise((resolve) => { between.listen(0, '127.0.0.1', resolve); });
    writeFileSync(join(folder, 'a.ts'), head);
    writeFileSync(join(folder, 'other.ts'), 'export const total = (items: number[]) => items.reduce((a, b) => a + b, 0);\n'.repeat(6));
    writeFileSync(join(folder, 'init.vim'), `let g:llama_config = { 'endpoint_fim': 'http://127.0.0.1:${between.address().port}/infill', 't_max_prompt_ms': 20000, 'show_info': 0 }\nset runtimepath^=${checkout}\n`);
    const socket = join(folder, 's'), env = { ...process.env, XDG_STATE_HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder };
    const nvim = spawn(neovim, ['--headless', '-u', join(folder, 'init.vim'), '-i', 'NONE', '-n', '--listen', socket, 'a.ts'], { cwd: folder, env, stdio: 'ignore' });
    const ended = new Promise((resolve) => nvim.on('close', resolve));
    const ask = (expression) => spawnSync(neovim, ['--server', socket, '--remote-expr', expression], { encoding: 'utf8', env, timeout: 20_000 }).stdout.trimEnd();
    const send = (keys) => spawnSync(neovim, ['--server', socket, '--remote-send', keys], { env, timeout: 20_000 });
    const ghost = `luaeval("(function() for _, m in ipairs(vim.api.nvim_buf_get_extmarks(0, -1, 0, -1, { details = true })) do if m[4].virt_text then return m[4].virt_text[1][1] end end return '' end)()")`;
    const until = async (isSo, what) => {
      for (const end = Date.now() + 60_000; Date.now() < end; await sleep(100)) if (isSo()) return;
      assert.fail(`${what}: ${ask('execute("messages")')}`);
    };
    try {
      await until(() => ask('exists("g:loaded_llama") || exists("*llama#fim")') !== '', 'Neovim does not answer');
      send(':e other.ts<CR>:w<CR>:e a.ts<CR>');
      send('Go<C-u>  return ');
      await until(() => ask(ghost) !== '', 'no ghost text');
      const shown = ask(ghost);
      t.diagnostic(`ghost text: ${JSON.stringify(shown)}`);
      send('<Tab>');
      await until(() => ask('getline(".")').includes(shown), 'it was not taken');
      send('<Esc>');
      await until(() => bodies.some((body) => body.n_predict === 0), 'no warm-up');
    } finally {
      send(':qa!<CR>');
      await Promise.race([ended, sleep(2000)]);
      nvim.kill('SIGKILL');
      between.close();
      removeFolder(folder);
    }
    if (process.env.UPDATE_GOLDEN === '1') {
      const [typed, speculative] = bodies.filter((body) => body.n_predict > 0), warm = bodies.filter((body) => body.n_predict === 0).at(-1);
      writeFileSync(recorded, `${JSON.stringify({ typed, 'with what it was given': speculative, 'warm-up': warm }, null, 1)}\n`);
    }
  });
}
