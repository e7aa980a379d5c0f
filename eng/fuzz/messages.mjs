// Messages that editors send, as a source for mutations; none that end a server.
const uris = ['file:///h/a.cs', 'file:///h/b.py', 'untitled:h-1', 'file:///h/%C3%A9%20c.ts'];
const texts = ['', 'var x = 1;\n', 'def f(a):\r\n\treturn ', 'é🙂中文\r', '// Content-Length: 12\r\n\r\n{}', 'x'.repeat(3000), '"\\ud83d"\n\u2028{[('];
const words = ['a', 'return ', '\n', '🙂', '}', 'Content-Length: 5\r\n\r\n'];

/** A well-formed message. The sender assigns the ids of requests. */
export function anyMessage(random) {
  return random.of(kinds)(random);
}

const place = (random) => ({ line: random.between(0, 3), character: random.between(0, 12) });
const range = (random) => ({ start: place(random), end: place(random) });
const document = (random) => ({ uri: random.of(uris) });
const at = (random) => ({ textDocument: document(random), position: place(random) });
const request = (method, params) => (random) => ({ id: 0, method, params: params(random) });
const notification = (method, params) => (random) => ({ method, params: params(random) });

const settings = (random) => ({
  debounceMs: random.of([0, 1]), multiline: random.of(['auto', 'never']), languages: { '*': true, python: random.chance(0.5) }, exclude: ['*.secret', '!a'],
  threshold: 0.5, maxTokensSingleLine: random.between(1, 4), maxTokensMultiLine: random.between(1, 4), metrics: false, logLevel: random.of(['info', 'warning']),
});

const change = (random) => ({ range: range(random), text: random.of(words) });

/** One row per kind; frequent ones are repeated. */
const kinds = [
  notification('textDocument/didOpen', (random) => ({ textDocument: { ...document(random), languageId: random.of(['csharp', 'python']), version: 1, text: random.of(texts) } })),
  notification('textDocument/didChange', (random) => ({ textDocument: { ...document(random), version: random.between(1, 99) }, contentChanges: [change(random), change(random)] })),
  notification('textDocument/didChange', (random) => ({ textDocument: { ...document(random), version: random.between(1, 99) }, contentChanges: [{ text: random.of(texts) }] })),
  notification('textDocument/didClose', (random) => ({ textDocument: document(random) })),
  notification('textDocument/didFocus', (random) => ({ textDocument: document(random) })),
  notification('workspace/didChangeConfiguration', (random) => ({ settings: { diffusionLsp: settings(random) } })),
  notification('workspace/didChangeConfiguration', () => ({ settings: null })),
  notification('$/setTrace', (random) => ({ value: random.of(['off', 'messages', 'verbose']) })),
  notification('$/cancelRequest', (random) => ({ id: random.between(1, 5000) })),
  notification('$/unheardOf', () => ({ a: [1, { b: null }] })),
  request('textDocument/inlineCompletion', (random) => ({
    ...at(random), context: { triggerKind: random.between(0, 2), ...(random.chance(0.3) && { selectedCompletionInfo: { range: range(random), text: random.of(words) } }) },
  })),
  request('textDocument/inlineCompletion', (random) => ({ ...at(random), context: { triggerKind: 1 } })),
  request('textDocument/completion', at),
  request('textDocument/codeAction', (random) => ({ textDocument: document(random), range: range(random), context: { only: ['refactor'], diagnostics: [] } })),
  request('workspace/executeCommand', (random) => ({ command: 'diffusion.accepted', arguments: [random.between(1, 9)] })),
  request('workspace/executeCommand', (random) => ({ command: 'diffusion.refill', arguments: [random.of(uris), range(random)] })),
  request('$/diffusion/infill', (random) => ({ textDocument: document(random), range: range(random), maxTokens: 2 })),
  request('$/diffusion/text', (random) => ({ textDocument: document(random) })),
  request('$/diffusion/text', (random) => ({ textDocument: document(random) })),
  request('initialize', (random) => initialize(random)),
  request('textDocument/hover', at),
  (random) => ({ id: random.between(1, 40), result: random.of([null, [settings(random)], { applied: true }, {}]) }),
  (random) => ({ id: random.between(1, 40), error: { code: -32603, message: 'no', data: { a: 1 } } }),
];

/** An editor's first message. */
export const initialize = (random) => ({
  processId: null, clientInfo: { name: 'fuzz', version: '1' }, rootUri: 'file:///h', workspaceFolders: [{ uri: 'file:///h', name: 'h' }],
  capabilities: {
    general: { positionEncodings: ['utf-16'] }, textDocument: { inlineCompletion: {}, codeAction: { codeActionLiteralSupport: {} } },
    workspace: { configuration: true, applyEdit: true, didChangeConfiguration: { dynamicRegistration: true }, workspaceEdit: { documentChanges: true } }, window: { workDoneProgress: true },
  },
  initializationOptions: settings(random), trace: 'verbose',
});
