// A real VS Code for tests: code-server from npm, and the Node version that it needs. Installed once into artifacts/vscode.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { root } from './projects.mjs';

const artifacts = join(root, 'artifacts', 'vscode');
const codeServerVersion = '4.139.1';
const nodeVersion = '24.21.0';

/** Null: it runs on this system; otherwise why it does not. */
export const unsupported = process.platform === 'win32' ? 'code-server does not run on Windows' : null;

/** The Node to run with and the script to run. Installs them if necessary (about half a minute). */
export function codeServer() {
  const node = installed(`node-${nodeVersion}`, installNode);
  const nodeProgram = join(node, 'node_modules', nodePackage(), 'bin', 'node');
  const code = installed(`code-server-${codeServerVersion}`, folder => installCodeServer(folder, nodeProgram));
  return { node: nodeProgram, entry: join(code, 'node_modules', 'code-server', 'out', 'node', 'entry.js') };
}

/** A folder with its final name is complete: it is created under another one. */
function installed(name, install) {
  const folder = join(artifacts, name);
  if (existsSync(folder)) return folder;
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  writeFileSync(join(unfinished, 'package.json'), '{ "private": true }');
  console.error(`Installing ${name} …`);
  install(unfinished);
  renameSync(unfinished, folder);
  return folder;
}

function nodePackage() {
  return `node-${process.platform}-${process.arch}`;
}

function installNode(folder) {
  npm(folder, ['install', `${nodePackage()}@${nodeVersion}`]);
}

// Its own install script would build native modules that are not needed here.
function installCodeServer(folder, nodeProgram) {
  const path = dirname(nodeProgram) + delimiter + process.env.PATH;
  npm(folder, ['install', `code-server@${codeServerVersion}`], path);
  const code = join(folder, 'node_modules', 'code-server', 'lib', 'vscode');
  npm(code, ['install', '--omit=dev'], path);
  npm(join(code, 'extensions'), ['install', '--omit=dev'], path);
  const system = process.platform === 'darwin' ? 'darwin' : 'linux';
  link(`code-${system}.sh`, join(code, 'bin', 'remote-cli', 'code-server'));
  link(`browser-${system}.sh`, join(code, 'bin', 'helpers', 'browser.sh'));
}

// npm may have extracted a copy where its own install script would create the link.
function link(target, path) {
  rmSync(path, { force: true });
  symlinkSync(target, path);
}

// Our environment has variables of npm run, which npm in another folder must not inherit.
function npm(folder, args, path = process.env.PATH) {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_config_local_prefix') && !name.startsWith('npm_package')));
  const { status, stderr } = spawnSync('npm', [...args, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder, env: { ...env, PATH: path }, encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm ${args.join(' ')} failed in ${folder}: ${stderr}`);
}
