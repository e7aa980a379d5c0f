// A tenth of npm run fuzz: the server stays alive, answers and stays in sync whatever is sent to it.
import assert from 'node:assert/strict';
import test from 'node:test';
import { fuzz } from '../../eng/fuzz/campaign.mjs';
import { hasServer, modelArguments } from './server.js';

test('5,000 messages that are not as they should be cost nothing but themselves', { timeout: 600_000 }, async t => {
  if (!hasServer(t)) return;
  const { problems, summary, messages, answers, refusals, edits } = await fuzz({ messages: 5000, seed: 15, model: modelArguments });
  t.diagnostic(summary);
  assert.deepEqual(problems, []);
  assert.ok(messages >= 5000 && answers > 500 && refusals > 500 && edits > 500, summary);
});
