// The npm packages: a small one that users install, and one with the server for each platform.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../lib/projects.mjs';
import { platforms, programName } from './platforms.mjs';

const common = version => ({ version, license: 'MIT', description: 'A language server that completes code with a diffusion model, in every editor and on your own machine.', keywords: ['lsp', 'language-server', 'completion', 'diffusion'] });

const nameOf = platform => `@diffusion-lsp/${platform.os}-${platform.cpu}`;

/** The package that users install: a launcher, with the others as optional dependencies, of which npm installs the matching one. */
export function packMain({ folder, output, version }) {
  write(folder, { name: 'diffusion-lsp', ...common(version), bin: { 'diffusion-lsp': 'bin/diffusion-lsp.js' }, engines: { node: '>=20' },
    optionalDependencies: Object.fromEntries(platforms.map(platform => [nameOf(platform), version])) });
  mkdirSync(join(folder, 'bin'));
  cpSync(join(root, 'eng', 'release', 'npm', 'diffusion-lsp.js'), join(folder, 'bin', 'diffusion-lsp.js'));
  chmodSync(join(folder, 'bin', 'diffusion-lsp.js'), 0o755);
  cpSync(join(root, 'eng', 'release', 'npm', 'README.md'), join(folder, 'README.md'));
  cpSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  return pack(folder, output);
}

/** The package for one platform. */
export function packPlatform({ platform, server, folder, output, version }) {
  const { os, cpu, libc } = platform;
  write(folder, { name: nameOf(platform), ...common(version), os: [os], cpu: [cpu], ...(libc ? { libc: [libc] } : {}), preferUnplugged: true });
  cpSync(server, join(folder, 'server'), { recursive: true });
  chmodSync(join(folder, 'server', programName(platform)), 0o755);
  writeFileSync(join(folder, 'README.md'), `# ${nameOf(platform)}\n\nThe server of the package diffusion-lsp for this platform. Install that package, not this one.\n`);
  cpSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  return pack(folder, output);
}

function write(folder, manifest) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** npm itself gives all files the same time and no owner. Returns the file's name. */
function pack(folder, output) {
  const { status, stdout, stderr } = spawnSync('npm', ['pack', '--json', '--ignore-scripts', '--loglevel=error', '--pack-destination', output], { cwd: folder, encoding: 'utf8', shell: process.platform === 'win32' });
  if (status !== 0) throw new Error(`npm pack failed: ${stderr}`);
  const [{ filename }] = JSON.parse(stdout);
  return filename.replace('@', '').replace('/', '-');
}
