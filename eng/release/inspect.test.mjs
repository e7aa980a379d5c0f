import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { removeFolder } from '../lib/folders.mjs';
import { isSigned, nativeFormat } from './native.mjs';
import { platforms } from './platforms.mjs';

const elf = machine => Buffer.concat([Buffer.from([0x7f, 0x45, 0x4c, 0x46]), Buffer.alloc(14), Buffer.from([machine, 0]), Buffer.alloc(64)]);

/** @param managed whether it has the header of .NET */
function pe(machine, managed) {
  const bytes = Buffer.alloc(512);
  bytes.write('MZ');
  bytes.writeUInt32LE(0x80, 0x3c);
  bytes.write('PE\0\0', 0x80);
  bytes.writeUInt16LE(machine, 0x84);
  bytes.writeUInt16LE(0x20b, 0x98);
  bytes.writeUInt32LE(16, 0x98 + 108);
  if (managed) bytes.writeUInt32LE(0x2000, 0x98 + 112 + 14 * 8);
  return bytes;
}

/** @param command the kind of its only load command */
function machO(processor, command) {
  const bytes = Buffer.alloc(128);
  bytes.writeUInt32LE(0xfeedfacf, 0);
  bytes.writeUInt32LE(processor, 4);
  bytes.writeUInt32LE(1, 16);
  bytes.writeUInt32LE(command, 32);
  bytes.writeUInt32LE(16, 36);
  return bytes;
}

test('the format of a file is read from its bytes', () => {
  assert.equal(nativeFormat(readFileSync(process.execPath)), { linux: 'ELF', win32: 'PE', darwin: 'Mach-O' }[process.platform] + ` ${process.arch}`);
  assert.equal(nativeFormat(elf(0xb7)), 'ELF arm64');
  assert.equal(nativeFormat(elf(0x28)), 'ELF for another processor');
  assert.equal(nativeFormat(pe(0x8664, false)), 'PE x64');
  assert.equal(nativeFormat(pe(0x014c, true)), 'managed');
  assert.equal(nativeFormat(pe(0x8664, true)), 'compiled for PE x64');
  assert.equal(nativeFormat(pe(0xaa64 ^ 0x7b79, true)), 'compiled for ELF arm64');
  assert.equal(nativeFormat(pe(0xaa64 ^ 0x4644, true)), 'compiled for Mach-O arm64');
  assert.equal(nativeFormat(machO(0x0100000c, 0x1d)), 'Mach-O arm64');
  assert.equal(nativeFormat(Buffer.from('{ "a": "a file of text, long enough to be a program of some kind" }')), null);
  assert.deepEqual([isSigned(machO(0x0100000c, 0x1d)), isSigned(machO(0x0100000c, 0x19))], [true, false]);
});

test('what is missing, stray, of another platform or holds a path of this machine is named', async () => {
  const { leaks, nativeFiles, problemsOf } = await import('./inspect.mjs');
  const platform = platforms.find(({ runtime }) => runtime === 'linux-arm64');
  const folder = mkdtempSync(join(tmpdir(), 'dlsp-inspect-'));
  const put = (name, bytes) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  };
  try {
    for (const name of ['diffusion-lsp', ...nativeFiles(platform, false)]) put(name, elf(0xb7));
    for (const name of ['diffusion-lsp.dll', 'DiffusionLsp.Engine.dll']) put(name, pe(0xaa64 ^ 0x7b79, true));
    for (const name of ['LICENSE', 'THIRD-PARTY-NOTICES.txt', 'sbom.cdx.json', 'models/nano-ar/model.safetensors',
      ...['config.json', 'confidence.json', 'memory.json', 'model.safetensors', 'tokenizer.json', 'filters/position.json'].map(name => `models/nano/${name}`)]) put(name, '{}');
    assert.deepEqual(problemsOf(folder, platform, { libtorch: false }), []);

    put('libclrjit.so', elf(0x3e));
    put('DiffusionLsp.Engine.dll', pe(0x8664, true));
    put('diffusion-lsp.pdb', '');
    put('DiffusionLsp.Server.Tests.dll', pe(0x014c, true));
    assert.deepEqual(problemsOf(folder, platform, { libtorch: true }).sort(), [
      'linux-arm64: DiffusionLsp.Engine.dll is compiled for PE x64, not ELF arm64.',
      'linux-arm64: DiffusionLsp.Server.Tests.dll should not be there.',
      'linux-arm64: diffusion-lsp.pdb should not be there.',
      'linux-arm64: libc10.so is missing.',
      'linux-arm64: libclrjit.so is ELF x64, not ELF arm64.',
      'linux-arm64: libtorch.so is missing.',
      'linux-arm64: libtorch_cpu.so is missing.',
    ]);
    const path = '/some/where/source';
    assert.deepEqual(leaks(Buffer.from(`a\0${path}/b.cs`), [path, '/else']), [path]);
    assert.deepEqual(leaks(Buffer.from(path, 'utf16le'), [path]), [path]);
    assert.deepEqual(leaks(Buffer.from('/_/b.cs'), [path]), []);
  } finally {
    removeFolder(folder);
  }
});
