// The extension in a real VS Code, with the real server and the embedded model, used as a person would. Each test has
// its own file from files/ and requests something with few right answers, so that nonsense fails it.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { unsupported } from '../../eng/lib/codeServer.mjs';
import { chromiumPath, launchChromium } from './lib/chromium.mjs';
import { Serve } from '../clients/serve.js';
import { extension, serverPath, serverSetting } from './lib/extension.mjs';
import { artifacts } from './lib/paths.mjs';
import { Session } from './lib/session.mjs';
import { Workbench } from './lib/workbench.mjs';

const files = fileURLToPath(new URL('files', import.meta.url));

const missing = unsupported ?? (chromiumPath ? null : 'Chromium is not installed') ?? (existsSync(serverPath) ? null : `${serverPath} is not built`);
if (missing && process.env.CI === 'true') throw new Error(`The end-to-end tests cannot run: ${missing}.`);
if (missing) console.error(`SKIPPED: the end-to-end tests in VS Code: ${missing}.`);

// However busy this machine is, the model's text is the same.
// These scenarios are about the editor, so whatever it writes is shown; and their files are unfinished copies of one another,
// which a suggestion would repeat, unfinished as they are.
const machine = { 'diffusionLsp.latencyBudgetMs': 0, 'diffusionLsp.suggestions': 'all', 'diffusionLsp.workspaceCache': false };

const ready = / is (ready|completing)/;
const broken = / has a problem/;

