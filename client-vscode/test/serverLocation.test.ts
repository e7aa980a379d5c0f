import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { locate } from '../src/serverLocation';

const name = 'diffusionLsp.serverPath';
const bundled = ['client', 'server', 'diffusion-lsp'];
const checkout = ['server', 'DiffusionLsp.Server', 'bin', 'Release', 'net10.0', 'diffusion-lsp'];

test('what the extension holds comes before what a checkout built', () => {
  inTree([bundled, checkout], (folder, find) => {
    assert.deepEqual(find(''), { found: true, path: join(folder, ...bundled), origin: 'bundled' });
  });
  inTree([checkout], (folder, find) => {
    assert.deepEqual(find(''), { found: true, path: join(folder, ...checkout), origin: 'checkout' });
  });
});

test('what the user named wins: the program, or its folder', () => {
  inTree([bundled, ['mine', 'diffusion-lsp']], (folder, find) => {
    const path = join(folder, 'mine', 'diffusion-lsp');
    assert.deepEqual(find(path), { found: true, path, origin: 'setting' });
    assert.deepEqual(find(join(folder, 'mine')), { found: true, path, origin: 'setting' });
  });
});

test('what the user named is never replaced by something else', () => {
  inTree([bundled, checkout], (folder, find) => {
    assert.match(
      problem(find(join(folder, 'nowhere'))),
      /^There is no program at .*nowhere \(setting diffusionLsp\.serverPath\)\.$/,
    );
  });
});

test('nothing anywhere is told with the cure', () => {
  inTree([], (_, find) => {
    assert.match(
      problem(find('  ')),
      /install the package for this platform, or name the executable in the setting diffusionLsp\.serverPath/,
    );
  });
});

test('Windows has programs with a suffix', () => {
  inTree([['client', 'server', 'diffusion-lsp.exe']], folder => {
    const found = locate({
      program: 'diffusion-lsp',
      setting: { name, value: '' },
      extensionFolder: join(folder, 'client'),
      platform: 'win32',
    });
    assert.equal(found.found, true);
  });
});

/** Empty when something was found, which no expectation fits. */
function problem(location: ReturnType<typeof locate>): string {
  return location.found ? '' : location.problem;
}

function inTree(
  files: string[][],
  check: (folder: string, find: (value: string) => ReturnType<typeof locate>) => void,
): void {
  const folder = mkdtempSync(join(tmpdir(), 'diffusion-lsp-'));
  try {
    for (const file of files.map(parts => join(folder, ...parts))) {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, '');
    }
    const extensionFolder = join(folder, 'client');
    check(folder, value =>
      locate({ program: 'diffusion-lsp', setting: { name, value }, extensionFolder, platform: 'linux' }),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}
