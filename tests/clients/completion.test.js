// Completions by the real model through the real server: results, superseded and cancelled requests.
import assert from 'node:assert/strict';
import test from 'node:test';
import rpc from 'vscode-jsonrpc/node';
import { delay, failure, withServer } from './server.js';

const uri = 'file:///w/src/Stack.cs';
const before = 'namespace Sample;\n\npublic sealed class Stack\n{\n    private readonly List<int> items = [];\n\n    public void Push(int value)\n    {\n        items.Add(value);\n    }\n\n    public int Pop()\n    {\n        ';
const after = '\n    }\n}\n';
const line = before.split('\n').length - 1;
const column = 8;

function change(server, version, start, end, text) {
  return server.notify('textDocument/didChange', {
    textDocument: { uri, version },
    contentChanges: [{ range: { start: { line, character: start }, end: { line, character: end } }, text }],
  });
}

/** What is shown of an answer, without its number, by which its acceptance is reported. */
const shown = ({ items }) => items.map(({ insertText, range }) => ({ insertText, range }));

test('ghost text begins with what it replaces and stays in the block', t => withServer(t, {}, async server => {
  await server.start();
  await server.open(uri, before + after);
  const { items } = await server.inline(uri, line, column);
  assert.equal(items.length, 1);
  const [{ insertText, range }] = items;
  assert.deepEqual(range, { start: { line, character: 0 }, end: { line, character: column } });
  assert.ok(insertText.startsWith('        ') && insertText.trim().length > 0, JSON.stringify(insertText));
  assert.equal(insertText, insertText.trimEnd());
  assert.ok(!insertText.includes('\r'));
  for (const l of insertText.split('\n')) assert.ok(l.trim() === '' || l.startsWith('        '), `left the block: ${JSON.stringify(l)}`);
  assert.equal(await server.stop(), 0);
}));

test('the same place gives the same text, decoded or remembered, LF or CRLF', t => withServer(t, {}, async server => {
  await server.start();
  await server.open(uri, before + after);
  const first = await server.inline(uri, line, column);
  assert.deepEqual(shown(await server.inline(uri, line, column))[0], shown(first)[0]); // others, which were asked for by asking again, follow it
  const other = 'file:///w/src/Other/Stack.cs';
  await server.open(other, (before + after).replaceAll('\n', '\r\n'));
  const crlf = await server.inline(other, line, column);
  assert.equal(crlf.items.length, 1);
  assert.ok(!crlf.items[0].insertText.includes('\r'));
  assert.equal(await server.stop(), 0);
}));

test('type-through of the suggestion answers its rest without decoding', t => withServer(t, {}, async server => {
  await server.start();
  await server.open(uri, before + after);
  const [{ insertText }] = (await server.inline(uri, line, column)).items;
  const typed = insertText.slice(column, column + 3);
  for (let i = 1; i <= typed.length; i++) {
    await change(server, i + 1, column + i - 1, column + i - 1, typed[i - 1]);
    const [item] = (await server.inline(uri, line, column + i, 2)).items;
    assert.equal(item.insertText, insertText);
    assert.deepEqual(item.range.end, { line, character: column + i });
  }
  assert.equal(await server.stop(), 0);
  assert.equal(server.stderr.match(/typeThrough/g)?.length, 3, server.stderr);
}));

test('incremental and full edits keep the server in step', t => withServer(t, {}, async server => {
  await server.start();
  await server.open(uri, 'x');
  await server.notify('textDocument/didChange', { textDocument: { uri, version: 2 }, contentChanges: [{ text: before + 'zzz' + after }] });
  await change(server, 3, column, column + 3, '');
  const expected = await server.inline(uri, line, column);
  const fresh = 'file:///w/src/Stack2.cs';
  await server.open(fresh, before + after);
  // Another file name is another prompt; the same text under the same name must be the same completion.
  await server.notify('textDocument/didClose', { textDocument: { uri } });
  assert.equal(await server.inline(uri, line, column), null);
  await server.open(uri, before + after);
  assert.deepEqual(shown(await server.inline(uri, line, column)), shown(expected));
  assert.equal(await server.stop(), 0);
}));

