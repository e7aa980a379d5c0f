// Sends a server malformed messages among valid ones, and checks after every few that it is alive, has answered what it must
// answer, has written nothing else, and has the right text of the valid documents.
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { boundary, placeOf } from '../lib/places.mjs';
import { randomFrom } from '../replay/random.mjs';
import { Expectations } from './expectations.mjs';
import { anyMessage, initialize } from './messages.mjs';
import { mutated } from './mutations.mjs';
import { framed, WireServer } from './wire.mjs';

const batch = 12; // malformed messages between two checks
const perServer = 2500; // malformed messages per server process
const patience = 30_000;
const firstGoodId = 1_000_000;
const snippets = ['x', ' ', '\n', '\r\n', '{', '}', 'return ', '🙂', 'é', '中文', 'const value = 1;\n', '"', 'Content-Length: 7\r\n\r\n'];

/**
 * Runs the campaign.
 * @returns what was done; "problems" is empty if none were found.
 */
export async function fuzz({ messages, seed = 1, model = [], tell = () => {} }) {
  const random = randomFrom(seed);
  const totals = { messages: 0, answers: 0, refusals: 0, edits: 0, outOfStep: 0, servers: 0 };
  const problems = [];
  const started = performance.now();
  while (totals.messages < messages && problems.length === 0) {
    totals.servers++;
    await new Campaign({ random, model, totals, problems }).run(Math.min(perServer, messages - totals.messages));
    tell(line());
  }
  return { ...totals, problems, summary: line() };

  function line() {
    return `${((performance.now() - started) / 1000).toFixed(0)} s: ${Object.entries(totals).map(([name, count]) => `${name} ${count}`).join(', ')}, seed ${seed}`;
  }
}

class Campaign {
  constructor({ random, model, totals, problems }) {
    Object.assign(this, { random, totals, problems, expectations: new Expectations(), goodId: firstGoodId, recent: [] });
    this.server = new WireServer({ model, take: (message) => this.take(message), complain: (problem) => this.problem(problem) });
    this.documents = ['file:///good/a.cs', 'file:///good/b.py'].map((uri) => ({ uri, version: 0, text: '' }));
    this.waiting = new Map();
  }

  async run(messages) {
    try {
      // Also before it is initialized.
      for (let i = 0; i < batch; i++) this.sendBad(this.random.chance(0.5) ? { id: i, method: 'initialize', params: initialize(this.random) } : anyMessage(this.random));
      const first = await this.ask('initialize', initialize(this.random));
      if (!first?.result && first?.error?.code !== -32600) this.problem(`initialize was answered ${JSON.stringify(first)}`);
      this.server.send({ method: 'initialized', params: {} });
      for (const document of this.documents) this.open(document);
      for (let sent = 0; sent < messages && this.problems.length === 0; sent += batch) await this.step();
      if (this.problems.length === 0) await this.end();
    } finally {
      await this.server.close();
    }
  }

  async step() {
    for (let i = 0; i < batch; i++) {
      this.sendBad(anyMessage(this.random));
      if (this.random.chance(0.3)) this.edit(this.random.of(this.documents));
    }
    const document = this.random.of(this.documents);
    let there = await this.ask('$/diffusion/text', { textDocument: { uri: document.uri } });
    if (there?.result?.outOfStep) {
      // The malformed message may have been an edit of an unknown document, which the server reports.
      this.totals.outOfStep++;
      this.change(document, { text: document.text });
      there = await this.ask('$/diffusion/text', { textDocument: { uri: document.uri } });
    }
    if (there?.result?.outOfStep || there?.result?.text !== document.text) this.problem(`the server's text is another one: ${JSON.stringify(there)} instead of ${JSON.stringify(document.text)}`);
    if (this.random.chance(0.1)) await this.complete(document);
    await this.until(() => this.expectations.unmet.length === 0);
    for (const id of this.expectations.unmet) this.problem(`the id ${id.slice(0, 100)} was never answered`);
    if (this.random.chance(0.1)) this.server.send({ method: 'workspace/didChangeConfiguration', params: { settings: { diffusionLsp: { debounceMs: 0, maxTokensSingleLine: 4, maxTokensMultiLine: 4, logLevel: 'warning' } } } });
    this.recent = [];
  }

  async complete(document) {
    const position = placeOf(document.text, boundary(document.text, this.random.between(0, document.text.length)));
    const answer = await this.ask('textDocument/inlineCompletion', { textDocument: { uri: document.uri }, position, context: { triggerKind: 1 } });
    if (answer && answer.result !== null && !Array.isArray(answer.result?.items)) this.problem(`a good request was answered ${JSON.stringify(answer)}`);
  }

