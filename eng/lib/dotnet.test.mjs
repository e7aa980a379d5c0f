import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callersFolder, missingSdk } from './dotnet.mjs';

test('a fitting SDK is no problem', () => {
  assert.equal(missingSdk(() => ({ status: 0, stdout: '10.0.401\n' })), null);
  assert.equal(missingSdk(() => ({ status: 0, stdout: '11.0.100-preview.1\n' })), null);
});

test('no dotnet, an old one, and one that global.json refuses are told apart', () => {
  assert.match(missingSdk(() => ({ error: new Error('ENOENT') })), /there is no dotnet on the PATH; install the \.NET SDK 10 from/);
  assert.match(missingSdk(() => ({ status: 0, stdout: '8.0.404\n' })), /this is 8\.0\.404; install/);
  assert.match(missingSdk(() => ({ status: 145, stdout: '' })), /none that fits global\.json is installed; install/);
});

test('the folder is the one that npm run was called in, and no one else\'s', () => {
  assert.equal(callersFolder({ npm_lifecycle_event: 'dlsp', INIT_CWD: '/some/folder' }), '/some/folder');
  assert.equal(callersFolder({ npm_lifecycle_event: 'test', INIT_CWD: '/some/folder' }), process.cwd());
  assert.equal(callersFolder({}), process.cwd());
});
