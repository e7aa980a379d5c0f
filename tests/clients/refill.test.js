// Refilling a selection by the real model through the real server: what is edited, what stays, and what the user is told.
import assert from 'node:assert/strict';
import test from 'node:test';
import { failure, withServer } from './server.js';

const uri = 'file:///w/src/Stack.cs';
const lines = [
  'namespace Sample;', '', 'public sealed class Stack', '{', '    private readonly List<int> items = [];', '', '    public void Push(int value)', '    {',
  '        items.Add(value);', '    }', '', '    public int Pop()', '    {', '        return 0;', '    }', '}', '',
];
const text = lines.join('\n');
const body = { start: { line: 13, character: 0 }, end: { line: 14, character: 0 } };
const capabilities = { workspace: { applyEdit: true, workspaceEdit: { documentChanges: true } }, textDocument: { codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: [] } } } } };

function editsOf(server, answer = { applied: true }) {
  const edits = [];
  server.connection.onRequest('workspace/applyEdit', params => {
    edits.push(params);
    return answer;
  });
  return edits;
}

const refill = (server, range, document = uri) => server.request('workspace/executeCommand', { command: 'diffusion.refill', arguments: [document, range] });
const messages = server => server.notifications.filter(n => n.method === 'window/showMessage').map(n => n.params.message);

/** The text after an edit that must lie inside the range. */
function applied(document, { range, newText }, around) {
  const offset = ({ line, character }) => document.split('\n').slice(0, line).reduce((sum, l) => sum + l.length + 1, 0) + character;
  assert.ok(offset(range.start) >= offset(around.start) && offset(range.end) <= offset(around.end), JSON.stringify(range));
  return document.slice(0, offset(range.start)) + newText + document.slice(offset(range.end));
}

test('the action leads to an edit that keeps what stands around it', t => withServer(t, {}, async server => {
  await server.start({ capabilities });
  const edits = editsOf(server);
  await server.open(uri, text);
  const [action] = await server.request('textDocument/codeAction', { textDocument: { uri }, range: body, context: { diagnostics: [] } });
  assert.equal(action.title, 'Refill selection');
  assert.equal(action.kind, 'refactor.rewrite');
  assert.equal(await server.request('workspace/executeCommand', action.command), null);
  // Whether the model finds something else than "return 0;" is its business; that one of the two happens is ours.
  assert.equal(edits.length + messages(server).length, 1);
  for (const { edit } of edits) {
    const [{ textDocument, edits: [change] }] = edit.documentChanges;
    assert.deepEqual(textDocument, { uri, version: 1 });
    const after = applied(text, change, body);
    assert.ok(after.startsWith(lines.slice(0, 13).join('\n') + '\n        ') && after.endsWith('\n    }\n}\n'), after);
    assert.ok(change.newText.trim() === change.newText && change.newText.length > 0, JSON.stringify(change.newText));
  }
  assert.equal(await server.stop(), 0);
}));

test('infill answers the same text as the command applies, and twice the same', t => withServer(t, {}, async server => {
  await server.start({ capabilities });
  await server.open(uri, text);
  const first = await server.request('$/diffusion/infill', { textDocument: { uri }, range: body });
  assert.ok(['endOfText', 'endOfLine', 'enough', 'length'].includes(first.stopReason));
  assert.ok(first.forwards > 0 && first.tokens >= 0 && first.milliseconds > 0);
  const second = await server.request('$/diffusion/infill', { textDocument: { uri }, range: body });
  assert.equal(second.text, first.text);
  if (first.edit) assert.equal(first.edit.documentChanges[0].edits[0].newText, first.text);
  const short = await server.request('$/diffusion/infill', { textDocument: { uri }, range: body, maxTokens: 1 });
  assert.ok(short.tokens <= 1);
  assert.equal(await server.stop(), 0);
}));

test('a part of a line stays one line, also in a CRLF document with surrogates', t => withServer(t, {}, async server => {
  await server.start({ capabilities });
  await server.open(uri, 'var s = "🙂";\r\nvar t = s + s;\r\nConsole.WriteLine(t);\r\n');
  const range = { start: { line: 1, character: 8 }, end: { line: 1, character: 13 } };
  const answer = await server.request('$/diffusion/infill', { textDocument: { uri }, range });
  assert.ok(!/[\r\n]/.test(answer.text), JSON.stringify(answer.text));
  const blocks = { start: { line: 1, character: 0 }, end: { line: 3, character: 0 } };
  const block = await server.request('$/diffusion/infill', { textDocument: { uri }, range: blocks });
  assert.ok(!/(^|[^\r])\n/.test(block.text), JSON.stringify(block.text));
  assert.equal(await server.stop(), 0);
}));

test('a document that was changed meanwhile is left alone', t => withServer(t, {}, async server => {
  await server.start({ capabilities });
  const edits = editsOf(server);
  await server.open(uri, text);
  const running = refill(server, body);
  await server.notify('textDocument/didChange', { textDocument: { uri, version: 2 }, contentChanges: [{ text: '// other\n' + text }] });
  assert.equal(await running, null);
  assert.equal(edits.length, 0);
  assert.equal(messages(server).length, 1);
  assert.equal(await server.stop(), 0);
}));

test('what cannot be refilled is said in one sentence', t => withServer(t, {}, async server => {
  await server.start({ capabilities, options: { exclude: ['Stack.cs'] } });
  const edits = editsOf(server);
  await server.open(uri, text);
  assert.deepEqual(await server.request('textDocument/codeAction', { textDocument: { uri }, range: body, context: {} }), []);
  await refill(server, body);
  await refill(server, body, 'file:///w/closed.cs');
  assert.match(messages(server)[0], /^Stack\.cs is excluded by the pattern "Stack\.cs"/);
  assert.match(messages(server)[1], /not open/);
  assert.equal((await failure(server.request('$/diffusion/infill', { textDocument: { uri }, range: body }))).code, -32803);
  assert.deepEqual(await server.inline(uri, 13, 8), { items: [] });
  assert.equal(edits.length, 0);
  assert.equal(await server.stop(), 0);
}));
