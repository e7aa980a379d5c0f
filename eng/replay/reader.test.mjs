import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge, keystrokes } from './reader.mjs';
import { suggestionTable } from './suggestions.mjs';

test('what is right to its end is taken with one key', () => {
  assert.deepEqual(judge('sum(values);', 'sum(values);\n'), { kind: 'right', taken: 'sum(values);', keys: 1 });
  assert.deepEqual(judge('sum(values);  ', 'sum(values);\n'), { kind: 'right', taken: 'sum(values);', keys: 1 });
  assert.deepEqual(judge('a();\n  b();', 'a();\n  b();\n}'), { kind: 'right', taken: 'a();\n  b();', keys: 1 });
});

test('right, but not worth another key', () => {
  assert.deepEqual(judge('x;', 'x;\n'), { kind: 'right', taken: '', keys: 0 });
  assert.deepEqual(judge('of us', 'of them'), { kind: 'partly', taken: '', keys: 0 });
});

test('lines and words that are right are taken one by one', () => {
  assert.deepEqual(judge('alpha();\n  beta();\n  gamma', 'alpha();\n  beta();\n  delta'), { kind: 'partly', taken: 'alpha();\n  beta();', keys: 2 });
  assert.deepEqual(judge('return first + second;', 'return first - second;'), { kind: 'partly', taken: 'return first', keys: 2 });
  assert.deepEqual(judge('alpha();\n  beta(1);', 'alpha();\n  beta(2);'), { kind: 'partly', taken: 'alpha();\n  beta(', keys: 3 });
});

test('a word that goes on otherwise is wrong', () => {
  assert.deepEqual(judge('value', 'values'), { kind: 'wrong', taken: '', keys: 0 });
  assert.deepEqual(judge('valued', 'value'), { kind: 'wrong', taken: '', keys: 0 });
  assert.deepEqual(judge('', 'value'), { kind: 'wrong', taken: '', keys: 0 });
  assert.deepEqual(judge('  ', 'value'), { kind: 'wrong', taken: '', keys: 0 });
});

test('a line break brings its indentation', () => assert.equal(keystrokes('a\n    b🙂'), 4));

test('the table says whether the goals are reached', () => {
  const counts = (wrong, pressed) => ({ written: 100, pressed, shown: wrong + 10, right: 8, partly: 2, wrong, characters: 40, answers: 100 });
  const said = (balanced) => suggestionTable({ model: 'm', weights: 'w', accept: 'words', files: 1, seconds: 1, rows: { all: counts(40, 80), balanced } });
  assert.match(said(counts(20, 82)), /50 % of the wrong suggestions gone: reached .* 90 % .* reached/);
  assert.match(said(counts(21, 83)), /gone: MISSED .* 85 % .* MISSED/);
  assert.match(said(counts(20, 82)), /\| balanced \| 100 \| 82 \| 18\.0 \| 30 \| 8 \| 2 \| 20 \| 26\.7 \| 40 \| 26\.8 \|/);
});
