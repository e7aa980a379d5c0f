// One window of VS Code in the browser, as a person uses it: keys, the status bar, what the screen shows.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { screenshots } from './paths.mjs';

const patience = 30_000;

export class Workbench {
  static async open(browser, session, { width = 1200, height = 700 } = {}) {
    const page = await (await browser.newContext({ viewport: { width, height } })).newPage();
    const workbench = new Workbench(page, session);
    await page.goto(session.code.windowAddress);
    await page.waitForSelector('.monaco-workbench .explorer-folders-view .monaco-list-row', { timeout: 120_000 });
    return workbench;
  }

  /**
   * VS Code gives an editor its parts one by one when it has time; the first editor of a window asks for ghost text only
   * when it has that part. A person who types on would not notice.
   */
  async warmUp(name) {
    await this.openFile(name, 5, 20);
    await this.type(' ');
    for (let attempt = 0; (await this.ghostParts.count()) === 0; attempt++) {
      if (attempt > 20) assert.fail('no ghost text comes in this window');
      await this.press('Backspace');
      await this.type('=');
      await this.page.waitForTimeout(2_000);
    }
    await this.press('Escape');
  }

  constructor(page, session) {
    this.page = page;
    this.session = session;
    this.keyboard = page.keyboard;
    this.ghostParts = page.locator('.editor-instance [class*="ghost-text"]');
    this.statusItem = page.locator('.statusbar-item[id="diffusion-lsp.diffusion-lsp.diffusionLsp.status"]');
  }

  /** Sends a list away that was opened from the palette or the status bar. */
  async closeList() {
    await this.press('Escape');
    await this.page.locator('.quick-input-widget').first().waitFor({ state: 'hidden', timeout: patience });
  }

  /** Opens a file with the cursor at a place, both counted from 1. */
  async openFile(name, line = 1, column = 1) {
    await this.list('Control+p', name, this.page.locator('.quick-input-list .monaco-list-row.focused', { hasText: name }));
    await this.page.locator('.tab.active', { hasText: name }).waitFor({ timeout: patience });
    await this.list('Control+g', `:${line}:${column}`, this.page.locator('.quick-input-list .monaco-list-row', { hasText: String(line) }));
    await this.page.locator('.editor-instance .monaco-editor.focused').first().waitFor({ timeout: patience });
    await this.page.locator('.statusbar-item', { hasText: `Ln ${line}, Col ${column}` }).waitFor({ timeout: patience });
  }

  /** Opens a list by a key, types into it, and takes the first row when it is the one that is wanted. */
  async list(key, text, wanted) {
    await this.keyboard.press(key);
    const input = this.page.locator('.quick-input-widget input[type="text"]').first();
    await input.waitFor({ timeout: patience });
    await input.fill(text);
    await wanted.first().waitFor({ timeout: patience });
    await this.keyboard.press('Enter');
    await input.waitFor({ state: 'hidden', timeout: patience });
  }

  /** Installs an extension as a person does, from a file. */
  async install(vsix) {
    await this.command('Extensions: Install from VSIX...');
    const input = this.page.locator('.quick-input-widget input[type="text"]').first();
    await this.page.locator('.quick-input-widget .quick-input-title', { hasText: 'Install from VSIX' }).waitFor({ timeout: patience });
    await this.page.locator('.quick-input-list .monaco-list-row').first().waitFor({ timeout: patience });
    await input.fill(vsix);
    await this.page.locator('.quick-input-list .monaco-list-row', { hasText: basename(vsix) }).first().waitFor({ timeout: patience });
    await input.press('Enter');
    await input.waitFor({ state: 'hidden', timeout: patience });
  }

  /** Runs a command by its title, as from the palette. */
  async command(title) {
    const input = this.page.locator('.quick-input-widget input[type="text"]').first();
    await this.until(async () => {
      await this.keyboard.press('F1');
      await this.page.waitForTimeout(300);
      return input.isVisible(); // what takes the focus meanwhile closes it
    }, () => 'the palette does not open');
    await input.fill(`>${title}`);
    const row = this.page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first();
    await row.waitFor({ timeout: patience });
    await row.click();
  }

