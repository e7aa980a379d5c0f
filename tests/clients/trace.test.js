// A trace of the real model in a real browser: the page runs its script, shows the steps, and loads nothing external.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'node:test';
import { removeFolder } from '../../eng/lib/folders.mjs';
import { executable, hasCommand, hasServer, modelArguments, withServer } from './server.js';

const source = 'class Box\n{\n    string Name() => "<script>alert(1)</script>";\n\n    int Sum(int[] values)\n    {\n        int sum = 0;\n        \n        return sum;\n    }\n}\n';
const line = 7;

function inFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), 'dlsp-trace-'));
  try {
    return work(folder);
  } finally {
    removeFolder(folder);
  }
}

/** The page's document after its script has run. */
function dom(file, hash = '') {
  const { status, stdout, stderr } = spawnSync('chromium',
    ['--headless', '--no-sandbox', '--disable-gpu', `--user-data-dir=${file}.profile`, '--dump-dom', pathToFileURL(file).href + hash],
    { encoding: 'utf8', timeout: 120_000 });
  assert.equal(status, 0, stderr);
  return stdout;
}

test('a page from the command line, read by a browser', { timeout: 300_000 }, t => {
  if (!hasServer(t) || !hasCommand(t, 'chromium')) return;
  inFolder(folder => {
    const [code, html] = [join(folder, 'Box.cs'), join(folder, 'out.html')];
    writeFileSync(code, source);
    const run = spawnSync(executable, ['trace', `${code}:${line + 1}:9`, '--html', html, '--length', '24', ...modelArguments], { encoding: 'utf8' });
    assert.equal(run.status, 0, run.stderr);
    const steps = Number(/(\d+) steps/.exec(run.stdout)[1]);
    assert.ok(steps > 0);

    const end = dom(html);
    assert.ok(end.includes(`after step ${steps} of ${steps}</output>`), 'the script ran');
    assert.ok(end.includes('&lt;script&gt;alert(1)&lt;/script&gt;') && !end.includes('<script>alert'), 'the document is text');
    assert.equal(end.match(/<tr data-s/g).length, steps);
    const kept = html => [...html.matchAll(/<b class="kept( forced)?" /g)].length;
    assert.ok(kept(end) > 0);

    const start = dom(html, '#step=0');
    assert.ok(start.includes(`before step 1 of ${steps}</output>`));
    assert.equal(kept(start), 0, 'before the first step every token is hidden');
    assert.equal([...start.matchAll(/<b class="kept( forced)? off"/g)].length, kept(end), 'and none is lost');
  });
});

test('the same page by request', { timeout: 300_000 }, t => withServer(t, {}, async server => {
  await server.start();
  const uri = 'file:///w/src/Box.cs';
  await server.open(uri, source);
  const { html } = await server.request('$/diffusion/trace', { textDocument: { uri }, position: { line, character: 8 } });
  assert.match(html, /^<!DOCTYPE html>/);
  assert.match(html, /<title>Decoding src\/Box\.cs<\/title>/);
  assert.ok(!html.includes('<script>alert'));
  assert.equal(await server.stop(), 0);
}));

test('a place that does not exist is one sentence', t => {
  if (!hasServer(t)) return;
  const run = spawnSync(executable, ['trace', 'nowhere.cs:1:1', '--html', 'never.html'], { encoding: 'utf8' });
  assert.deepEqual([run.status, run.stdout, run.stderr.trim()], [1, '', "There is no file 'nowhere.cs'."]);
});
