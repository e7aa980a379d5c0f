// Bundles the VS Code extension and packages it, with the contents of client-vscode/server. Builds no server.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './projects.mjs';

export const extensionFolder = join(root, 'client-vscode');

/** Folder of the server to package. */
export const bundledServer = join(extensionFolder, 'server');

/** dist/extension.js. */
export function bundleExtension() {
  node([join(extensionFolder, 'esbuild.mjs')]);
}

/**
 * @param output the .vsix to write
 * @param target a VS Code platform, such as linux-x64; without it the package is for all platforms and contains no server
 */
export function packageExtension({ output, target }) {
  if (!target) rmSync(bundledServer, { recursive: true, force: true });
  bundleExtension();
  copyFileSync(join(root, 'LICENSE'), join(extensionFolder, 'LICENSE'));
  mkdirSync(dirname(output), { recursive: true });
  // Imports are in the bundle; links in the README stay unchanged, because the package is not published anywhere yet.
  node([join(root, 'node_modules', '@vscode', 'vsce', 'vsce'), 'package', '--no-dependencies', '--allow-missing-repository', '--no-rewrite-relative-links',
    '--skip-license', '--out', output, ...(target ? ['--target', target] : [])]);
}

function node(args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: extensionFolder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`node ${args.join(' ')} failed: ${stdout}${stderr}`);
}