describe('VS Code', { skip: missing ?? false }, () => {
  let session, browser, window;

  before(async () => {
    session = await Session.start({ vsix: extension(), settings: { ...serverSetting, ...machine }, files });
    browser = await launchChromium();
    window = await Workbench.open(browser, session);
    await window.status(ready);
    await window.warmUp('first.py');
  }, { timeout: 240_000 });

  after(async () => {
    await browser?.close();
    await session?.stop();
  });

  /** A test whose failure leaves a picture, and the logs so far. */
  const scenario = (name, body) => test(name, { timeout: 120_000 }, async () => {
    try {
      await body();
    } catch (error) {
      await window?.screenshot(`failed - ${name.replaceAll(/[^\w -]/g, '')}`).catch(() => {});
      session.keepLogs(join(artifacts, 'logs'));
      throw error;
    }
  });

  scenario('C#: ghost text while typing; Tab takes it', async () => {
    await window.openFile('Totals.cs', 10, 39);
    await window.type('.');
    const ghost = await window.ghost();
    assert.match(ghost, /^(Count|Length)\b/);
    assert.ok(!session.file('Totals.cs').includes(ghost), 'nothing is written before it is taken');
    await window.screenshot('ghost-text-csharp');
    await window.press('Tab');
    await window.noGhost();
    await window.saved('Totals.cs', original('Totals.cs').replace('i < values\n', `i < values.${ghost}\n`));
  });

  scenario('TypeScript: one word is taken, Escape sends the rest away, undo takes the word back', async () => {
    await window.openFile('statistics.ts', 3, 29);
    await window.type('.');
    const ghost = await window.ghost();
    assert.match(ghost, /^length\b/);
    await window.screenshot('ghost-text-typescript');
    await window.press('Control+ArrowRight');
    await window.until(async () => (await window.ghostNow()) !== ghost, () => 'the ghost text stays as it was');
    await window.press('Escape');
    await window.noGhost();
    const typed = rest => original('statistics.ts').replace('i < values\n', `i < values.${rest}\n`);
    await window.saved('statistics.ts', typed('length'));
    await window.press('Control+z');
    await window.press('Escape');
    await window.saved('statistics.ts', typed(''));
  });

  scenario('Python: Escape leaves the text alone', async () => {
    await window.openFile('inventory.py', 5, 20);
    await window.type(' =');
    assert.match(await window.ghost(), /^ ?(self\.)?(amount|price|name)\b/);
    await window.screenshot('ghost-text-python');
    await window.press('Escape');
    await window.noGhost();
    await window.saved('inventory.py', original('inventory.py').replace('self.amount\n', 'self.amount =\n'));
  });

  scenario('in the middle of a line what follows stays behind the suggestion', async () => {
    await window.openFile('mean.py', 2, 29);
    await window.type('(');
    const ghost = await window.ghost();
    assert.equal(ghost, 'values'); // the argument, without the bracket that stands there already
    await window.screenshot('ghost-text-mid-line');
    await window.press('Tab');
    await window.saved('mean.py', original('mean.py').replace('len)', `len(${ghost})`));
  });

  for (const [name, newline] of [['ends.py', '\n'], ['ends_crlf.py', '\r\n']]) {
    scenario(`several lines, in a file with ${newline === '\n' ? 'LF' : 'CRLF'}`, async () => {
      await window.openFile(name, 5, 17);
      await window.type(':');
      const ghost = await window.ghost();
      assert.match(ghost, /^\n {4}return .*values/);
      await window.screenshot(`ghost-text-several-lines-${name.replace('.py', '')}`);
      await window.press('Tab');
      await window.saved(name, original(name) + `:${ghost}`.replaceAll('\n', newline));
    });
  }

  scenario('a refilled selection is shown first; discarded it leaves the file alone, accepted it is one edit that undo takes back', async () => {
    const before = original('refill.py');
    await window.openFile('refill.py', 2, 30);
    for (let character = 0; character < 'None'.length; character++) await window.press('Shift+ArrowRight');
    await window.command('DiffusionLsp: Refill Selection');
    await window.shows('.tab.active', 'Refill refill.py: 1 line becomes 1');
    await window.shows('.monaco-diff-editor .view-line', /len\(values\)/);
    await window.shows('.statusbar-item', 'Ctrl+Enter accepts, Escape discards');
    await window.pictures('refill-preview');
    await window.press('Escape');
    await window.noTab('Refill refill.py');
    await window.shows('.statusbar-item', '(4 selected)');
    await window.saved('refill.py', before);

    // The server's own action goes the same way, and the buttons do what the keys do.
    await window.press('Control+.');
    await window.page.locator('.action-widget .monaco-list-row', { hasText: 'Refill selection' }).click();
    await window.shows('.monaco-diff-editor .view-line', /len\(values\)/);
    assert.equal(session.file('refill.py'), before);
    await window.page.locator('.editor-actions .action-label[aria-label^="Discard"]').click();
    await window.noTab('Refill refill.py');
    await window.shows('.statusbar-item', '(4 selected)');
    await window.command('DiffusionLsp: Refill Selection');
    await window.shows('.monaco-diff-editor .view-line', /len\(values\)/);
    await window.press('Control+Enter');
    await window.noTab('Refill refill.py');
    await window.saved('refill.py', before.replace('None', 'values'));
    await window.screenshot('refilled');
    await window.press('Control+z');
    await window.saved('refill.py', before);
  });

  scenario('a text that leaves out what the rest of the file uses is not shown', async () => {
    await window.openFile('kept.ts', 2, 1);
    for (let line = 0; line < 2; line++) await window.press('Shift+ArrowDown');
    await window.command('DiffusionLsp: Refill Selection');
    await window.shows('.notification-toast', "Selection kept: the new text drops 'first', 'last', used elsewhere.");
    await window.pictures('refill-kept');
    await window.saved('kept.ts', original('kept.ts'));
    await window.command('Notifications: Clear All Notifications');
  });

  scenario('a setting works at once: off by the menu, on by the settings file', async () => {
    await window.openFile('live.py', 5, 20);
    await window.command('DiffusionLsp: Turn On or Off in This Workspace');
    await window.status(/ is off/);
    assert.equal(JSON.parse(session.file('.vscode/settings.json'))['diffusionLsp.enabled'], false);
    await window.type(' =');
    await window.page.waitForTimeout(1_500);
    assert.equal(await window.ghostNow(), '');
    await window.screenshot('off');
    session.write('.vscode/settings.json', '{ "diffusionLsp.enabled": true }');
    await window.status(ready);
    await window.press('Backspace');
    await window.type('=');
    assert.match(await window.ghost(), /amount|price|name/);
    await window.press('Escape');
  });

  scenario('a server that is killed comes back', async () => {
    const [killed] = session.languageServers();
    assert.ok(killed, 'a server runs');
    process.kill(killed, 'SIGKILL');
    await window.until(() => session.languageServers().some(pid => pid !== killed), () => 'no other server was started');
    await window.status(ready);
    await window.openFile('killed.py', 5, 20);
    await window.type(' =');
    assert.match(await window.ghost(), /amount|price|name/);
    await window.press('Escape');
  });

  scenario('a model folder or a server that is not there is named, with ways on; mending the setting mends it', async () => {
    session.setMachine({ 'diffusionLsp.modelPath': '/no/such/model' });
    await window.status(broken);
    await window.shows('.notification-toast', '/no/such/model');
    await window.shows('.notification-toast .monaco-button', 'Check the Status');
    await window.pictures('broken-model-path');
    session.setMachine({ 'diffusionLsp.modelPath': '' });
    await window.status(ready);
    await window.page.locator('.notification-toast', { hasText: '/no/such/model' }).waitFor({ state: 'hidden' }); // with its cause
    session.setMachine({ 'diffusionLsp.serverPath': '/no/such/server' });
    await window.status(broken);
    await window.shows('.notification-toast', '/no/such/server');
    session.setMachine({ 'diffusionLsp.serverPath': serverSetting['diffusionLsp.serverPath'] });
    await window.status(ready);
    await window.command('Notifications: Clear All Notifications');
  });

  scenario('a key asks for a suggestion, out of the box', async () => {
    await window.openFile('key.py', 5, 20);
    await window.press('Alt+Backslash');
    assert.match(await window.ghost(), /\S/);
    await window.press('Escape');
  });

  scenario('asked again, the key shows another suggestion, and the editor goes back to the first', async () => {
    await window.openFile('others.ts', 3, 29);
    await window.press('Alt+Backslash');
    const first = await window.ghost();
    assert.equal(first, '.length; i++');
    await window.press('Alt+Backslash');
    await window.until(async () => !['', first].includes(await window.ghostNow()), () => 'no other suggestion is shown');
    const second = await window.ghostNow();
    assert.match(second, /^[.;]\S/);
    await window.pictures('another-suggestion');
    await window.press('Alt+BracketLeft');
    await window.until(async () => (await window.ghostNow()) === first, async () => `"${await window.ghostNow()}" is shown`);
    await window.press('Alt+BracketRight');
    await window.until(async () => (await window.ghostNow()) === second, async () => `"${await window.ghostNow()}" is shown`);
    await window.press('Tab');
    await window.saved('others.ts', original('others.ts').replace('i < values\n', `i < values${second}\n`));
  });

  scenario('where nothing came by itself, the key asks all the same, and again for another', async () => {
    await window.openFile('unsure.ts', 3, 28);
    session.setMachine({ 'diffusionLsp.trigger': 'manual' }); // the editor asks, and gets nothing
    try {
      await window.page.waitForTimeout(500);
      await window.type('s');
      await window.page.waitForTimeout(1_000);
      assert.equal(await window.ghostNow(), '');
      await window.press('Alt+Backslash');
      const first = await window.ghost();
      await window.press('Alt+Backslash');
      await window.until(async () => !['', first].includes(await window.ghostNow()), () => 'no other suggestion is shown');
      const second = await window.ghostNow();
      await window.press('Alt+Backslash'); // the third one, or the first again
      await window.until(async () => !['', second].includes(await window.ghostNow()), async () => `"${await window.ghostNow()}" is shown`);
      await window.press('Escape');
    } finally {
      session.setMachine({ 'diffusionLsp.trigger': undefined });
    }
  });

  scenario('with the list of suggestions open, ghost text continues the selected entry, and Tab takes that entry first', async () => {
    const rows = window.page.locator('.suggest-widget.visible .monaco-list-row');
    const selected = window.page.locator('.suggest-widget.visible .monaco-list-row.focused');
    const continues = async () => {
      await selected.first().waitFor();
      await window.page.waitForTimeout(1_500);
      const entry = await selected.first().textContent();
      const ghost = await window.ghostNow();
      assert.ok(ghost === '' || `p${ghost}`.startsWith(entry), `"${ghost}" with ${entry} selected`);
      return ghost;
    };
    session.setMachine({ 'editor.quickSuggestions': { other: 'on', comments: 'off', strings: 'off' }, 'editor.wordBasedSuggestions': 'currentDocument' });
    try {
      await window.openFile('list.py', 8, 40);
      await window.type(' * (1 - s');
      await selected.filter({ hasText: 'self' }).waitFor();
      const ghost = await window.ghost();
      assert.match(ghost, /^elf\.\w+\)/);
      await window.pictures('list-open');
      await window.press('Tab');
      await rows.first().waitFor({ state: 'hidden' });
      const [head, tail] = original('list.py').split(/(?<=total.*\n.*pieces)(?=\n)/);
      await window.saved('list.py', `${head} * (1 - self${tail}`);
      assert.equal(await window.ghost(), ghost.slice('elf'.length));
      await window.press('Tab');
      await window.saved('list.py', `${head} * (1 - s${ghost}${tail}`);

      // Without the list Tab takes all of it.
      await window.openFile('list.py', 11, 40);
      await window.type(' + s');
      await selected.filter({ hasText: 'self' }).waitFor();
      const whole = await window.ghost();
      await window.press('Escape');
      await rows.first().waitFor({ state: 'hidden' });
      assert.equal(await window.ghost(), whole);
      await window.press('Tab');
      await window.saved('list.py', `${head} * (1 - s${ghost}${tail.trimEnd()} + s${whole}\n`);

      // Another entry, another text, or none.
      await window.type(' * (1 + self.p');
      await window.page.waitForTimeout(1_000);
      if (!(await rows.first().isVisible())) await window.press('Control+Space'); // it does not open over ghost text
      await rows.first().waitFor();
      assert.deepEqual(await rows.allTextContents(), ['pieces', 'price']);
      const one = await continues(); // which of the two VS Code selects first is its own affair
      await window.press('ArrowDown');
      const other = await continues();
      assert.ok(one === '' || one !== other);
      await window.screenshot('list-other-entry');
      await window.press('Escape', 'Escape');
    } finally {
      session.setMachine({ 'editor.quickSuggestions': undefined, 'editor.wordBasedSuggestions': undefined });
    }
  });

  scenario('a snooze keeps quiet until it is ended, and touches no setting', async () => {
    await window.openFile('snooze.py', 5, 20);
    await window.command('DiffusionLsp: Snooze or Resume');
    await window.page.locator('.quick-input-list .monaco-list-row', { hasText: '15 minutes' }).click();
    await window.status(/^DiffusionLsp is snoozed until \d.*\.$/);
    await window.type(' =');
    await window.page.waitForTimeout(1_500);
    assert.equal(await window.ghostNow(), '');
    await window.screenshot('snoozed');
    await window.command('DiffusionLsp: Snooze or Resume');
    await window.status(ready);
    await window.press('Backspace');
    await window.type('=');
    assert.match(await window.ghost(), /amount|price|name/);
    await window.press('Escape');
  });

  scenario('a language that is turned off and on again leaves no setting behind', async () => {
    await window.openFile('snooze.py', 5, 20);
    await window.command('DiffusionLsp: Turn On or Off for This Language');
    await window.status(/ is off for Python/);
    assert.deepEqual(session.userSettings()['diffusionLsp.languages'], { python: false });
    await window.command('DiffusionLsp: Turn On or Off for This Language');
    await window.status(ready);
    await window.until(() => !('diffusionLsp.languages' in session.userSettings()), () => JSON.stringify(session.userSettings()));
  });

  scenario('the menu says why there is nothing at the cursor', async () => {
    await window.openFile('why.py', 1, 8); // inside a word
    await window.type('x');
    await window.page.waitForTimeout(1_000);
    await window.statusItem.first().click();
    await window.shows('.quick-input-list .monaco-list-row', 'Why nothing here?');
    await window.shows('.quick-input-list .monaco-list-row', 'The cursor is inside a word.');
    await window.screenshot('why');
    await window.closeList();
    await window.command('DiffusionLsp: Why Nothing Here?');
    await window.shows('.notification-toast', 'The cursor is inside a word.');
    await window.command('Notifications: Clear All Notifications');
  });

  scenario('the menu of the status bar item', async () => {
    await window.press('Escape');
    await window.statusItem.first().click();
    await window.shows('.quick-input-list .monaco-list-row', 'Turn off in this workspace');
    await window.screenshot('menu');
    await window.closeList();
  });

  scenario('the settings page begins with what most people want', async () => {
    await window.statusItem.first().click();
    await window.type('Settings');
    await window.page.locator('.quick-input-list .monaco-list-row', { hasText: 'Settings' }).click();
    await window.shows('.settings-editor .setting-item-label', 'Enabled');
    await window.page.waitForTimeout(1_000); // it fills from above
    const labels = await window.page.locator('.settings-editor .setting-item-label').allTextContents();
    assert.deepEqual(labels.slice(0, 2), ['Enabled', 'Languages']);
    await window.pictures('settings');
    await window.press('Control+w');
  });

  scenario('a remote engine answers, and the menu shows it', async () => {
    const serve = await Serve.start();
    try {
      session.setMachine({ 'diffusionLsp.remoteUrl': serve.url, 'diffusionLsp.remoteFallback': 'never' });
      await window.openFile('elsewhere.py', 5, 20);
      await window.type(' =');
      assert.match(await window.ghost(), /amount|price|name/);
      assert.ok(await serve.metric('diffusion_lsp_requests_total{endpoint="/v1/completions",outcome="200"}') > 0);
      await window.press('Escape');
      await window.statusItem.first().click();
      await window.shows('.quick-input-list .monaco-list-row', 'Remote engine');
      await window.shows('.quick-input-list .monaco-list-row', `nano at ${new URL(serve.url).host}`);
      await window.screenshot('remote-engine');
      await window.closeList();
    } finally {
      session.setMachine({ 'diffusionLsp.remoteUrl': '', 'diffusionLsp.remoteFallback': 'local' });
      await serve.stop();
    }
    await window.status(ready);
  });

  scenario('the check of the status', async () => {
    await window.command('DiffusionLsp: Check the Status');
    await window.shows('.tab.active', 'DiffusionLsp status');
    await window.shows('.editor-instance .view-lines', 'libtorch');
    await window.screenshot('check');
  });

  scenario('the decoding trace of a completion', async () => {
    await window.openFile('trace.py', 5, 22);
    await window.command('DiffusionLsp: Show Decoding Trace');
    await window.shows('.tab', 'Decoding Trace');
    const page = window.page.frameLocator('iframe.webview').frameLocator('iframe#active-frame');
    await page.locator('body', { hasText: /amount|price|name/ }).waitFor({ timeout: 30_000 });
    await window.screenshot('trace');
    const colours = () => page.locator('body').evaluate(body => ({ back: getComputedStyle(body).backgroundColor, text: getComputedStyle(body).color }));
    const light = await colours();
    assert.equal(light.back, 'rgb(255, 255, 255)');
    session.setMachine({ 'workbench.colorTheme': 'Default Dark Modern' });
    try {
      await window.until(async () => (await colours()).back === 'rgb(31, 31, 31)', async () => `the page does not follow the dark theme: ${JSON.stringify(await colours())}`);
      assert.notEqual((await colours()).text, light.text);
      await window.screenshot('trace-dark');
    } finally {
      session.setMachine({ 'workbench.colorTheme': 'Default Light Modern' });
    }
  });

  scenario('two windows have a server each', async () => {
    const other = await Workbench.open(browser, session);
    await other.status(ready);
    await other.warmUp('second.py');
    assert.equal(session.languageServers().length, 2);
    await other.openFile('other.py', 5, 20);
    await other.type(' =');
    assert.match(await other.ghost(), /amount|price|name/);
    await other.screenshot('second-window');
    await other.close();
    await window.openFile('again.py', 5, 20);
    await window.type(' =');
    assert.match(await window.ghost(), /amount|price|name/);
  });

  scenario('a server that dies again and again is given up, with one message and a way to the log', async () => {
    await window.command('Notifications: Clear All Notifications');
    for (let end = 1; end <= 5; end++) {
      await window.until(() => session.languageServers().length > 0, () => `no server runs after end ${end - 1}`);
      const killed = session.languageServers();
      for (const pid of killed) process.kill(pid, 'SIGKILL');
      await window.until(() => !session.languageServers().some(pid => killed.includes(pid)), () => 'it still runs');
    }
    await window.status(broken);
    await window.shows('.notification-toast', 'see the log');
    await window.shows('.notification-toast .monaco-button', 'Open Log');
    assert.equal(await window.page.locator('.notification-toast').count(), 1);
    await window.screenshot('given-up');
    await window.command('DiffusionLsp: Restart Server');
    await window.status(ready);
  });

  /** A file as it was before the tests. */
  function original(name) {
    return session.originals.get(name) ?? assert.fail(`${join(files, name)} is not there`);
  }
});