test('overlapping requests without cancel: the overtaken get null, the latest an answer', t => withServer(t, {}, async server => {
  await server.start();
  await server.open(uri, before + after);
  const requests = [];
  for (let i = 0; i < 10; i++) {
    await change(server, i + 2, column, column + (i === 0 ? 0 : 1), 'abcdefghij'[i]);
    requests.push(server.inline(uri, line, column + 1, 2));
  }
  const answers = await Promise.all(requests);
  assert.deepEqual(answers.slice(0, 9), Array(9).fill(null));
  assert.ok(Array.isArray(answers[9].items));
  assert.equal(await server.stop(), 0);
}));

test('a cancelled request is answered with -32800', t => withServer(t, {}, async server => {
  await server.start({ options: { debounceMs: 1000 } });
  await server.open(uri, before + after);
  const source = new rpc.CancellationTokenSource();
  const request = server.inline(uri, line, column, 2, source.token);
  await delay(50);
  source.cancel();
  assert.equal((await failure(request)).code, -32800);
  assert.equal(await server.stop(), 0);
}));

test('a storm of 500 cancelled requests is answered in full and leaves the server free', t => withServer(t, {}, async server => {
  await server.start();
  await server.open(uri, before + after);
  await server.inline(uri, line, column); // warm
  const storm = [];
  for (let i = 0; i < 500; i++) {
    await change(server, i + 2, column, column + (i === 0 ? 0 : 1), 'abcdefghij'[i % 10]);
    const source = new rpc.CancellationTokenSource();
    storm.push(server.inline(uri, line, column + 1, 2, source.token).then(answer => answer, error => error.code));
    if (i % 3 === 0) await delay(5);
    source.cancel();
  }
  const answers = await Promise.all(storm);
  assert.equal(answers.length, 500);
  for (const answer of answers) assert.ok(answer === null || answer === -32800 || Array.isArray(answer.items), JSON.stringify(answer));
  assert.ok(answers.filter(a => a === -32800).length > 0, 'the storm cancelled nothing');
  await change(server, 600, column, column + 1, 'r');
  const last = await server.inline(uri, line, column + 1);
  assert.ok(Array.isArray(last.items));
  assert.equal(await server.stop(), 0);
}));

test('a burst of changes arrives whole and in order, and requests between them see their own text', t => withServer(t, {}, async server => {
  await server.start();
  await server.open(uri, '\n');
  let text = '';
  const seen = [];
  for (let i = 0; i < 300; i++) {
    text += String.fromCodePoint(i % 7 === 0 ? 0x1f600 + i % 40 : 97 + i % 26);
    const character = text.length - String.fromCodePoint(text.codePointAt(text.length - 1)).length;
    const start = i % 7 === 0 ? text.length - 2 : character;
    server.notify('textDocument/didChange', { textDocument: { uri, version: i + 2 }, contentChanges: [{ range: { start: { line: 0, character: start }, end: { line: 0, character: start } }, text: text.slice(start) }] });
    if (i % 20 === 0) seen.push([server.request('$/diffusion/text', { textDocument: { uri } }), { version: i + 2, text: `${text}\n` }]);
    if (i % 25 === 0) server.inline(uri, 0, text.length, 2).catch(() => {});
  }
  for (const [answer, expected] of seen) assert.deepEqual(await answer, expected);
  assert.equal((await server.request('$/diffusion/text', { textDocument: { uri } })).text, `${text}\n`);
  assert.equal(await server.stop(), 0);
}));

test('a request that types along joins the decode under way', t => withServer(t, {}, async server => {
  await server.start({ options: { debounceMs: 0, maxTokensMultiLine: 256, multiline: 'always' } });
  await server.open(uri, before + after);
  const [whole] = (await server.inline(uri, line, column)).items;
  const next = whole.insertText[column];
  // The same place in a file that nothing is remembered of; the decode is under way when the next key comes.
  const other = 'file:///w/src/Again.cs';
  await server.open(other, before + after);
  const busy = server.until(n => n.method === '$/diffusion/status' && n.params.state === 'busy' && n.params.lastForwards > 0);
  const first = server.inline(other, line, column);
  await Promise.race([busy.catch(() => {}), first]); // a fast machine is done before anybody would call it busy
  const at = { line, character: column };
  await server.notify('textDocument/didChange', { textDocument: { uri: other, version: 2 }, contentChanges: [{ range: { start: at, end: at }, text: next }] });
  const second = await server.inline(other, line, column + 1);
  const overtaken = await first;
  assert.equal(await server.stop(), 0);
  // Which of the two came first is the machine's doing; the user sees the same either way.
  assert.ok(overtaken === null || overtaken.items.length === 1);
  assert.ok(second.items.length === 0 || second.items[0].insertText.startsWith(`        ${next}`), JSON.stringify(second));
}));

