// Compiles the CUDA kernels: to PTX for the device, and for the host, where tests emulate them.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { root } from './projects.mjs';

const device = join(root, 'server', 'DiffusionLsp.Engine', 'Cuda');
const host = join(root, 'tests', 'kernels');
const llvm = 19; // another version writes other PTX

/** The PTX that is checked in and embedded into the engine. */
export const ptxFile = join(device, 'step.ptx');

const head = '// Made of device.cu by npm run kernels. Loaded by the CUDA driver, which compiles it for the GPU that is there.\n';

// sm_80 is the first with bf16; the driver compiles its PTX for newer GPUs too. 7.4 is CUDA 11.4's version, the first with loads past the L1 cache.
// Unrolling loops of unknown length is left to the driver's compiler.
const toPtx = ['-x', 'cuda', '--cuda-device-only', '-S', '-nocudainc', '-nocudalib', '--cuda-gpu-arch=sm_80', '--cuda-feature=+ptx74', '-O3', '-Wall', '-Wextra', '-Werror',
  '-Xclang', '-mllvm', '-Xclang', '-unroll-runtime=0', 'device.cu', '-o', '-'];

// Kernels that a test does not use are no fault.
const toHost = ['-std=c++17', '-O2', '-Wall', '-Wextra', '-Werror', '-Wno-unused-function'];
/** AddressSanitizer looks into shared memory too, which the emulation keeps in a section of its own. */
const checked = ['-O1', '-g', '-fsanitize=address,undefined', '-fsanitize-sections=shared_memory', '-fno-sanitize-recover=undefined'];

/** clang of the right version, or null. */
export function findClang() {
  return [`clang++-${llvm}`, 'clang++'].find((name) => new RegExp(`clang version ${llvm}\\.`).test(spawnSync(name, ['--version'], { encoding: 'utf8' }).stdout ?? '')) ?? null;
}

/** One sentence on what is missing without clang. */
export const missingClang = `clang++ ${llvm} is not installed; on Debian the package clang-${llvm} has it`;

/** One sentence on what is missing without g++. */
export const missingCompiler = 'g++ is not installed';

export const hasCompiler = () => spawnSync('g++', ['--version']).status === 0;

/** The kernels' PTX, without what differs between builds of the same compiler. Throws one sentence. */
export function compilePtx() {
  const clang = findClang();
  if (!clang) throw new Error(`${missingClang}.`);
  return head + compile(clang, toPtx, device).replace(/[ \t]*\/\/.*$/gm, '').replace(/\n{2,}/g, '\n').trimStart();
}

/** Compiles a program of tests/kernels with checks of every access. Throws one sentence. */
export function compileTest(name, output, options = []) {
  replace(output, (temporary) => compile('g++', [...toHost, ...checked, ...options, name, '-o', temporary, '-ldl', '-pthread'], host));
}

/** Compiles the stand-in for the CUDA driver, unless it is newer than its sources. Two processes may do it at once. Throws one sentence. */
export function compileStandIn(output) {
  const sources = [device, host].flatMap((folder) => readdirSync(folder).filter((name) => /\.(cuh|h|cpp)$/.test(name)).map((name) => join(folder, name)));
  const newest = Math.max(...sources.map((path) => statSync(path).mtimeMs));
  if (existsSync(output) && statSync(output).mtimeMs > newest) return;
  replace(output, (temporary) => compile('g++', [...toHost, '-shared', '-fPIC', '-fvisibility=hidden', 'driver.cpp', '-o', temporary], host));
}

/** Makes a file beside its place and moves it there; it counts as old as the moment when making it began. */
function replace(output, make) {
  const path = resolve(output), temporary = `${path}.${process.pid}`, began = new Date();
  mkdirSync(dirname(path), { recursive: true });
  try {
    make(temporary);
    utimesSync(temporary, began, began);
    renameSync(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}

function compile(compiler, args, cwd) {
  const { status, stdout, stderr, error } = spawnSync(compiler, args, { cwd, encoding: 'utf8', maxBuffer: 64e6 });
  if (error?.code === 'ENOENT') throw new Error(compiler === 'g++' ? `${missingCompiler}.` : `${compiler} does not start.`);
  if (status !== 0) throw new Error(`${compiler} does not compile the kernels: ${error?.message ?? stderr.trim().split('\n').slice(0, 10).join('\n')}`);
  return stdout;
}

/** Whether the PTX that is checked in is what its sources make. */
export const isCurrent = () => existsSync(ptxFile) && readFileSync(ptxFile, 'utf8') === compilePtx();
