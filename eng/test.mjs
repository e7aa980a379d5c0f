// npm test: builds, runs every test of the repository, and ends with one line: "N passed, N failed".
// npm run test:fast (--fast): builds, and runs in a minute or so the tests that need neither an editor nor a separate process and are not marked slow
// (tier "slow" in .NET, .slow.test.mjs in Node).
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { buildArguments, markBuilt, requireSdk } from './lib/dotnet.mjs';
import { installPackages, missingPackages } from './lib/packages.mjs';
import { configuration, programs, root } from './lib/projects.mjs';
import { add, nothing, readTap, readTrx, summaryLine, withExitCode } from './lib/results.mjs';

const results = join(root, 'artifacts', 'test-results');
// Torch's threads spin while they wait: two test processes with two threads each would compete for the cores.
const environment = { ...process.env, OMP_NUM_THREADS: process.env.OMP_NUM_THREADS ?? '1', DOTNET_CLI_TELEMETRY_OPTOUT: '1' };

rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });

requireSdk();
const isFast = process.argv.includes('--fast');
let total = nothing;
if (missingPackages().length > 0) total = section('Node packages', () => withExitCode(nothing, installPackages(), 'npm ci'));
total = add(total, section('Scripts (eng)', () => node('eng', testFiles(join(root, 'eng')))));
if (!isFast) total = add(total, section('Kernels (tests/kernels)', () => node('kernels', testFiles(join(root, 'tests', 'kernels')))));
if (!isFast) total = add(total, section('VS Code extension (client-vscode)', extension));
const beforeBuild = total.failed;
total = add(total, section('Build', build));
if (total.failed === beforeBuild) {
  total = add(total, section('.NET', dotnet));
  if (!isFast) {
    total = add(total, section('Clients (tests/clients)', () => node('clients', testFiles(join(root, 'tests', 'clients')))));
    total = add(total, section('Release (tests/release)', () => node('release', testFiles(join(root, 'tests', 'release')))));
    total = add(total, section('VS Code (tests/e2e)', () => node('e2e', testFiles(join(root, 'tests', 'e2e')))));
  }
}

if (total.failures.length > 0) console.log(`\nFailed:\n${total.failures.map((name) => `  ${name}`).join('\n')}`);
console.log(`\n${summaryLine(total)}`);
process.exitCode = total.failed === 0 ? 0 : 1;

function section(title, work) {
  console.log(`\n== ${title}`);
  const started = performance.now();
  const result = work();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`-- ${title}: ${summaryLine(result)} in ${seconds} s`);
  return result;
}

/** Types, lint, format, and unit tests, which esbuild must first compile to JavaScript. */
function extension() {
  const checked = withExitCode(nothing, run('npm', ['run', '--silent', 'check', '-w', 'client-vscode']), 'The check of client-vscode');
  const folder = join(root, 'client-vscode');
  const bundled = withExitCode(nothing, run(process.execPath, [join(folder, 'esbuild.mjs'), '--tests']), 'The bundling of client-vscode');
  return [checked, bundled, node('client-vscode', testFiles(join(folder, 'dist', 'test')))].reduce(add, nothing);
}

function build() {
  const exitCode = run('dotnet', buildArguments('DiffusionLsp.sln'));
  if (exitCode === 0) Object.values(programs).forEach((program) => markBuilt(program));
  return withExitCode(nothing, exitCode, 'The build');
}

/** Directly from the build output, two assemblies at a time: one computes while another waits, and some of their tests run alone in their assembly. */
function dotnet() {
  const trx = join(results, 'dotnet.trx');
  const assemblies = readdirSync(join(root, 'tests'))
    .filter((name) => existsSync(join(root, 'tests', name, `${name}.csproj`)))
    .map((name) => join('tests', name, 'bin', configuration, 'net10.0', `${name}.dll`));
  const exitCode = run('dotnet', ['test', ...assemblies, ...(isFast ? ['--filter', 'tier!=slow'] : []),
    '--logger', `trx;LogFileName=${trx}`, '--logger', 'console;verbosity=minimal', '--results-directory', results,
    '--blame-hang-timeout', '10m', '--blame-hang-dump-type', 'none', '--', 'RunConfiguration.MaxCpuCount=2']);
  return withExitCode(existsSync(trx) ? readTrx(readFileSync(trx, 'utf8')) : nothing, exitCode, 'dotnet test');
}

function node(name, files) {
  if (files.length === 0) return nothing;
  const tap = join(results, `${name}.tap`);
  const exitCode = run(process.execPath, ['--test', '--test-concurrency=1',
    '--test-reporter=spec', '--test-reporter-destination=stdout', '--test-reporter=tap', `--test-reporter-destination=${tap}`, ...files]);
  return withExitCode(existsSync(tap) ? readTap(readFileSync(tap, 'utf8')) : nothing, exitCode, `node --test (${name})`);
}

/** Listed here, because node's own search differs between versions. */
function testFiles(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true })
    .filter((name) => /\.test\.(mjs|cjs|js)$/.test(name) && !name.includes('node_modules') && !(isFast && name.includes('.slow.')))
    .sort()
    .map((name) => relative(root, join(folder, name)));
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, env: environment, stdio: ['ignore', 'inherit', 'inherit'], shell: command === 'npm' && process.platform === 'win32' });
  if (error) console.error(`${command} could not be started: ${error.message}`);
  return status ?? 1;
}
