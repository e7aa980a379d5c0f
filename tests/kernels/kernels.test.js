// The CUDA kernels: that the PTX is what its sources make, that the kernels compute what they should, that the stand-in driver answers as the driver does.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { removeFolder } from '../../eng/lib/folders.mjs';
import { compileTest, findClang, hasCompiler, missingClang, missingCompiler, ptxFile } from '../../eng/lib/kernels.mjs';
import { root } from '../../eng/lib/projects.mjs';
import { translated } from './ptx.mjs';

const folder = mkdtempSync(join(tmpdir(), 'dlsp-kernels-'));
process.on('exit', () => removeFolder(folder));

/** Fails when CI=true and otherwise skips, loudly, what cannot run because a compiler is missing; skips elsewhere than on Linux. Returns whether it can run. */
function has(t, compiler, sentence) {
  const isHere = process.platform === 'linux';
  if (isHere && compiler) return true;
  if (isHere && process.env.CI === 'true') assert.fail(sentence);
  if (!isHere) sentence = 'kernels are compiled, and tried, on Linux';
  console.error(`SKIPPED: ${t.name}: ${sentence}`);
  t.skip(sentence);
  return false;
}

const kernels = (...args) => spawnSync(process.execPath, ['eng/kernels.mjs', ...args], { cwd: root, encoding: 'utf8' });

function run(program, ...args) {
  const { status, signal, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  assert.equal(signal ?? status, 0, `${stdout}${stderr}`);
  return stdout;
}

test('the PTX is what its sources make', (t) => {
  if (!has(t, findClang(), missingClang)) return;
  const { status, stderr } = kernels('--check');
  assert.equal(status, 0, stderr);
});

test('a change of the sources is seen', (t) => {
  if (!has(t, findClang(), missingClang)) return;
  for (const part of ['eng', 'server/DiffusionLsp.Engine/Cuda']) cpSync(join(root, part), join(folder, 'tree', part), { recursive: true });
  const check = () => spawnSync(process.execPath, ['eng/kernels.mjs', '--check'], { cwd: join(folder, 'tree'), encoding: 'utf8' });
  assert.equal(check().stderr, '', 'in another folder it is the same text');
  const path = join(folder, 'tree', 'server/DiffusionLsp.Engine/Cuda/rows.cuh');
  writeFileSync(path, readFileSync(path, 'utf8').replace('1 + power_of_two', '2 + power_of_two'));
  const { status, stderr } = check();
  assert.equal(status, 1);
  assert.match(stderr, /^\S+step\.ptx is not what its sources make; run npm run kernels\.\n$/);
});

test('no kernel keeps numbers in local memory', () => {
  const ptx = readFileSync(ptxFile, 'utf8');
  assert.match(ptx, /ld\.global\.v4\.u32/);
  assert.doesNotMatch(ptx, /\.local|__local_depot/, 'arrays that stay in registers have only constant indices');
});

test('every kernel against double precision', (t) => {
  if (!has(t, hasCompiler(), missingCompiler)) return;
  const program = join(folder, 'kernels');
  compileTest('kernels.test.cpp', program);
  t.diagnostic(run(program));
});

test('every kernel, as its PTX says, against double precision', (t) => {
  if (!has(t, hasCompiler(), missingCompiler)) return;
  const source = join(folder, 'step.ptx.h'), program = join(folder, 'ptx');
  writeFileSync(source, translated(readFileSync(ptxFile, 'utf8')));
  // Ten thousand lines: without optimisation, and checked for addresses alone, they compile in seconds.
  compileTest('kernels.test.cpp', program, ['-O0', '-g0', '-fno-sanitize=undefined', '-I.', `-DPTX="${source}"`]);
  t.diagnostic(run(program));
});

test('the stand-in for the CUDA driver', (t) => {
  if (!has(t, hasCompiler(), missingCompiler)) return;
  const library = join(folder, 'stand-in', 'libcuda.so'), program = join(folder, 'driver');
  assert.equal(kernels('--stand-in', library).stderr, '');
  compileTest('driver.test.cpp', program);
  t.diagnostic(run(program, library, ptxFile));
  const made = statSync(library).ino;
  assert.equal(kernels('--stand-in', library).status, 0);
  assert.equal(statSync(library).ino, made, 'what is newer than its sources is not made again');
  utimesSync(library, 0, 0);
  assert.equal(kernels('--stand-in', library).status, 0);
  assert.notEqual(statSync(library).ino, made, 'what is older is');
});
