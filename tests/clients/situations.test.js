// Suggestions in the small documents of tests/situations, accepted: certain errors must never occur, whatever the setting shows.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import test from 'node:test';
import { readSituations } from '../situations/catalogue.mjs';
import { judgeAll } from '../situations/judge.mjs';
import { play } from '../situations/play.mjs';
import { executable, hasTool } from './server.js';

const never = ['unbalanced', 'repeats a neighbour', 'copies a body', 'where nothing belongs'];
const situations = readSituations();

/** The suggestion in every situation, with its verdict; null if there is no server. */
async function judged(t, suggestions) {
  if (!hasTool(t, existsSync(executable), `${executable} is not built; run dotnet build server/DiffusionLsp.Server -c Release`)) return null;
  const played = await play(situations, { suggestions });
  const verdicts = await judgeAll(played);
  const shown = played.map((p, i) => ({ ...p, ...verdicts[i] })).filter(({ kind }) => kind !== 'nothing');
  assert.ok(shown.length > 0, 'nothing was suggested anywhere');
  return shown;
}

const said = suggestions => suggestions.map(({ situation, faults: found, inserted }) => `${situation.name}, ${found.join(', ')}: ${inserted}`);

test('everything the model writes, accepted, keeps brackets and quotes and repeats no neighbour', async t => {
  const shown = await judged(t, 'all');
  if (shown) assert.deepEqual(said(shown.filter(({ faults: found }) => found.some(fault => never.includes(fault)))), []);
});

test('by default hardly a suggestion adds a syntax error or is wrong otherwise', async t => {
  const shown = await judged(t, 'balanced');
  if (!shown) return;
  const wrong = shown.filter(({ kind }) => kind === 'wrong');
  const errors = wrong.filter(({ faults: found }) => found.includes('parse error'));
  assert.ok(errors.length <= 0.03 * shown.length, said(errors).join('\n'));
  assert.ok(wrong.length <= 0.15 * shown.length, said(wrong).join('\n'));
});

test('the judges see what they are there for', async () => {
  const at = (language, drawn, inserted, place = 'code') => ({
    situation: { language, place, right: [], must: [], text: drawn.replace('║', ''), offset: drawn.indexOf('║') }, inserted, replaced: 0,
  });
  const cases = [
    [at('csharp', 'class C { void F() { ║ } }', 'G('), ['unbalanced', 'parse error', 'dangling']],
    [at('csharp', 'class C { void F() { ║ } }', 'G(")", \'(\');'), []],
    [at('typescript', 'const a = `${║}`;', 'b}'), []],
    [at('typescript', 'const a = {\n  one: 1234,\n  ║\n};', 'one: 1234,'), ['repeats a neighbour']],
    [at('typescript', 'function f(a) {\n  return a.b.c;\n}\n\nfunction g(d) {\n  ║\n}', 'return a.b.c;'), ['copies a body']],
    [at('python', 'def f(a):\n    ║\n    return a\n', 'if a:'), ['parse error']],
    [at('python', 'def f(a):\n    ║\n    return a\n', 'b = a\n  c = a'), ['parse error', 'indentation']],
    [at('python', '# The ║\n', 'x = f(1)', 'comment'), ['code in text']],
    [at('python', '# The ║\n', 'one.\nx', 'comment'), ['leaves the text']],
    [at('java', 'class C {\n  /* a ║ */\n}', 'b */ int c;', 'comment'), ['code in text', 'leaves the text', 'parse error']],
    [at('go', 'package a\n\nfunc f() {\n\t║\n}\n', 'g()\n    h()'), ['indentation']],
    [at('json', '{ "a": ║ }', '1,'), ['parse error']],
    [at('html', '<p>║</p>', '<b>x'), ['parse error']],
    [at('yaml', 'a:\n  b: 1\n  ║\n', 'c: [1'), ['unbalanced', 'parse error']],
  ];
  const verdicts = await judgeAll(cases.map(([played]) => played));
  for (const [i, [{ inserted }, expected]] of cases.entries()) assert.deepEqual([...verdicts[i].faults].sort(), [...expected].sort(), inserted);
});
