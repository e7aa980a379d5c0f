import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forgivenEnds, RestartPolicy } from '../src/restartPolicy';

const minute = 60_000;

test('each end within three minutes waits longer, and then none is forgiven', () => {
  const policy = new RestartPolicy();
  const delays = Array.from({ length: forgivenEnds + 1 }, (_, end) => policy.next(end * 1_000));
  assert.equal(delays[0], 0);
  assert.equal(delays.at(-1), null);
  const waits = delays.slice(0, -1).map(Number);
  assert.deepEqual(
    waits,
    [...new Set(waits)].sort((a, b) => a - b),
  );
});

test('ends that lie far apart count alone', () => {
  const policy = new RestartPolicy();
  for (let end = 0; end < 20; end++) assert.equal(policy.next(end * 4 * minute), 0);
});

test('a start that somebody asked for wipes the slate', () => {
  const policy = new RestartPolicy();
  for (let end = 0; end <= forgivenEnds; end++) policy.next(0);
  policy.forget();
  assert.equal(policy.next(1), 0);
});
