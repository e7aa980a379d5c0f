import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { missingPackages } from './packages.mjs';
import { root } from './projects.mjs';

const manifest = readJson(join(root, 'package.json'));

/** What a script is given so that it gets past its imports; without a row it gets nothing. */
const quickForms = { bench: ['server', '--quick'], soak: ['--seconds', '1'], dlsp: ['--help'], train: ['--help'] };

/** Scripts that only call other programs: those programs' scripts have their own test below. */
const callsOthers = ['format'];

for (const [name, command] of Object.entries(manifest.scripts)) {
  if (callsOthers.includes(name)) continue;
  test(`npm run ${name} finds all that it imports in a clone without node_modules`, (t) => {
    const clone = freshClone(t);
    const [launcher, file] = command.split(' ');
    assert.equal(launcher, 'node');
    // Fakes of the two programs stand in for the hour that a build would take: the imports are what is tested.
    const ran = spawnSync(process.execPath, [file, ...(quickForms[name] ?? [])], { cwd: clone.folder, env: clone.env, encoding: 'utf8', timeout: 120_000 });
    const said = ran.stdout + ran.stderr;
    assert.equal(ran.signal, null, said);
    assert.doesNotMatch(said, /ERR_MODULE_NOT_FOUND|MODULE_NOT_FOUND|Cannot find (package|module)|ERR_UNSUPPORTED/);
    assert.doesNotMatch(said, /^ {4}at /m);
  });
}

test('every script of a workspace installs the packages before it does anything', () => {
  for (const workspace of manifest.workspaces)
    for (const [name, command] of Object.entries(readJson(join(root, workspace, 'package.json')).scripts)) {
      const [first] = command.split(' && ');
      const [launcher, file] = first.split(' ');
      assert.equal(launcher, 'node', `${workspace}: ${name}`);
      assert.equal(join(root, workspace, file), join(root, 'eng', 'packages.mjs'), `${workspace}: ${name}`);
    }
});

test('.ci/run leaves the Node packages to npm test', () => {
  const calls = readFileSync(join(root, '.ci', 'run'), 'utf8').split('\n').filter((line) => /^[^#]*\bnpm\b/.test(line));
  assert.deepEqual(calls, ['exec npm --silent test </dev/null']);
});

test('what the lock file asks for and node_modules has not is missing', (t) => {
  const folder = temporary(t);
  const packages = { '': {}, 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '2.0.0' }, 'node_modules/other-platform': { version: '1.0.0', optional: true } };
  writeJson(join(folder, 'package-lock.json'), { packages });
  assert.deepEqual(missingPackages(folder), ['node_modules/a', 'node_modules/b']);

  for (const name of ['a', 'b']) mkdirSync(join(folder, 'node_modules', name), { recursive: true });
  assert.deepEqual(missingPackages(folder), ['node_modules/a', 'node_modules/b'], 'an install that was stopped');

  const note = join(folder, 'node_modules', '.package-lock.json');
  writeJson(note, { packages: { ...packages, 'node_modules/b': { version: '1.9.0' } } });
  assert.deepEqual(missingPackages(folder), ['node_modules/b'], 'an older version');

  writeJson(note, { packages });
  assert.deepEqual(missingPackages(folder), []);
  rmSync(join(folder, 'node_modules', 'a'), { recursive: true });
  assert.deepEqual(missingPackages(folder), ['node_modules/a'], 'a folder that was deleted');
});

/** A copy of what scripts are made of, and a PATH with nothing but node and stand-ins: npm ci lends this checkout's packages, dotnet builds nothing. */
function freshClone(t) {
  const folder = temporary(t);
  const generated = new Set(['node_modules', 'dist', 'artifacts', 'server', 'bin', 'obj']);
  for (const name of ['eng', 'tests/clients', 'tests/e2e', 'client-vscode', 'package.json', 'package-lock.json', 'LICENSE'])
    cpSync(join(root, name), join(folder, name), { recursive: true, filter: (from) => !generated.has(basename(from)) && !/\.test\.m?js$/.test(from) });
  for (const [project, name] of [['DiffusionLsp.Server', 'diffusion-lsp'], ['DiffusionLsp.Training', 'diffusion-lsp-train']])
    program(join(folder, 'server', project, 'bin', 'Release', 'net10.0'), name, 'exit 3');
  const bin = join(folder, 'bin');
  program(bin, 'npm', `[ "$1" = ci ] && ln -s '${join(root, 'node_modules')}' '${join(folder, 'node_modules')}'`);
  program(bin, 'dotnet', '[ "$1" = --version ] && echo 10.0.401');
  assert.ok(!existsSync(join(folder, 'node_modules')));
  return { folder, env: { ...process.env, PATH: [bin, dirname(process.execPath), '/usr/bin', '/bin'].join(':'), DOTNET_ROOT: bin, NODE_TEST_CONTEXT: undefined } };
}

function program(folder, name, script) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

function temporary(t) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'dlsp-packages-')));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

function writeJson(file, value) {
  writeFileSync(file, JSON.stringify(value));
}
