import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Status } from '../src/protocol';
import { readStatus } from '../src/statusMessage';
import { anywhere, appearance, notRunning, reason } from '../src/statusText';

const ready = {
  ...notRunning,
  state: 'ready',
  message: null,
  model: 'nano',
  device: 'cpu',
  decoder: 'anchored',
} as const;

const pythonOff = { ...anywhere, languageOff: 'Python' };
const unsure = { uri: 'file:///a.py', reason: 'unsure', message: 'The model was not sure enough (setting x).' };

test('a ready server shows its model, and what the last completion cost', () => {
  assert.equal(appearance(ready, anywhere).text, '$(sparkle) nano');
  const look = appearance({ ...ready, lastMilliseconds: 42.4, lastForwards: 1 }, anywhere);
  assert.equal(look.text, '$(sparkle) nano 42 ms');
  assert.match(look.tooltip, /\| Last completion \| 42 ms, 1 model pass \|/);
  assert.match(
    appearance({ ...ready, lastMilliseconds: 1_250, lastForwards: 7 }, anywhere).tooltip,
    /1\.3 s, 7 model passes/,
  );
});

test('nothing is shown that is not known', () => {
  assert.doesNotMatch(appearance(notRunning, anywhere).tooltip, /null|\| Model/);
});

test('a problem is told as it came, and only a problem has the colour of one', () => {
  const look = appearance(
    { ...notRunning, state: 'error', message: 'There is no model folder `x`; name one.' },
    anywhere,
  );
  assert.equal(look.isProblem, true);
  assert.match(look.tooltip, /There is no model folder \\`x\\`; name one\./);
  assert.equal(appearance(ready, anywhere).isProblem, false);
});

test('a language that is off is said to be off, unless something worse is to be said', () => {
  assert.match(appearance(ready, pythonOff).tooltip, /off for Python/);
  assert.equal(appearance({ ...ready, lastMilliseconds: 5 }, pythonOff).text, '$(circle-slash) nano');
  assert.match(appearance({ ...notRunning, state: 'error', message: 'x' }, pythonOff).tooltip, /error/);
});

test('loading shows how far it is', () => {
  assert.equal(
    appearance({ ...notRunning, state: 'loading', progress: 0.5 }, anywhere).text,
    '$(loading~spin) Diffusion 50 %',
  );
});

test('a name cannot break out of the table', () => {
  assert.match(
    appearance({ ...ready, model: 'a|b\n[x](y)' }, anywhere).tooltip,
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

test('a reason shows in the tooltip, and one that holds for the whole file in the item', () => {
  const look = appearance({ ...ready, lastMilliseconds: 5 }, { ...anywhere, nothing: unsure });
  assert.equal(look.text, '$(sparkle) nano 5 ms');
  assert.match(look.tooltip, /No suggestion here: The model was not sure enough/);
  const large = appearance(ready, { ...anywhere, nothing: { ...unsure, reason: 'fileTooLarge' } });
  assert.equal(large.text, '$(circle-slash) nano');
  assert.match(large.tooltip, /off in this file/);
});

test('a snooze is told with its end, and a screen reader hears a sentence', () => {
  const place = { ...anywhere, snoozedUntil: new Date(2026, 0, 1, 14, 35) };
  const look = appearance(ready, place);
  assert.match(look.text, /^\$\(bell-slash\) nano$/);
  assert.match(look.tooltip, /snoozed until .*35/);
  assert.match(look.spoken, /^DiffusionLsp is snoozed until .*35.*\.$/);
  assert.match(reason(ready, place), /^Completions are snoozed until .*35.*\.$/);
});

test('a screen reader hears plain sentences', () => {
  const heard = (status: Status, place = anywhere) => appearance(status, place).spoken;
  assert.equal(heard({ ...ready, lastMilliseconds: null }), 'DiffusionLsp is ready with nano.');
  assert.equal(
    heard({ ...ready, lastMilliseconds: 1_250 }),
    'DiffusionLsp is ready with nano. The last completion took 1.3 s.',
  );
  assert.equal(heard({ ...ready, state: 'busy', model: null }), 'DiffusionLsp is completing.');
  assert.equal(
    heard({ ...notRunning, state: 'loading', progress: 0.5 }),
    'DiffusionLsp is loading the model, 50 percent done.',
  );
  assert.equal(heard(ready, pythonOff), 'DiffusionLsp is off for Python.');
  assert.equal(
    heard({ ...notRunning, state: 'error', message: 'No model at x.' }),
    'DiffusionLsp has a problem. No model at x.',
  );
  assert.equal(heard(notRunning), 'DiffusionLsp is off.');
});

test('why nothing comes is one sentence, whatever the cause', () => {
  assert.equal(reason({ ...notRunning, state: 'loading' }, anywhere), 'The model is loading.');
  assert.equal(reason({ ...notRunning, state: 'error', message: 'No model at x.' }, anywhere), 'No model at x.');
  assert.equal(reason(ready, pythonOff), 'Completions are turned off for Python (setting diffusionLsp.languages).');
  assert.equal(reason(ready, { ...anywhere, nothing: unsure }), unsure.message);
  assert.match(reason(ready, anywhere), /got a suggestion/);
});