  async type(text) {
    await this.keyboard.type(text, { delay: 25 });
  }

  async press(...keys) {
    for (const key of keys) await this.keyboard.press(key);
  }

  /** The suggestion as it stands on the screen, lines joined; fails when none comes. */
  async ghost() {
    await this.ghostParts.first().waitFor({ state: 'visible', timeout: patience });
    return this.ghostNow();
  }

  /** Whether a suggestion comes in this time. */
  async ghostWithin(milliseconds) {
    try {
      await this.ghostParts.first().waitFor({ state: 'visible', timeout: milliseconds });
      return true;
    } catch {
      return false;
    }
  }

  async ghostNow() {
    const rows = await this.page.evaluate(() => {
      const parts = [...document.querySelectorAll('.editor-instance [class*="ghost-text"]')].filter(e => e.querySelector('[class*="ghost-text"]') === null && e.textContent !== '');
      const cursor = document.querySelector('.editor-instance .cursors-layer .cursor')?.getBoundingClientRect().top;
      const byRow = new Map(cursor === undefined || parts.length === 0 ? [] : [[Math.round(cursor), '']]);
      for (const part of parts) {
        const row = Math.round(part.getBoundingClientRect().top);
        const near = [...byRow.keys()].find(other => Math.abs(other - row) < 8) ?? row;
        byRow.set(near, (byRow.get(near) ?? '') + part.textContent);
      }
      return [...byRow].sort(([a], [b]) => a - b).map(([, text]) => text);
    });
    return rows.join('\n').replaceAll('\u00a0', ' ').replaceAll('\u200c', '');
  }

  async noGhost() {
    await this.page.waitForFunction(() => document.querySelector('.editor-instance [class*="ghost-text"]') === null, null, { timeout: patience });
  }

  /** Waits until no tab has a title that holds this. */
  async noTab(title) {
    await this.page.locator('.tab', { hasText: title }).first().waitFor({ state: 'detached', timeout: patience });
  }

  /** Waits until the window shows a text somewhere in an element. */
  async shows(selector, text) {
    await this.page.locator(selector, { hasText: text }).first().waitFor({ timeout: patience });
  }

  async status(pattern) {
    await this.until(async () => pattern.test(await this.statusText()), async () => `the status bar item says "${await this.statusText()}", not ${pattern}`);
  }

  async statusText() {
    return (await this.statusItem.count()) === 0 ? '' : (await this.statusItem.first().getAttribute('aria-label')) ?? '';
  }

  /** Saves the active file until the disk holds the expected text. */
  async saved(name, expected) {
    const save = async () => {
      await this.press('Control+s');
      return this.session.file(name) === expected;
    };
    await this.until(save, () => `${name} is ${JSON.stringify(this.session.file(name))}, not ${JSON.stringify(expected)}`);
  }

  async until(condition, complaint, milliseconds = patience) {
    const end = Date.now() + milliseconds;
    while (!(await condition())) {
      if (Date.now() > end) assert.fail(await complaint());
      await this.page.waitForTimeout(200);
    }
  }

  async screenshot(name, clip) {
    mkdirSync(screenshots, { recursive: true });
    await this.page.screenshot({ path: join(screenshots, `${name}.png`), ...(clip ? { clip } : {}) });
  }

  /** What the window shows, in the light theme and in the dark one. */
  async pictures(name) {
    await this.screenshot(name);
    const theme = this.session.machine['workbench.colorTheme'];
    this.session.setMachine({ 'workbench.colorTheme': 'Default Dark Modern' });
    try {
      await this.page.locator('.monaco-workbench.vs-dark').waitFor({ timeout: patience });
      await this.screenshot(`${name}-dark`);
    } finally {
      this.session.setMachine({ 'workbench.colorTheme': theme });
      await this.page.locator('.monaco-workbench.vs').waitFor({ timeout: patience });
    }
  }

  async close() {
    await this.page.context().close();
  }
}
