import assert from 'node:assert/strict';
import { test } from 'node:test';
import { percentile, repeatsRight, spread } from './report.mjs';
import { scriptFor } from './script.mjs';
import { readAnswerLine, readStopLine, readTraceLine } from './traceLine.mjs';
import { takenOf } from './typist.mjs';

test('percentiles are values of the list', () => {
  assert.equal(percentile([5, 1, 3], 0.5), 3);
  assert.equal(percentile([1, 2, 3, 4], 0.95), 4);
  assert.ok(Number.isNaN(percentile([], 0.5)));
  assert.deepEqual(spread([1]), { count: 1, p50: 1, p95: 1, p99: 1 });
});

test('an offer that says again what stands right of the cursor is seen', () => {
  assert.ok(repeatsRight('f(', 'a)', ')\n'));
  assert.ok(repeatsRight('{\n', '  a();\n}', '\n}\n'));
  assert.ok(!repeatsRight('{\n', '  if (x) {\n    a();\n  }', '\n}\n'));
  assert.ok(!repeatsRight('f(', 'a', ')\n'));
  assert.ok(!repeatsRight('x = ', '1', ''));
});

test('a script writes the file, slips included, and the same seed the same script', () => {
  const text = Array.from({ length: 60 }, (_, i) => `  const value${i} = compute(${i});`).join('\n');
  const { head, tail, keys } = scriptFor(text, { seed: 7, keystrokes: 5000 });
  assert.deepEqual(scriptFor(text, { seed: 7, keystrokes: 5000 }).keys, keys);
  assert.notDeepEqual(scriptFor(text, { seed: 8, keystrokes: 5000 }).keys, keys);
  assert.ok(keys.some((key) => key.back > 0));
  assert.equal(keys.reduce((t, key) => (key.back > 0 ? t.slice(0, -key.back) : t + key.text), head) + tail, text);
  for (const key of keys) assert.ok(key.pause > 10 && key.pause < 20_000, `${key.pause}`);
});

test('lines of the server are read', () => {
  const line = readTraceLine('completion 3: 12 chars, decode, 61.5 ms, wait 20.0, tokenize 0.5, prompt 6.0 (100/120 cached), decode 33.5, 7 forwards, 8 tokens, EndOfLine');
  assert.deepEqual(line, { kind: 'completion', number: 3, chars: 12, path: 'decode', reason: null, total: 61.5, wait: 20, engine: 40, decode: 33.5, cached: 100, prompt: 120, forwards: 7 });
  assert.equal(readTraceLine('completion 4: nothing: MidLine, gate, 0.1 ms').reason, 'MidLine');
  assert.equal(readTraceLine('prefetch 1: cancelled, 5.0 ms').reason, 'cancelled');
  assert.equal(readTraceLine('something else'), null);
  assert.equal(readStopLine('decode stopped 0.75 ms after it was called off'), 0.75);
  assert.equal(readStopLine('something else'), null);
  assert.deepEqual(readAnswerLine('answer 12 went out at 1234.5 ms'), { id: 12, at: 1234.5 });
  assert.equal(readAnswerLine('something else'), null);
});

test('what is accepted is the longest beginning in whole lines that comes next', () => {
  const keys = [...'abc();'].map((text) => ({ text, back: 0 })).concat({ text: '\n  ', back: 0 }, { text: 'd', back: 0 });
  assert.deepEqual(takenOf({ text: 'abc();\n  d' }, keys, 0), { text: 'abc();\n  d', keys: 8, isWhole: true });
  assert.deepEqual(takenOf({ text: 'abc();\n  e' }, keys, 0), { text: 'abc();', keys: 6, isWhole: false });
  assert.equal(takenOf({ text: 'ab' }, keys, 0), null);
  assert.equal(takenOf({ text: 'abx' }, keys, 0), null);
});
