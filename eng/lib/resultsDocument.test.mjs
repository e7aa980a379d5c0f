import assert from 'node:assert/strict';
import { test } from 'node:test';
import { embedded, filled, ofSession } from './resultsDocument.mjs';

const measured = { command: 'npm run bench -- rows', of: embedded('0123456789abcdef'), commit: 'abc', day: '2026-11-29', machine: 'a processor, 2 cores', output: 'in turns\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nlargest 3\n' };

test('a new document has a title, a head and what was printed', () => {
  assert.equal(filled(null, 'Rows', measured), `# Rows

<!-- head: npm run results -->
\`npm run bench -- rows\`: nano, weights \`0123456789ab…\`, commit \`abc\`, 2026-11-29; a processor, 2 cores.
<!-- end of the head -->

<!-- measured -->
\`\`\`
in turns
\`\`\`

| a | b |
|---|---|
| 1 | 2 |

\`\`\`
largest 3
\`\`\`
<!-- end of what was measured -->
`);
});

test('what was written around the marks stays, and the old figures go', () => {
  const first = filled(null, 'Rows', measured).replace('<!-- measured -->', 'By hand.\n\n<!-- measured -->') + '\nAfter.\n';
  const second = filled(first, 'Another title', { ...measured, day: '2026-11-30', output: '| c |\n' });
  assert.match(second, /^# Rows\n/);
  assert.match(second, /By hand\.[^]*\| c \|[^]*After\.\n$/);
  assert.doesNotMatch(second, /largest 3|2026-11-29/);
  assert.equal(filled(second, 'Rows', { ...measured, day: '2026-11-30', output: '| c |\n' }), second);
});

test('what is a document already goes in as it is', () => {
  const document = filled(null, 'Rows', { ...measured, markdown: true, output: '\nWords of *meaning*.\n\n| a |\n' });
  assert.match(document, /<!-- measured -->\nWords of \*meaning\*\.\n\n\| a \|\n<!-- end/);
});

test('a document without marks is refused', () => assert.throws(() => filled('# Old\n\ntext\n', 'Rows', measured), /has no <!-- head/));

test('a session becomes a document: a heading and a line for each part, tables, no folders of the machine, failures as such', () => {
  const head = { commit: 'abc', weights: '0123456789abcdef', day: '2026-11-29', machine: 'a GPU, 16 cores', command: 'npm run gpu -- run --device cuda' };
  const parts = [
    { part: 'doctor', ok: true, seconds: 2.4, line: 'Everything works.', text: 'ok libtorch /somewhere/lib' },
    { part: 'forward', ok: true, seconds: 61.2, line: '4,000 GB/s', text: '4,000 GB/s when copying\n\n| a |\n|---|\n| 1 |\n' },
    { part: 'train', ok: false, seconds: 3, line: 'exit code 1: no CUDA', text: 'at some place' },
  ];
  const session = ofSession([head, ...parts].map((line) => JSON.stringify(line)).join('\n') + '\n');
  assert.equal(session.of, 'nano, weights `0123456789ab…` and random weights in the shapes named below');
  const document = filled(null, 'On a GPU', session);
  assert.match(document, /`npm run gpu -- run --device cuda`: nano, weights `0123456789ab…`[^]*commit `abc`, 2026-11-29; a GPU, 16 cores\./);
  assert.match(document, /\n## forward\n\n```\n4,000 GB\/s \(61 s\)\n\n4,000 GB\/s when copying\n```\n\n\| a \|\n\|---\|\n\| 1 \|\n/);
  assert.match(document, /## train\n\n```\nFAILED: exit code 1: no CUDA \(3 s\)\n```/);
  assert.doesNotMatch(document, /somewhere|some place/);
});
