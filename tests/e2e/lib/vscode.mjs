// One running VS Code with the extension installed: a folder of its own for settings, extensions and files. Knows no test.
import { spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { cpSync, mkdirSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { environment } from '../../../eng/lib/dotnet.mjs';
import { codeServer } from './codeServer.mjs';
import { descendants } from './processes.mjs';

// What would show up, pop up or call home by itself, and what would type along with the test.
const quiet = {
  'security.workspace.trust.enabled': false, 'workbench.startupEditor': 'none', 'workbench.tips.enabled': false,
  'workbench.welcomePage.walkthroughs.openOnInstall': false, 'telemetry.telemetryLevel': 'off', 'update.mode': 'none',
  'extensions.autoCheckUpdates': false, 'extensions.autoUpdate': false, 'extensions.ignoreRecommendations': true,
  'workbench.enableExperiments': false, 'chat.disableAIFeatures': true, 'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'editor.quickSuggestions': { other: 'off', comments: 'off', strings: 'off' }, 'editor.suggestOnTriggerCharacters': false,
  'editor.parameterHints.enabled': false, 'editor.autoClosingBrackets': 'never', 'editor.autoClosingQuotes': 'never',
  'editor.minimap.enabled': false, 'editor.wordBasedSuggestions': 'off', 'git.enabled': false, 'files.autoSave': 'off', 'editor.accessibilitySupport': 'off',
  'files.hotExit': 'off', 'workbench.reduceMotion': 'on', 'typescript.validate.enable': false, 'javascript.validate.enable': false,
};

export class VsCode {
  /**
   * @param vsix the extension; null: none is installed
   * @param serverPath the server that the extension shall run; null: the one inside the .vsix
   * @param files a folder whose files become the workspace
   */
  static async start({ vsix, serverPath, files, port }) {
    const code = new VsCode(port ?? await freePort(), files);
    if (serverPath) code.setMachine({ 'diffusionLsp.serverPath': serverPath });
    if (vsix) code.install(vsix);
    await code.launch();
    return code;
  }

  constructor(port, files) {
    this.port = port;
    this.folder = mkdtempSync(join(tmpdir(), 'diffusion-lsp-e2e-'));
    this.workspace = join(this.folder, 'workspace');
    this.userData = join(this.folder, 'user-data');
    for (const part of ['user-data/User', 'user-data/Machine', 'extensions', 'workspace']) mkdirSync(join(this.folder, part), { recursive: true });
    writeFileSync(join(this.folder, 'config.yaml'), 'auth: none\n');
    cpSync(files, this.workspace, { recursive: true });
    this.originals = new Map(readdirSync(files).map(name => [name, this.file(name)]));
    writeFileSync(join(this.userData, 'User', 'settings.json'), JSON.stringify(quiet));
    this.machine = {};
    const { node, entry } = codeServer();
    this.node = node;
    this.arguments = [entry, '--config', join(this.folder, 'config.yaml'), '--user-data-dir', this.userData, '--extensions-dir', join(this.folder, 'extensions')];
    this.environment = { ...environment(), HOME: this.folder, XDG_CONFIG_HOME: join(this.folder, 'xdg'), XDG_DATA_HOME: join(this.folder, 'xdg') };
    for (const name of Object.keys(this.environment)) if (name.startsWith('npm_')) delete this.environment[name];
  }

  /** Settings of the machine on which the files lie, such as paths. VS Code sees the file change. */
  setMachine(values) {
    this.machine = { ...this.machine, ...values };
    writeFileSync(join(this.userData, 'Machine', 'settings.json'), JSON.stringify(this.machine, null, 1));
  }

  install(vsix) {
    const { status, stdout, stderr } = spawnSync(this.node, [...this.arguments, '--install-extension', vsix], { env: this.environment, encoding: 'utf8' });
    if (status !== 0) throw new Error(`${vsix} cannot be installed: ${stdout}${stderr}`);
  }

  async launch() {
    const log = openSync(join(this.folder, 'code-server.log'), 'w');
    const quietly = ['--auth', 'none', '--disable-telemetry', '--disable-update-check', '--disable-workspace-trust', '--disable-getting-started-override', '--disable-proxy'];
    this.process = spawn(this.node, [...this.arguments, '--bind-addr', `127.0.0.1:${this.port}`, ...quietly], { env: this.environment, stdio: ['ignore', log, log], detached: true });
    for (let attempt = 0; !(await this.isUp()); attempt++) {
      if (attempt > 300 || this.process.exitCode !== null) throw new Error(`code-server does not start: ${this.log()}`);
      await sleep(200);
    }
  }

  async isUp() {
    try {
      return (await fetch(`${this.address}/healthz`)).ok;
    } catch {
      return false;
    }
  }

  get address() {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The address of a window with a folder, or with the workspace. */
  addressOf(folder = this.workspace) {
    return `${this.address}/?folder=${encodeURIComponent(folder)}`;
  }

  log() {
    return readFileSync(join(this.folder, 'code-server.log'), 'utf8');
  }

  file(name) {
    return readFileSync(join(this.workspace, name), 'utf8');
  }

  write(name, text) {
    writeFileSync(join(this.workspace, name), text);
  }

  /** The processes of the language servers that this VS Code runs. */
  languageServers() {
    return descendants(this.process.pid).filter(({ command }) => command.includes('lsp') && command.includes('--stdio')).map(({ pid }) => pid);
  }

  async stop() {
    if (this.process?.exitCode === null) {
      // code-server runs children of its own; all are in its process group.
      process.kill(-this.process.pid, 'SIGTERM');
      await new Promise(resolve => this.process.once('exit', resolve));
    }
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

function freePort() {
  return new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
