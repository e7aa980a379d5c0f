import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from './lib/projects.mjs';
import { cursor, samples } from './samples.mjs';

for (const sample of samples) {
  test(`the caret of ${sample.file} stands at the end of an unfinished line`, () => {
    const line = readFileSync(join(root, sample.file), 'utf8').split('\n')[sample.line - 1];
    assert.equal(sample.column, line.length + 1);
    assert.match(line, /[=.]$/);
  });
}

test('a cursor is written as the command line takes it', () => {
  assert.equal(cursor({ file: 'a/b.ts', line: 3, column: 7 }), 'a/b.ts:3:7');
});
