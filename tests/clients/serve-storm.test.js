// A short storm: clients that send random requests to `serve` and often disconnect. npm run bench -- serve --storm is the long one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storm } from '../../eng/replay/storm.mjs';
import { hasServer } from './server.js';

test('whoever asks at random is answered once, and leaves nothing behind', { timeout: 180_000 }, async (t) => {
  if (!hasServer(t)) return;
  const { problems, table, answered, left } = await storm({ clients: 12, seconds: 8 });
  t.diagnostic(table);
  assert.deepEqual(problems, []);
  assert.ok(answered > 12 && left > 0, table);
});
