import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readStatus } from '../src/statusMessage';
import { appearance, notRunning } from '../src/statusText';

const ready = {
  ...notRunning,
  state: 'ready',
  message: null,
  model: 'nano',
  device: 'cpu',
  decoder: 'anchored',
} as const;

test('a ready server shows its model, and what the last completion cost', () => {
  assert.equal(appearance(ready, null).text, '$(sparkle) nano');
  const look = appearance({ ...ready, lastMilliseconds: 42.4, lastForwards: 1 }, null);
  assert.equal(look.text, '$(sparkle) nano 42 ms');
  assert.match(look.tooltip, /\| Last completion \| 42 ms, 1 forward pass \|/);
  assert.match(
    appearance({ ...ready, lastMilliseconds: 1_250, lastForwards: 7 }, null).tooltip,
    /1\.3 s, 7 forward passes/,
  );
});

test('nothing is shown that is not known', () => {
  assert.doesNotMatch(appearance(notRunning, null).tooltip, /null|\| Model/);
});

test('a problem is told as it came, and only a problem has the colour of one', () => {
  const look = appearance({ ...notRunning, state: 'error', message: 'There is no model folder `x`; name one.' }, null);
  assert.equal(look.isProblem, true);
  assert.match(look.tooltip, /There is no model folder \\`x\\`; name one\./);
  assert.equal(appearance(ready, null).isProblem, false);
});

test('a language that is off is said to be off, unless something worse is to be said', () => {
  assert.match(appearance(ready, 'python').tooltip, /off for python/);
  assert.equal(appearance({ ...ready, lastMilliseconds: 5 }, 'python').text, '$(circle-slash) nano');
  assert.match(appearance({ ...notRunning, state: 'error', message: 'x' }, 'python').tooltip, /does not work/);
});

test('loading shows how far it is', () => {
  assert.equal(
    appearance({ ...notRunning, state: 'loading', progress: 0.5 }, null).text,
    '$(loading~spin) Diffusion 50 %',
  );
});

test('a name cannot break out of the table', () => {
  assert.match(
    appearance({ ...ready, model: 'a|b\n[x](y)' }, null).tooltip,
    /\| Model \| a\\\|b \\\[x\\\]\\\(y\\\) \|/,
  );
});

test('a status of another version is read as far as it is understood', () => {
  assert.deepEqual(readStatus({ state: 'busy', message: 'm', model: { name: 'nano' }, lastMilliseconds: 'many' }), {
    ...notRunning,
    state: 'busy',
    message: 'm',
  });
  assert.equal(readStatus({ state: 'dancing' }), null);
  assert.equal(readStatus(null), null);
});
