import assert from 'node:assert/strict';
import { test } from 'node:test';
import { previewTitle } from '../src/previewTitle';

test('the title over a refill counts the lines that have text', () => {
  assert.equal(previewTitle('/w/a.py', 'x', 'y'), 'Refill a.py: 1 line becomes 1');
  assert.equal(previewTitle('a.py', 'x\r\n\r\ny\r\n', 'y\n\n'), 'Refill a.py: 2 lines become 1');
  assert.equal(previewTitle('Untitled-1', '', 'y\nz'), 'Refill Untitled-1: 0 lines become 2');
});
