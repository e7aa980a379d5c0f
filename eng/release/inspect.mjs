// Inspects a build: whether anything is missing or superfluous, and which platform its binaries are for.
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { extname, join } from 'node:path';
import { root } from '../lib/projects.mjs';
import { filesOf } from './archives.mjs';
import { isSigned, nativeFormat } from './native.mjs';
import { isWindows, programName } from './platforms.mjs';

const models = ['models/nano/config.json', 'models/nano/confidence.json', 'models/nano/memory.json', 'models/nano/model.safetensors', 'models/nano/tokenizer.json', 'models/nano/filters/position.json', 'models/nano-ar/model.safetensors'];
const kept = new Set(['.dll', '.so', '.dylib', '.json', '.safetensors']);
const texts = ['LICENSE', 'THIRD-PARTY-NOTICES.txt', 'LICENSE-LIBTORCH.txt'];

/** The problems of a published server's folder, as sentences; empty: none. */
export function problemsOf(folder, platform, { libtorch }) {
  const files = filesOf(folder);
  const missing = [programName(platform), 'diffusion-lsp.dll', 'DiffusionLsp.Engine.dll', 'LICENSE', 'THIRD-PARTY-NOTICES.txt', 'sbom.cdx.json', ...models, ...nativeFiles(platform, libtorch)].filter(name => !files.includes(name));
  return [
    ...missing.map(name => `${platform.runtime}: ${name} is missing.`),
    ...files.filter(name => !belongs(name, platform)).map(name => `${platform.runtime}: ${name} should not be there.`),
    ...files.flatMap(name => problemsOfFile(name, readFileSync(join(folder, name)), platform)),
  ];
}

/** The native files that the program cannot run without. */
export function nativeFiles(platform, libtorch) {
  const library = (name, prefix = 'lib') => (isWindows(platform) ? `${name}.dll` : `${prefix}${name}${platform.os === 'darwin' ? '.dylib' : '.so'}`);
  return [
    ...['coreclr', 'clrjit', 'hostfxr', 'hostpolicy'].map(name => library(name)),
    ...(isWindows(platform) ? ['System.IO.Compression.Native.dll'] : ['System.Native', 'System.IO.Compression.Native', 'System.Net.Security.Native'].map(name => library(name))),
    ...(platform.hasLibtorch ? [library('LibTorchSharp')] : []),
    ...(libtorch ? ['c10', 'torch', 'torch_cpu'].map(name => library(name)) : []),
  ];
}

function belongs(name, platform) {
  const base = name.split('/').at(-1);
  if (/test|xunit|benchmark/i.test(name) || /^lib(mscordbi|mscordaccore|SkiaSharp)\./.test(base)) return false;
  return base === programName(platform) || texts.includes(base) || base.startsWith('libgomp-') || kept.has(extname(base));
}

function problemsOfFile(name, bytes, platform) {
  const format = nativeFormat(bytes), about = `${platform.runtime}: ${name}`;
  const fits = format === null ? !isNative(name, platform) : [platform.format, 'managed', `compiled for ${platform.format}`].includes(format);
  return [
    ...(fits ? [] : [`${about} is ${format ?? 'not a native file'}, not ${platform.format}.`]),
    ...(format === 'Mach-O arm64' && !isSigned(bytes) ? [`${about} is not signed, and macOS would not run it.`] : []),
    ...leaks(bytes).map(path => `${about} contains the path '${path}' of this machine.`),
  ];
}

function isNative(name, platform) {
  return name === programName(platform) || /\.(dll|so|dylib)$/.test(name);
}

/** Paths of this machine, as programs store them: in UTF-8 or UTF-16. */
export function leaks(bytes, paths = [root, join(homedir(), '.nuget')]) {
  return paths.filter(path => bytes.includes(path, 0, 'utf8') || bytes.includes(path, 0, 'utf16le'));
}
