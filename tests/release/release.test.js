// What `npm run release` makes for this platform, installed as people do and started in places that have little.
//
// DIFFUSION_LSP_RELEASE   a folder with what was made; default: it is made anew
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { after, before } from 'node:test';
import { environment } from '../../eng/lib/dotnet.mjs';
import { removeFolder } from '../../eng/lib/folders.mjs';
import { descendants } from '../../eng/lib/processes.mjs';
import { root } from '../../eng/lib/projects.mjs';
import { readTar, readZip } from '../../eng/release/archives.mjs';
import { Server } from '../clients/server.js';

const isHere = process.platform === 'linux' && process.arch === 'x64';
const options = { timeout: 600_000, skip: isHere ? false : 'releases are made, and tried, on Linux on x64' };
const { version } = JSON.parse(readFileSync(join(root, 'client-vscode', 'package.json'), 'utf8'));
const made = process.env.DIFFUSION_LSP_RELEASE ?? join(root, 'artifacts', 'release-test');
const file = name => join(made, name);
const archive = file(`diffusion-lsp-${version}-linux-x64.tar.gz`);
const mostResident = 200, mostArchive = 60, mostVsix = 75; // megabytes

let folder;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'dlsp-release-'));
  if (!isHere || process.env.DIFFUSION_LSP_RELEASE) return;
  run(process.execPath, [join(root, 'eng', 'release.mjs'), '--platforms', 'linux-x64', '--output', made]);
});
after(() => removeFolder(folder));

test('checksums are right, and sizes are below their limits', options, () => {
  const lines = readFileSync(file('SHA256SUMS'), 'utf8').trimEnd().split('\n').map(line => line.split('  '));
  assert.deepEqual(lines.map(([, name]) => name), readdirSync(made).filter(name => name !== 'SHA256SUMS').sort());
  for (const [sum, name] of lines) assert.equal(createHash('sha256').update(readFileSync(file(name))).digest('hex'), sum, name);
  assert.ok(megabytes(archive) <= mostArchive, `${megabytes(archive)} MB`);
  assert.ok(megabytes(file(`diffusion-lsp-${version}-linux-x64.vsix`)) <= mostVsix);
});

test('every package carries licences, a bill of materials and the model', options, async () => {
  const contents = {
    archive: readTar(archive), tool: (await readZip(file(`diffusion-lsp.${version}.nupkg`))).map(({ name }) => name),
    vsix: (await readZip(file(`diffusion-lsp-${version}-linux-x64.vsix`))).map(({ name }) => name), npm: readTar(file(`diffusion-lsp-linux-x64-${version}.tgz`)),
  };
  for (const [kind, names] of Object.entries(contents))
    for (const wanted of [/(^|\/)LICENSE(\.txt)?$/, /THIRD-PARTY-NOTICES\.txt$/, /sbom\.cdx\.json$/, /models\/nano\/model\.safetensors$/, /models\/nano-ar\/model\.safetensors$/, /LibTorchSharp\.so$/])
      assert.ok(names.some(name => wanted.test(name)), `${kind}: ${wanted}`);
  const { components } = JSON.parse(readFileSync(file(`diffusion-lsp-${version}-linux-x64.cdx.json`), 'utf8'));
  for (const name of ['StreamJsonRpc', 'TorchSharp', 'Microsoft.NETCore.App.Runtime.linux-x64', 'vscode-languageclient', 'nano']) assert.ok(components.some(part => part.name === name), name);
});

