// npm run pictures -w tests/e2e: takes the pictures of the documents and of the walkthrough anew, from this build.
import { copyFileSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeFolder } from '../../eng/lib/folders.mjs';
import { packageExtension } from '../../eng/lib/extension.mjs';
import { executable, programs, root } from '../../eng/lib/projects.mjs';
import { launchChromium } from './lib/chromium.mjs';
import { artifacts, screenshots } from './lib/paths.mjs';
import { Session } from './lib/session.mjs';
import { Workbench } from './lib/workbench.mjs';

const inventory = `class Item:
    def __init__(self, name, price, amount):
        self.name = name
        self.price = price
        self.amount

    def total(self):
        return self.price * self.amount
`;

const files = mkdtempSync(join(tmpdir(), 'diffusion-lsp-pictures-'));
for (const name of ['first.py', 'inventory.py']) writeFileSync(join(files, name), inventory);
writeFileSync(join(files, 'trace.py'), inventory.replace('self.amount\n', 'self.amount =\n'));

const vsix = join(artifacts, 'diffusion-lsp.vsix');
packageExtension({ output: vsix });
const serverPath = process.env.DIFFUSION_LSP_E2E_SERVER ?? executable(programs.server);
const session = await Session.start({ vsix, settings: { 'diffusionLsp.serverPath': serverPath }, files });
const browser = await launchChromium();
try {
  const window = await Workbench.open(browser, session, { width: 960, height: 480 });
  await window.warmUp('first.py');
  await window.press('Control+s');
  await window.command('View: Close All Editors');
  await window.openFile('inventory.py', 5, 20);
  await window.type(' =');
  await window.ghost();
  await window.page.waitForTimeout(1_000);
  await take(window, 'ghost-text', 'ghost-text');
  await window.press('Tab');
  await window.statusItem.first().click();
  await window.shows('.quick-input-list .monaco-list-row', 'Turn off in this workspace');
  await window.page.mouse.move(10, 300);
  await take(window, 'menu', 'menu');
  await window.closeList();
  await window.openFile('trace.py', 5, 22);
  await window.command('DiffusionLsp: Show Decoding Trace');
  await window.page.frameLocator('iframe.webview').frameLocator('iframe#active-frame').locator('body', { hasText: 'model passes' }).waitFor();
  await window.page.waitForTimeout(500);
  await take(window, 'trace');
} finally {
  await browser.close();
  await session.stop();
  removeFolder(files);
}

/** One picture: into the documents, and into the walkthrough if it has a place there. */
async function take(window, name, walkthrough) {
  await window.screenshot(`picture-${name}`);
  const picture = join(screenshots, `picture-${name}.png`);
  copyFileSync(picture, join(root, 'docs', 'images', `vscode-${name}.png`));
  if (walkthrough) copyFileSync(picture, join(root, 'client-vscode', 'media', 'walkthrough', `${walkthrough}.png`));
}
