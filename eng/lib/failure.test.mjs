import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

const run = (script) => spawnSync(process.execPath, ['--input-type=module', '-e', `import { orOneSentence } from '${new URL('failure.mjs', import.meta.url)}'; ${script}`], { encoding: 'utf8' });

test('an error is its message and exit code 1, thrown at once or later', () => {
  for (const work of ["() => { throw new Error('No server.'); }", "async () => { throw new Error('No server.'); }"]) {
    const { status, stdout, stderr } = run(`await orOneSentence(${work}); console.log('went on');`);
    assert.deepEqual({ status, stdout, stderr }, { status: 1, stdout: '', stderr: 'No server.\n' });
  }
});

test('a value passes through', () => {
  assert.equal(run('console.log(await orOneSentence(async () => 5));').stdout, '5\n');
});
