import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureSentence } from '../src/failureText';
import { filterSteps } from '../src/filterSteps';
import { isOn, switched } from '../src/languageSwitches';
import { parseLogLine } from '../src/logLine';

test('a language without a row is as "*" says, and without that it is on', () => {
  assert.equal(isOn({ '*': false, python: true }, 'python'), true);
  assert.equal(isOn({ '*': false, python: true }, 'csharp'), false);
  assert.equal(isOn({}, 'csharp'), true);
});

test('a line of the log keeps its level; anything else is an error', () => {
  assert.deepEqual(parseLogLine('2026-01-31 12:00:00.000 WRN slow: a b'), { level: 'warn', text: 'slow: a b' });
  assert.deepEqual(parseLogLine('Unhandled exception.'), { level: 'error', text: 'Unhandled exception.' });
  assert.deepEqual(parseLogLine('2026-01-31 12:00:00.000 XYZ what'), {
    level: 'error',
    text: '2026-01-31 12:00:00.000 XYZ what',
  });
});

test('a method that the server lacks is told in words; other failures speak for themselves', () => {
  assert.match(failureSentence(Object.assign(new Error('Unhandled method'), { code: -32601 })), /install a newer one/);
  assert.equal(
    failureSentence(Object.assign(new Error('The selection is too long.'), { code: -32602 })),
    'The selection is too long.',
  );
  assert.equal(failureSentence('plain'), 'plain');
});

test('the filter is fitted from what was collected, and lands where the decoder looks for it', () => {
  const [collect, fit] = filterSteps('/models/mine', '/shards', '/scratch/t.jsonl.gz');
  assert.ok(collect && fit);
  assert.deepEqual(collect.arguments.slice(0, 6), [
    'filter',
    'collect',
    '--model',
    '/models/mine',
    '--shards',
    '/shards',
  ]);
  assert.equal(collect.arguments.at(-1), fit.arguments[fit.arguments.indexOf('--input') + 1]);
  assert.match(fit.arguments.at(-1) ?? '', /mine.filters.position\.json$/);
});

test('a language that is switched back leaves no row behind', () => {
  assert.deepEqual(switched(undefined, 'python', false), { python: false });
  assert.equal(switched({ python: false }, 'python', true), undefined);
  assert.deepEqual(switched({ '*': true }, 'markdown', true), { '*': true, markdown: true });
  assert.equal(switched({ markdown: true }, 'markdown', false), undefined);
  assert.deepEqual(switched({ python: false, c: false }, 'python', true), { c: false });
  assert.deepEqual(switched({ '*': false }, 'python', true), { '*': false, python: true });
  assert.deepEqual(switched({ '*': false, python: true }, 'python', false), { '*': false });
});