  async end() {
    const { result } = await this.ask('shutdown', undefined) ?? {};
    if (result !== null) this.problem('shutdown was not answered');
    this.server.send({ method: 'exit' });
    const code = await Promise.race([this.server.exit, sleep(patience, 'none', { ref: false })]);
    if (code !== 0) this.problem(`the exit code is ${code}`);
  }

  sendBad(message) {
    if ('method' in message && 'id' in message) message.id = this.random.chance(0.9) ? ++this.goodId : `${++this.goodId}`;
    const bad = mutated(message, this.random);
    this.totals.messages++;
    this.expectations.expect(bad);
    this.recent.push(bad.bytes);
    if (this.random.chance(0.1)) {
      const cut = this.random.between(0, bad.bytes.length); // a message may arrive in pieces
      this.server.write(bad.bytes.subarray(0, cut));
      this.server.write(bad.bytes.subarray(cut));
    } else this.server.write(bad.bytes);
  }

  /** Sends a valid request. Returns the answer; null: none came. */
  async ask(method, params) {
    const id = ++this.goodId;
    this.expectations.expectOne(id);
    let answer = null;
    this.waiting.set(id, (message) => { answer = message; });
    this.server.send({ id, method, params });
    await this.until(() => answer !== null);
    if (answer === null) this.problem(`a good ${method} was not answered`);
    return answer;
  }

  async until(isTrue) {
    const end = performance.now() + patience;
    while (!isTrue() && this.server.isAlive && performance.now() < end) await new Promise((resolve) => { this.wake = resolve; setTimeout(resolve, 50); });
    if (!this.server.isAlive) this.problem(`the server has ended with ${this.server.ended}`);
  }

  take(message) {
    if (message.jsonrpc !== '2.0') this.problem(`it is no JSON-RPC: ${JSON.stringify(message)}`);
    if (message.method !== undefined && message.id !== undefined) this.reply(message);
    else if (message.method === undefined) {
      this.totals[message.error ? 'refusals' : 'answers']++;
      const problem = this.expectations.take(message);
      if (problem) this.problem(problem);
      this.waiting.get(message.id)?.(message);
      this.waiting.delete(message.id);
    }
    this.wake?.();
  }

  /** Answers the server's requests validly, invalidly, twice or not at all; edits always in the end, because a request waits for that answer. */
  reply({ id, method }) {
    const good = { id, result: method === 'workspace/configuration' ? [null] : method === 'workspace/applyEdit' ? { applied: true } : null };
    const bad = mutated(this.random.chance(0.5) ? good : { id, error: { code: 1, message: 'no' } }, this.random);
    this.recent.push(bad.bytes);
    if (this.random.chance(0.5)) this.expectations.expect(bad), this.server.write(bad.bytes);
    if (this.random.chance(0.8) || method === 'workspace/applyEdit') this.server.write(framed(Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...good }))));
  }

  open(document) {
    document.version = 1;
    document.text = readFileSync(new URL('./campaign.mjs', import.meta.url), 'utf8').slice(0, 2000);
    this.server.send({ method: 'textDocument/didOpen', params: { textDocument: { uri: document.uri, languageId: 'javascript', version: 1, text: document.text } } });
  }

  /** A valid edit, now and then. */
  edit(document) {
    const at = boundary(document.text, this.random.between(0, document.text.length));
    const end = document.text.length > 4000 || this.random.chance(0.3) ? boundary(document.text, Math.min(document.text.length, at + this.random.between(1, document.text.length > 4000 ? 1000 : 20))) : at;
    const [start, stop] = [Math.min(at, end), Math.max(at, end)];
    const text = this.random.of(snippets);
    const range = { start: placeOf(document.text, start), end: placeOf(document.text, stop) };
    document.text = document.text.slice(0, start) + text + document.text.slice(stop);
    this.totals.edits++;
    this.change(document, { range, text });
  }

  change(document, change) {
    this.server.send({ method: 'textDocument/didChange', params: { textDocument: { uri: document.uri, version: ++document.version }, contentChanges: [change] } });
  }

  /** Reported once, with what was sent since the last check. */
  problem(sentence) {
    if (this.problems.length < 5) this.problems.push(`${sentence}; sent before: ${this.recent.map((bytes) => bytes.toString('base64').slice(0, 600)).join(' ')}`);
  }
}
