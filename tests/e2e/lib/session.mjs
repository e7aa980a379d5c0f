// One VS Code for a test: the extension installed, a copy of the test's files as workspace, and everything gone afterwards.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { removeFolder } from '../../../eng/lib/folders.mjs';
import { descendants } from '../../../eng/lib/processes.mjs';
import { VsCode } from '../../../eng/lib/vscode.mjs';

// What would show up or pop up by itself, or type along with the test.
const quiet = {
  'workbench.startupEditor': 'none', 'workbench.tips.enabled': false,
  'workbench.reduceMotion': 'on', 'workbench.secondarySideBar.defaultVisibility': 'hidden', 'extensions.ignoreRecommendations': true,
  'chat.disableAIFeatures': true, 'git.enabled': false, 'files.autoSave': 'off', 'files.hotExit': 'off', 'editor.minimap.enabled': false,
  'editor.quickSuggestions': { other: 'off', comments: 'off', strings: 'off' }, 'editor.suggestOnTriggerCharacters': false,
  'editor.parameterHints.enabled': false, 'editor.wordBasedSuggestions': 'off', 'editor.autoClosingBrackets': 'never',
  'editor.autoClosingQuotes': 'never', 'editor.accessibilitySupport': 'off', 'typescript.validate.enable': false,
};

export class Session {
  /**
   * @param vsix the extension that is there from the start
   * @param settings of the machine; what names the server, for example
   * @param files a folder whose files become the workspace
   */
  static async start({ vsix, settings, files }) {
    const session = new Session(files);
    session.setMachine(settings);
    session.code.install(vsix);
    await session.code.launch();
    return session;
  }

  constructor(files) {
    this.folder = mkdtempSync(join(tmpdir(), 'diffusion-lsp-e2e-'));
    this.workspace = join(this.folder, 'workspace');
    cpSync(files, this.workspace, { recursive: true });
    this.originals = new Map(readdirSync(files).map(name => [name, this.file(name)]));
    this.code = new VsCode({ folder: this.folder, workspace: this.workspace, home: this.folder });
    this.code.setUser(quiet);
    // The first is VS Code's setting of a machine, which the user's file does not set for another one.
    this.machine = { 'workbench.welcomePage.walkthroughs.openOnInstall': false, 'workbench.colorTheme': 'Default Light Modern' };
  }

  /** Changes settings of the machine; the others stay. */
  setMachine(values) {
    this.machine = { ...this.machine, ...values };
    this.code.setMachine(this.machine);
  }

  /** The user's settings as the disk holds them. */
  userSettings() {
    return JSON.parse(readFileSync(join(this.folder, 'user-data', 'User', 'settings.json'), 'utf8'));
  }

  file(name) {
    return readFileSync(join(this.workspace, name), 'utf8');
  }

  write(name, text) {
    mkdirSync(dirname(join(this.workspace, name)), { recursive: true });
    writeFileSync(join(this.workspace, name), text);
  }

  /** The process identifiers of the language servers that this VS Code runs. */
  languageServers() {
    return descendants(this.code.process.pid).filter(({ command }) => command.includes('lsp') && command.includes('--stdio')).map(({ pid }) => pid);
  }

  /** Copies the logs of the language servers. */
  keepLogs(folder) {
    cpSync(join(this.folder, '.cache', 'diffusion-lsp', 'logs'), folder, { recursive: true, force: true });
  }

  async stop() {
    await this.code.stop();
    removeFolder(this.folder);
  }
}