// Only glibc, the C++ runtime and what the kernel provides (/dev, /proc): no .NET, no Node, no libtorch, no OpenSSL, no shell.
test('the archive runs in an empty root, and leaves nothing but its own folders', options, async t => {
  if (!mayUnshare(t)) return;
  const empty = join(folder, 'root'), home = join(empty, 'home');
  for (const each of ['dev', 'proc', 'tmp', 'home', 'opt']) mkdirSync(join(empty, each), { recursive: true });
  run('tar', ['-xzf', archive, '-C', join(empty, 'opt')]);
  const program = `/opt/diffusion-lsp-${version}-linux-x64/diffusion-lsp`;
  copyLibraries(join(empty, program), empty);
  const inside = ['unshare', '--user', '--map-root-user', '--mount', '--pid', '--fork', '--kill-child', `--mount-proc=${join(empty, 'proc')}`,
    'sh', '-c', 'mount --rbind /dev "$0/dev" && exec /usr/sbin/chroot "$0" "$@"', empty, program];
  const server = new Server({ command: inside, model: [], env: { PATH: '/usr/bin:/bin:/usr/sbin', HOME: '/home' } });
  try {
    await completes(server, { processId: null });
    const resident = await residentOf(server.process.pid, 'diffusion-lsp');
    t.diagnostic(`resident: ${resident.toFixed(0)} MB`);
    assert.ok(resident <= mostResident, `${resident.toFixed(0)} MB`);
    assert.equal(await server.stop(), 0);
  } finally {
    server.kill();
  }
  assert.deepEqual(inFolder(home).filter(name => !name.startsWith('.cache/diffusion-lsp/') && !name.startsWith('.local/share/diffusion-lsp/')), []);
  assert.deepEqual(inFolder(join(empty, 'tmp')), []);
});

test('the .NET tool is installed from its package, completes, and is uninstalled', options, async () => {
  const tools = join(folder, 'tools'), home = join(folder, 'tool-home');
  mkdirSync(home);
  // Only this source, and a package cache of its own, in which no earlier build of this version lies.
  writeFileSync(join(folder, 'NuGet.Config'), `<configuration><packageSources><clear /><add key="release" value="${made}" /></packageSources></configuration>`);
  const env = { ...environment(), NUGET_PACKAGES: join(folder, 'packages'), DOTNET_CLI_TELEMETRY_OPTOUT: '1', HOME: home };
  run('dotnet', ['tool', 'install', 'diffusion-lsp', '--tool-path', tools, '--version', version, '--configfile', join(folder, 'NuGet.Config')], { env });
  await completed(new Server({ command: [join(tools, 'diffusion-lsp')], model: [], env }));
  run('dotnet', ['tool', 'uninstall', 'diffusion-lsp', '--tool-path', tools], { env });
  assert.deepEqual(inFolder(tools).filter(name => !name.startsWith('.store/.stage')), []);
});

test('the npm package brings the fitting program, and npx runs it', options, async () => {
  const project = join(folder, 'npm');
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{ "private": true }');
  const env = { ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name))), XDG_DATA_HOME: join(folder, 'npm-data'), npm_config_cache: join(folder, 'npm-cache') };
  const packages = [`diffusion-lsp-${version}.tgz`, `diffusion-lsp-linux-x64-${version}.tgz`].map(file);
  run('npm', ['install', '--offline', '--no-audit', '--no-fund', ...packages], { cwd: project, env });
  assert.deepEqual(readdirSync(join(project, 'node_modules', '@diffusion-lsp')), ['linux-x64']);
  await completed(new Server({ command: ['npx', '--no-install', 'diffusion-lsp'], model: [], cwd: project, env }));
  const { status, stderr } = spawnSync('npx', ['--no-install', 'diffusion-lsp', 'nonsense'], { cwd: project, env, encoding: 'utf8' });
  assert.equal(status, 2, stderr);

  assert.ok(removeFolder(join(project, 'node_modules', '@diffusion-lsp')));
  const without = spawnSync('npx', ['--no-install', 'diffusion-lsp', '--version'], { cwd: project, env, encoding: 'utf8' });
  assert.equal(without.status, 1);
  assert.match(without.stderr, /^The package @diffusion-lsp\/linux-x64 is missing; install diffusion-lsp again.*\n$/);
  run('npm', ['uninstall', '--offline', '--no-audit', '--no-fund', 'diffusion-lsp', '@diffusion-lsp/linux-x64'], { cwd: project, env });
  assert.deepEqual(inFolder(join(project, 'node_modules')).filter(name => !name.startsWith('.package-lock')), []);
});

