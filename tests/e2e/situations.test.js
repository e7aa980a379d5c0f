// A third of the catalogue of situations in a real VS Code: the last character before the cursor is typed, the suggestion is
// accepted with Tab, and the document is judged as in the headless run. If there is no suggestion while typing, the key requests
// one, which shows everything that post-processing leaves.
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { unsupported } from '../../eng/lib/codeServer.mjs';
import { removeFolder } from '../../eng/lib/folders.mjs';
import { readSituations } from '../situations/catalogue.mjs';
import { judgeAll } from '../situations/judge.mjs';
import { chromiumPath, launchChromium } from './lib/chromium.mjs';
import { extension, serverPath, serverSetting } from './lib/extension.mjs';
import { Session } from './lib/session.mjs';
import { Workbench } from './lib/workbench.mjs';

const missing = unsupported ?? (chromiumPath ? null : 'Chromium is not installed') ?? (existsSync(serverPath) ? null : `${serverPath} is not built`);
if (missing && process.env.CI === 'true') throw new Error(`The situations cannot be played in VS Code: ${missing}.`);
if (missing) console.error(`SKIPPED: the situations in VS Code: ${missing}.`);

const situations = readSituations().filter((_, i) => i % 3 === 0).map((situation, i) => ({ ...situation, name: `${String(i + 1).padStart(2, '0')}-${basename(situation.file)}`, title: situation.name }));

/** Whether a person can type it, and VS Code inserts nothing else. */
const typed = ({ text, offset }) => (offset > 0 && !/[\n\t]/.test(text[offset - 1]) ? text[offset - 1] : '');

describe('situations in VS Code', { skip: missing ?? false }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'diffusion-lsp-situations-'));
  let session, browser, window;

  before(async () => {
    copyFileSync(new URL('files/first.py', import.meta.url), join(folder, 'first.py'));
    for (const situation of situations) {
      const { text, offset } = situation;
      writeFileSync(join(folder, situation.name), text.slice(0, offset - typed(situation).length) + text.slice(offset));
    }
    // The files are no program; what one says is no help in another.
    session = await Session.start({ vsix: extension(), settings: { ...serverSetting, 'diffusionLsp.latencyBudgetMs': 0, 'diffusionLsp.workspaceCache': false, 'diffusionLsp.suggestions': 'all' }, files: folder });
    browser = await launchChromium();
    window = await Workbench.open(browser, session);
    await window.status(/ is (ready|completing)/);
    await window.warmUp('first.py');
    session.setMachine({ 'diffusionLsp.suggestions': undefined }); // the default
  }, { timeout: 240_000 });

  after(async () => {
    await browser?.close();
    await session?.stop();
    removeFolder(folder);
  });

  test('what is accepted breaks no document', { timeout: 600_000 }, async t => {
    const played = [];
    for (const situation of situations) played.push(await play(situation));
    const verdicts = await judgeAll(played);
    const rows = played.map((p, i) => ({ ...p, ...verdicts[i] })).filter(row => row.kind !== 'nothing');
    for (const { situation, by, kind, faults, inserted } of rows) t.diagnostic(`${situation.title}, ${by}: ${[kind, ...faults].join(', ')}: ${JSON.stringify(inserted)}`);
    const shown = rows.filter(row => row.by === 'itself'), asked = rows.filter(row => row.by === 'the key');
    t.diagnostic(`${situations.length} situations; shown by itself ${shown.length}, asked for by the key ${asked.length}`);
    assert.ok(shown.length >= 3 && asked.length >= 5, 'nearly nothing was shown');
    for (const fault of ['unbalanced', 'repeats a neighbour', 'copies a body', 'leaves the text', 'code in text', 'indentation', 'dangling'])
      assert.deepEqual(rows.filter(row => row.faults.includes(fault)).map(row => row.situation.title), [], fault);
    const wrong = shown.filter(row => row.kind === 'wrong');
    assert.ok(wrong.length <= 0.15 * shown.length, `${wrong.length} of ${shown.length} are wrong`);
  });

  async function play(situation) {
    const { name, text, offset } = situation;
    const key = typed(situation);
    const before = text.slice(0, offset - key.length);
    const line = before.slice(before.lastIndexOf('\n') + 1);
    await window.openFile(name, before.split('\n').length);
    for (let column = 0; column < line.length; column++) await window.press('ArrowRight'); // a tab is one
    if (key !== '') await window.type(key);
    let by = 'itself';
    if (key === '' || !(await window.ghostWithin(1_500))) {
      by = 'the key';
      await window.press('Alt+Backslash');
    }
    if (by === 'the key' && !(await window.ghostWithin(2_000))) return { situation, by, inserted: '', replaced: 0 };
    await window.press('Tab');
    await window.noGhost();
    await window.until(async () => {
      await window.press('Control+s');
      const saved = session.file(name); // may be empty while it is written
      return saved !== session.originals.get(name) && saved.startsWith(text.slice(0, offset)) && (await window.page.locator('.tab.active.dirty').count()) === 0;
    }, () => `${name} is ${JSON.stringify(session.file(name))}`);
    const document = session.file(name);
    const rest = text.slice(offset);
    let replaced = 0;
    while (!document.endsWith(rest.slice(replaced))) replaced++;
    return { situation, by, inserted: document.slice(offset, document.length - rest.length + replaced), replaced };
  }
});
