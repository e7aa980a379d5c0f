import assert from 'node:assert/strict';
import { test } from 'node:test';
import { embedded, filled } from './resultsDocument.mjs';

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

test('a document without marks is refused', () => assert.throws(() => filled('# Old\n\ntext\n', 'Rows', measured), /has no <!-- head/));
