// A minute of the soak (npm run soak): random editing, with the server's text compared at every step and every request answered.
import assert from 'node:assert/strict';
import test from 'node:test';
import { soak } from '../../eng/replay/soak.mjs';
import { hasServer, modelArguments } from './server.js';

test('a minute of random editing leaves nothing unanswered, unequal or growing', { timeout: 300_000 }, async t => {
  if (!hasServer(t)) return;
  const { problems, summary, offers, requests } = await soak({ seconds: 60, model: modelArguments });
  t.diagnostic(summary);
  assert.deepEqual(problems, []);
  assert.ok(requests > 50 && offers > 0, summary);
});