test('the cursor at surrogate pairs', t => withServer(t, {}, async server => {
  await server.start();
  const text = 'var s = "🙂é"; // 🙂🙂\nvar t = ';
  await server.open(uri, text);
  for (const [l, c, left] of [[0, 11, 'var s = "🙂'], [0, 10, 'var s = "'], [0, 18, 'var s = "🙂é"; // '], [1, 8, 'var t = ']]) {
    const answer = await server.inline(uri, l, c);
    for (const item of answer.items) {
      assert.deepEqual(item.range, { start: { line: l, character: 0 }, end: { line: l, character: left.length } });
      assert.ok(item.insertText.startsWith(left), JSON.stringify(item));
      assert.ok(item.insertText.isWellFormed?.() ?? true);
    }
  }
  // An edit behind astral characters must land where the client meant it.
  await server.notify('textDocument/didChange', {
    textDocument: { uri, version: 2 },
    contentChanges: [{ range: { start: { line: 0, character: 9 }, end: { line: 0, character: 11 } }, text: '𝒳𝒴' }],
  });
  const answer = await server.inline(uri, 0, 13);
  for (const item of answer.items) assert.ok(item.insertText.startsWith('var s = "𝒳𝒴'), JSON.stringify(item));
  assert.equal(await server.stop(), 0);
}));

test('a list entry for clients without ghost text, none for those with it', async t => {
  await withServer(t, {}, async server => {
    await server.start({ options: { debounceMs: 0, suggestions: 'all' } });
    await server.open(uri, before + after);
    const list = await server.request('textDocument/completion', { textDocument: { uri }, position: { line, character: column } });
    assert.equal(list.items.length, 1);
    const [item] = list.items;
    assert.equal(item.insertTextMode, 1);
    assert.ok(item.label.length > 0 && item.label.length <= 83);
    assert.deepEqual(item.textEdit.range, { start: { line, character: column }, end: { line, character: column } });
    assert.equal(await server.stop(), 0);
  });
  await withServer(t, {}, async server => {
    await server.start({ capabilities: { textDocument: { inlineCompletion: {} } }, ready: false });
    await server.open(uri, before + after);
    const list = await server.request('textDocument/completion', { textDocument: { uri }, position: { line, character: column } });
    assert.deepEqual(list, { isIncomplete: false, items: [] });
    assert.equal(await server.stop(), 0);
  });
});

test('a request while the model loads is answered once it is there', t => withServer(t, {}, async server => {
  await server.start({ ready: false });
  await server.open(uri, before + after);
  const { items } = await server.inline(uri, line, column);
  assert.equal(items.length, 1);
  assert.equal(await server.stop(), 0);
}));

test('the longest holes that settings allow are offered something, however long the file is', t => withServer(t, {}, async server => {
  await server.start({ options: { debounceMs: 0, maxTokensSingleLine: 4096, latencyBudgetMs: 0, midLine: 'always' } });
  const members = Array.from({ length: 300 }, (_, i) => `    public int Value${i} => Compute(${i});\n`).join('');
  const text = `class Long\n{\n${members}    public int Last => `;
  await server.open(uri, `${text};\n${members}}\n`);
  const { items } = await server.inline(uri, 302, '    public int Last => '.length);
  assert.equal(items.length, 1);
  assert.match(items[0].insertText, /Compute\(/);
  assert.equal(await server.stop(), 0);
}));

test('what the model is unsure of is not shown while typing, and is there for who asks by hand', t => withServer(t, {}, async server => {
  await server.start();
  await server.open(uri, before + after);
  assert.deepEqual((await server.inline(uri, line, column, 2)).items, []);
  const { items } = await server.inline(uri, line, column);
  assert.equal(items.length, 1);
  await server.notify('workspace/didChangeConfiguration', { settings: { diffusionLsp: { debounceMs: 0, suggestions: 'all' } } });
  assert.equal((await server.inline(uri, line, column, 2)).items[0].insertText, items[0].insertText);
  assert.equal(await server.stop(), 0);
}));
