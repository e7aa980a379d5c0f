// The Node packages of the workspaces, which a fresh clone does not have. Imports none of them itself.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './projects.mjs';

const attempts = 3;

/**
 * The folders that package-lock.json requires and node_modules lacks in that version. npm records what it installed at the end,
 * so an interrupted installation counts as none.
 */
export function missingPackages(folder = root) {
  const wanted = readPackages(join(folder, 'package-lock.json'));
  const installed = readPackages(join(folder, 'node_modules', '.package-lock.json'));
  // Packages of other platforms are optional.
  return Object.entries(wanted)
    .filter(([path, { optional }]) => path.startsWith('node_modules/') && !optional)
    .filter(([path, { version }]) => installed[path]?.version !== version || !existsSync(join(folder, path)))
    .map(([path]) => path);
}

/** Installs them if necessary, and retries if the registry fails. Returns npm's exit code. Install scripts are not run. */
export function installPackages() {
  if (missingPackages().length === 0) return 0;
  console.error('Installing Node packages …');
  for (let attempt = 1; ; attempt++) {
    const exitCode = npm('ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error');
    if (exitCode === 0 || attempt === attempts) return exitCode;
    console.error(`npm ci failed; attempt ${attempt + 1} of ${attempts} follows.`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, attempt * 5000);
  }
}

/** Installs them if necessary, and ends the process if that fails. */
export function requirePackages() {
  const exitCode = installPackages();
  if (exitCode === 0) return;
  console.error('The Node packages could not be installed; check the network and run the command again.');
  process.exit(exitCode);
}

function npm(...args) {
  const { status, error } = spawnSync('npm', args, { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  if (error) console.error(`npm could not be started: ${error.message}`);
  return status ?? 1;
}

function readPackages(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : {};
}
