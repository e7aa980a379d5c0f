// One VS Code in the browser, with its own settings and extensions. Knows neither the extension nor any test.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeServer } from './codeServer.mjs';
import { environment } from './dotnet.mjs';
import { descendants, isAlive } from './processes.mjs';

// No telemetry, no updates.
const discreet = { 'telemetry.telemetryLevel': 'off', 'update.mode': 'none', 'extensions.autoCheckUpdates': false, 'extensions.autoUpdate': false, 'workbench.enableExperiments': false };

export class VsCode {
  /**
   * @param folder for settings, extensions and logs
   * @param workspace the folder shown in its window
   * @param home the home folder of everything that runs in it; default: the user's
   */
  constructor({ folder, workspace, home }) {
    this.folder = folder;
    this.workspace = workspace;
    const { node, entry } = codeServer();
    this.node = node;
    for (const part of ['user-data/User', 'user-data/Machine', 'extensions']) mkdirSync(join(folder, part), { recursive: true });
    writeFileSync(join(folder, 'config.yaml'), 'auth: none\n');
    this.arguments = [entry, '--config', join(folder, 'config.yaml'), '--user-data-dir', join(folder, 'user-data'), '--extensions-dir', join(folder, 'extensions')];
    this.environment = { ...environment(), XDG_CONFIG_HOME: join(folder, 'xdg'), XDG_DATA_HOME: join(folder, 'xdg'), ...(home ? { HOME: home } : {}) };
    // npm run sets variables about itself, which an npm or node in a terminal of this VS Code must not see.
    for (const name of Object.keys(this.environment)) if (name.startsWith('npm_')) delete this.environment[name];
  }

  /** User settings. */
  setUser(values) {
    writeFileSync(join(this.folder, 'user-data', 'User', 'settings.json'), JSON.stringify({ ...discreet, ...values }, null, 2));
  }

  /** Settings of the machine where the files are, such as paths. A running VS Code notices the change. */
  setMachine(values) {
    writeFileSync(join(this.folder, 'user-data', 'Machine', 'settings.json'), JSON.stringify(values, null, 2));
  }

  install(vsix) {
    const { status, stdout, stderr } = spawnSync(this.node, [...this.arguments, '--install-extension', vsix, '--force'], { env: this.environment, encoding: 'utf8' });
    if (status !== 0) throw new Error(`${vsix} cannot be installed: ${stdout}${stderr}`);
  }

  /** Starts it and waits until it responds. Only this machine can reach it. */
  async launch(port) {
    this.address = `http://127.0.0.1:${port ?? (await freePort())}`;
    const log = openSync(join(this.folder, 'code-server.log'), 'w');
    const options = ['--bind-addr', new URL(this.address).host, '--auth', 'none', '--disable-telemetry', '--disable-update-check', '--disable-workspace-trust', '--disable-getting-started-override', '--disable-proxy'];
    this.process = spawn(this.node, [...this.arguments, ...options], { env: this.environment, stdio: ['ignore', log, log], detached: true });
    for (let attempt = 0; !(await this.isUp()); attempt++) {
      if (attempt > 300 || this.process.exitCode !== null) throw new Error(`code-server did not start: ${readFileSync(join(this.folder, 'code-server.log'), 'utf8')}`);
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

  /** The address of a window with the workspace. */
  get windowAddress() {
    return `${this.address}/?folder=${encodeURIComponent(this.workspace)}`;
  }

  async stop() {
    if (this.process?.exitCode !== null) return;
    const ended = new Promise(resolve => this.process.once('exit', resolve));
    const started = descendants(this.process.pid).map(({ pid }) => pid);
    // Its children are in its process group, except those that started a group of their own.
    process.kill(-this.process.pid, 'SIGTERM');
    await ended;
    for (let attempt = 0; attempt < 50 && started.some(isAlive); attempt++) await sleep(100);
    for (const pid of started.filter(isAlive)) process.kill(pid, 'SIGKILL');
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