test('a package without libtorch says what to do where libtorch is needed, and clears its caches', options, () => {
  const here = join(folder, 'doctor');
  mkdirSync(here);
  run('tar', ['-xzf', archive, '-C', here]);
  const program = join(here, `diffusion-lsp-${version}-linux-x64`, 'diffusion-lsp');
  const env = { ...process.env, HOME: here, XDG_CACHE_HOME: join(here, 'cache'), XDG_DATA_HOME: join(here, 'data'), DIFFUSION_LSP_LIBTORCH: '' };
  const ask = args => spawnSync(program, args, { encoding: 'utf8', env });
  const which = ask(['libtorch', 'which']);
  assert.equal(which.status, 1);
  assert.match(which.stderr, /^libtorch was not found; run `diffusion-lsp libtorch fetch`.*\n$/);
  const doctor = ask(['doctor']);
  assert.equal(doctor.status, 0, doctor.stdout);
  assert.match(doctor.stdout, /ok {6}libtorch +none, which the embedded model on a CPU does not need/);
  assert.match(doctor.stdout, /folders +libtorch empty, models empty, native empty, logs 0\.\d MB, metrics/);
  const dry = ask(['cache', 'clear', '--dry-run']);
  assert.match(dry.stdout, /Would be removed:\n(.*\n)*logs +0\.\d MB/);
  assert.ok(existsSync(join(here, 'cache', 'diffusion-lsp', 'logs')));
  assert.equal(ask(['cache', 'clear', '--all']).status, 0);
  assert.deepEqual(inFolder(join(here, 'cache')), []);
});

/** Starts a server, gets a hole filled, stops it. */
async function completed(server) {
  try {
    await completes(server);
    assert.equal(await server.stop(), 0);
  } finally {
    server.kill();
  }
}

async function completes(server, start = {}) {
  server.process.on('error', error => assert.fail(error.message));
  await server.start({ options: { debounceMs: 0, suggestions: 'all' }, ...start });
  await server.open('file:///w/add.py', 'def add(a, b):\n    return \n', 'python');
  const { items } = await server.inline('file:///w/add.py', 1, 11);
  assert.match(items[0].insertText, /^ {4}return a \+ b/);
}

/** Megabytes of the program below a process, some seconds after it had something to do. */
async function residentOf(ancestor, name) {
  await new Promise(resolve => setTimeout(resolve, 3000));
  const { pid } = descendants(ancestor).find(({ command }) => command[0].endsWith(`/${name}`));
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1000;
}

/** What the program's native parts need of the system, and what those need: found by the loader of this one. */
function copyLibraries(program, empty) {
  const parts = readdirSync(dirname(program)).filter(name => name.endsWith('.so') && !/LibTorchSharp|OpenSsl/.test(name)).map(name => join(dirname(program), name));
  const { stdout } = spawnSync('ldd', [program, ...parts], { encoding: 'utf8' });
  const libraries = new Set([...stdout.matchAll(/(?:=> |^\s+)(\/\S+) \(/gm)].map(([, path]) => path).filter(path => !path.startsWith(dirname(program))));
  for (const path of libraries) {
    mkdirSync(join(empty, dirname(path)), { recursive: true });
    copyFileSync(realpathSync(path), join(empty, path));
  }
}

/** A container may forbid namespaces; that is told, not failed. */
function mayUnshare(t) {
  const { status } = spawnSync('unshare', ['--user', '--map-root-user', '--mount', '--pid', '--fork', 'true']);
  if (status === 0) return true;
  const sentence = 'this system lets nobody make namespaces (unshare)';
  console.error(`SKIPPED: ${t.name}: ${sentence}`);
  t.skip(sentence);
  return false;
}

function inFolder(path) {
  return existsSync(path) ? readdirSync(path, { recursive: true }).filter(name => !lstatSync(join(path, name)).isDirectory()) : [];
}

function megabytes(path) {
  return lstatSync(path).size / 1e6;
}

function run(command, args, more = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: root, encoding: 'utf8', ...more });
  assert.equal(status, 0, `${command} ${args.join(' ')}: ${error?.message ?? `${stdout}${stderr}`}`);
}
