// The Node packages of the workspaces, which a fresh clone does not have.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './projects.mjs';

/** One of each workspace: what an earlier install did not know of is missing. */
const some = ['vscode-jsonrpc', 'playwright-core', 'esbuild', 'typescript'];

export function missingPackages() {
  return some.filter((name) => !existsSync(join(root, 'node_modules', name)));
}

/** Installs them if need be. Returns npm's exit code. Packages run no scripts of theirs. */
export function installPackages() {
  if (missingPackages().length === 0) return 0;
  console.error('Installing Node packages …');
  const { status, error } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  if (error) console.error(`npm does not start: ${error.message}`);
  return status ?? 1;
}

/** Installs them if need be, and ends the process if that fails. */
export function requirePackages() {
  const exitCode = installPackages();
  if (exitCode !== 0) process.exit(exitCode);
}
