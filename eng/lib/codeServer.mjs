// A real VS Code to drive: code-server from npm, and the Node that it wants. Installed once into artifacts/vscode.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { root } from './projects.mjs';

const artifacts = join(root, 'artifacts', 'vscode');
const codeServerVersion = '4.139.1';
const nodeVersion = '24.21.0';

/** Null where it runs, else why not. */
export const unsupported = process.platform === 'win32' ? 'code-server does not run on Windows' : null;

/** The Node to run with and the script to run. Installs them if need be (about half a minute). */
export function codeServer() {
  const node = installed(`node-${nodeVersion}`, installNode);
  const nodeProgram = join(node, 'node_modules', nodePackage(), 'bin', 'node');
  const code = installed(`code-server-${codeServerVersion}`, folder => installCodeServer(folder, nodeProgram));
  return { node: nodeProgram, entry: join(code, 'node_modules', 'code-server', 'out', 'node', 'entry.js') };
}

/** A folder under its final name is whole: it is made under another one. */
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

// Its own install script would build native modules that nothing here needs.
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

// npm may have unpacked a copy where its own install script would make the link.
function link(target, path) {
  rmSync(path, { force: true });
  symlinkSync(target, path);
}

// Ours are variables of npm run; npm in another folder must not take them for its own.
function npm(folder, args, path = process.env.PATH) {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_config_local_prefix') && !name.startsWith('npm_package')));
  const { status, stderr } = spawnSync('npm', [...args, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder, env: { ...env, PATH: path }, encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm ${args.join(' ')} failed in ${folder}: ${stderr}`);
}
