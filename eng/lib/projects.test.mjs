import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { executable, isStale, programs, root, stamp } from './projects.mjs';

const source = 'server/DiffusionLsp.Server/Program.cs';
const engine = 'server/DiffusionLsp.Engine/Models/Deep.cs';

test('the table names folders that exist', () => {
  for (const { project } of Object.values(programs)) assert.ok(existsSync(join(root, project)), project);
});

test('a program that is not there is stale', () => inTree((tree) => {
  tree.write(source, 100);
  assert.equal(tree.stale(), true);
}));

test('a program is stale when a source of it or of the engine is newer', () => inTree((tree) => {
  tree.write(source, 100);
  tree.write(engine, 100);
  tree.writeFile(executable(programs.server, tree.folder), 200);
  assert.equal(tree.stale(), false);
  tree.write(engine, 300);
  assert.equal(tree.stale(), true);
}));

test('what a build writes makes nothing stale', () => inTree((tree) => {
  tree.write(source, 100);
  tree.writeFile(executable(programs.server, tree.folder), 200);
  tree.write('server/DiffusionLsp.Engine/obj/project.assets.json', 300);
  tree.write('server/DiffusionLsp.Training/Program.cs', 300);
  assert.equal(tree.stale(), false);
}));

test('a build that changed nothing leaves a stamp', () => inTree((tree) => {
  tree.writeFile(executable(programs.server, tree.folder), 200);
  tree.write(source, 300);
  tree.writeFile(stamp(programs.server, tree.folder), 400);
  assert.equal(tree.stale(), false);
}));

function inTree(check) {
  const folder = mkdtempSync(join(tmpdir(), 'diffusion-lsp-'));
  const writeFile = (path, time) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, '');
    utimesSync(path, time, time);
  };
  const tree = { folder, writeFile, write: (name, time) => writeFile(join(folder, name), time), stale: () => isStale(programs.server, folder) };
  try { check(tree); } finally { rmSync(folder, { recursive: true }); }
}
