import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { removeFolder } from '../lib/folders.mjs';

const epoch = 1_700_000_000;

test('archives depend on names, contents and modes, not on times or the order of files', { skip: process.platform === 'linux' ? false : 'tar is GNU tar on Linux' }, async () => {
  const { readTar, readZip, rewriteZip, tarOf, zipOf } = await import('./archives.mjs');
  const folder = mkdtempSync(join(tmpdir(), 'dlsp-archives-'));
  try {
    const make = (name, files, time) => {
      const root = join(folder, name, 'inside');
      mkdirSync(join(root, 'sub'), { recursive: true });
      for (const file of files) {
        writeFileSync(join(root, file), `content of ${file}`);
        chmodSync(join(root, file), file === 'run' ? 0o700 : 0o640);
        utimesSync(join(root, file), time, time);
      }
      return root;
    };
    const one = make('one', ['run', 'a', 'sub/b'], 1_000_000_000), other = make('other', ['sub/b', 'a', 'run'], 1_600_000_000);
    for (const [kind, write] of [['tar', tarOf], ['zip', zipOf]]) {
      await write(one, join(folder, `one.${kind}`), epoch);
      await write(other, join(folder, `other.${kind}`), epoch);
      assert.ok(readFileSync(join(folder, `one.${kind}`)).equals(readFileSync(join(folder, `other.${kind}`))), kind);
    }
    assert.deepEqual(readTar(join(folder, 'one.tar')), ['inside/a', 'inside/run', 'inside/sub/b']);
    const entries = await readZip(join(folder, 'one.zip'));
    assert.deepEqual(entries.map(({ name, bytes, mode }) => [name, bytes.toString(), mode & 0o777]),
      [['inside/a', 'content of a', 0o644], ['inside/run', 'content of run', 0o755], ['inside/sub/b', 'content of sub/b', 0o644]]);
    await rewriteZip(join(folder, 'other.zip'), epoch + 2);
    assert.ok(!readFileSync(join(folder, 'one.zip')).equals(readFileSync(join(folder, 'other.zip'))), 'the time is not in it');
    await rewriteZip(join(folder, 'other.zip'), epoch);
    assert.ok(readFileSync(join(folder, 'one.zip')).equals(readFileSync(join(folder, 'other.zip'))));
  } finally {
    removeFolder(folder);
  }
});
