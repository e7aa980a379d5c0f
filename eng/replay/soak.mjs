// Edits documents at random against a real server for a given time, and checks after every step that the server
// has the same text; finally that every request was answered, nothing failed and the memory stayed flat.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import rpc from 'vscode-jsonrpc/node';
import { assertOnlyLsp, Server } from '../../tests/clients/server.js';
import { boundary, offsetOf, placeOf } from '../lib/places.mjs';
import { root } from '../lib/projects.mjs';
import { MemoryWatch } from './memory.mjs';
import { randomFrom } from './random.mjs';

const largest = 12_000; // characters of a document, so that memory readings are comparable
const patience = 60_000;
const calm = 5_000;
const mostIdleTicks = 5; // 1 %
const snippets = ['x', ' ', '\n', '\r\n', '\r', '\t', '{', '}', '(', ');', 'return ', '🙂', 'é', '中文', '\u2028', 'const value = 1;\n', 'for (let i = 0; i < 10; i++) {\n', '"', '// words\r\n', 'value.'];
const samples = ['eng/samples/typing/taskQueue.ts', 'eng/samples/typing/log_report.py', 'eng/samples/typing/InventoryLedger.cs'];
const languages = ['typescript', 'python', 'csharp'];

/**
 * Runs the soak.
 * @returns what was done and seen; "problems" is empty if none were found.
 */
export async function soak({ seconds, seed = 1, model = [], tell = () => {} }) {
  const server = new Server({ model });
  const soaker = new Soaker(server, randomFrom(seed));
  try {
    await server.start({ capabilities: { textDocument: { inlineCompletion: {} } }, options: { debounceMs: 20, plainCompletion: 'always', metrics: true } });
    const end = performance.now() + seconds * 1000;
    let told = performance.now();
    while (performance.now() < end) {
      await soaker.step();
      if (performance.now() - told > 30_000) tell(soaker.line()), (told = performance.now());
    }
    await soaker.settle();
    await soaker.rest();
    assert.equal(await server.stop(), 0, 'the exit code');
    return soaker.result(seconds);
  } finally {
    server.kill();
  }
}

class Soaker {
  constructor(server, random) {
    this.server = server;
    this.random = random;
    this.documents = samples.map((path, i) => ({ uri: `file:///w/soak${i}`, language: languages[i], text: '', version: 0, open: false, sample: readFileSync(join(root, path), 'utf8') }));
    this.pending = new Set();
    this.counts = { steps: 0, changes: 0, requests: 0, cancelled: 0, offers: 0, accepted: 0, nothing: 0, superseded: 0 };
    this.problems = [];
    this.memory = new MemoryWatch(server.process.pid);
    this.started = performance.now();
  }

  async step() {
    this.counts.steps++;
    const document = this.random.of(this.documents);
    if (!document.open) await this.open(document);
    await this.random.of(this.actions)(document);
    if (this.random.chance(0.5)) this.ask(document);
    await this.compare(document);
    this.memory.look();
    await sleep(this.random.chance(0.05) ? this.random.between(200, 800) : this.random.between(0, 30));
  }

  /** What can happen to a document; frequent actions are repeated. */
  actions = [
    (d) => this.edit(d, 1), (d) => this.edit(d, 1), (d) => this.edit(d, 1), (d) => this.edit(d, 1), (d) => this.edit(d, 3), (d) => this.burst(d),
    (d) => this.accept(d), (d) => this.accept(d), (d) => this.ask(d), (d) => this.list(d), (d) => this.configure(d),
    (d) => this.random.chance(0.2) && this.close(d), (d) => this.random.chance(0.3) && this.replaceAll(d),
  ];

  async open(document) {
    Object.assign(document, { open: true, version: document.version + 1, text: document.sample, offer: null });
    await this.server.open(document.uri, document.text, document.language, document.version);
  }

  async close(document) {
    document.open = false;
    await this.server.notify('textDocument/didClose', { textDocument: { uri: document.uri } });
    const answer = await this.server.request('$/diffusion/text', { textDocument: { uri: document.uri } });
    if (answer !== null) this.problems.push('a closed document still has a text');
  }

  replaceAll(document) {
    document.text = document.sample;
    document.cursor = 0;
    return this.send(document, [{ text: document.text }]);
  }

  /** Several changes in one notification, each relative to the text after the previous one. */
  edit(document, count) {
    const changes = Array.from({ length: count }, () => {
      const at = boundary(document.text, this.random.chance(0.7) ? (document.cursor ?? 0) : this.random.between(0, document.text.length));
      const most = document.text.length > largest ? 2000 : 12;
      const end = this.random.chance(0.3) || document.text.length > largest ? boundary(document.text, Math.min(document.text.length, at + this.random.between(1, most))) : at;
      return change(document, Math.min(at, end), Math.max(at, end), this.random.of(snippets));
    });
    return this.send(document, changes);
  }

  /** Many notifications at once, each with a request, none of which is cancelled. */
  async burst(document) {
    for (let i = 0; i < 10; i++) {
      await this.edit(document, 1);
      this.ask(document, 0);
    }
  }

  async accept(document) {
    const offer = document.offer;
    if (!offer || offer.version !== document.version) return;
    this.counts.accepted++;
    const start = offsetOf(document.text, offer.item.range.start), end = offsetOf(document.text, offer.item.range.end);
    await this.send(document, [change(document, start, end, offer.item.insertText)]);
    await this.server.request('workspace/executeCommand', offer.item.command);
  }

  configure() {
    if (!this.random.chance(0.1)) return this.server.notify('textDocument/didFocus', {});
    const settings = { diffusionLsp: { debounceMs: this.random.between(0, 60), plainCompletion: 'always', multiline: this.random.of(['auto', 'always', 'never']), midLine: this.random.of(['auto', 'always']) } };
    return this.server.notify('workspace/didChangeConfiguration', { settings });
  }

  ask(document, cancelShare = 0.3) {
    const { line, character } = placeOf(document.text, boundary(document.text, document.cursor ?? 0));
    const version = document.version;
    this.track(document, (token) => this.server.inline(document.uri, line, character, this.random.between(0, 2), token), cancelShare, (answer) => {
      if (answer === null) return void this.counts.superseded++;
      const [item] = answer.items;
      if (!item) return void this.counts.nothing++;
      this.counts.offers++;
      if (version === document.version) document.offer = { item, version };
      if (item.range.start.line !== item.range.end.line) this.problems.push('an offer replaces more than one line');
      if (!item.insertText.isWellFormed()) this.problems.push('an offer holds half a character');
    });
  }

  list(document) {
    const position = placeOf(document.text, boundary(document.text, document.cursor ?? 0));
    this.track(document, (token) => this.server.request('textDocument/completion', { textDocument: { uri: document.uri }, position }, token), 0.3, () => {});
  }

  track(document, send, cancelShare, take) {
    this.counts.requests++;
    const source = new rpc.CancellationTokenSource();
    let taken = false;
    const request = send(source.token).then(take, (error) => {
      if (error.code === -32800 && taken) this.counts.cancelled++;
      else this.problems.push(`a request failed: ${error.code} ${error.message}`);
    }).finally(() => this.pending.delete(request));
    this.pending.add(request);
    if (this.random.chance(cancelShare)) {
      taken = true;
      setTimeout(() => source.cancel(), this.random.between(0, 120));
    }
  }

  async send(document, contentChanges) {
    this.counts.changes += contentChanges.length;
    document.version++;
    await this.server.notify('textDocument/didChange', { textDocument: { uri: document.uri, version: document.version }, contentChanges });
  }

  async compare(document) {
    if (!document.open) return;
    const there = await this.server.request('$/diffusion/text', { textDocument: { uri: document.uri } });
    if (there?.text === document.text && there.version === document.version) return;
    throw new Error(`step ${this.counts.steps}: the server's text is another one (version ${there?.version}, here ${document.version})`);
  }

  /** Every request must have been answered by now. */
  async settle() {
    const open = [...this.pending];
    const answered = await Promise.race([Promise.all(open).then(() => true), sleep(patience, false, { ref: false })]);
    if (!answered) this.problems.push(`${this.pending.size} requests were never answered`);
  }

  /** While nobody types the server must not compute, apart from half a second for prefetches. */
  async rest() {
    if (!existsSync('/proc/self/stat')) return;
    await sleep(calm);
    const before = this.processorTicks();
    await sleep(calm);
    this.idleTicks = this.processorTicks() - before;
    if (this.idleTicks > mostIdleTicks) this.problems.push(`idle, the server used ${this.idleTicks * 10} ms of processor time in ${calm / 1000} s`);
  }

  /** User and system time of the server, in hundredths of a second. */
  processorTicks() {
    const fields = readFileSync(`/proc/${this.server.process.pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return Number(fields[11]) + Number(fields[12]);
  }

  line() {
    return `${((performance.now() - this.started) / 1000).toFixed(0)} s: ${Object.entries(this.counts).map(([name, count]) => `${name} ${count}`).join(', ')}, ${this.memory.samples.at(-1)?.toFixed(0) ?? '?'} MB${this.idleTicks === undefined ? '' : `, idle ${this.idleTicks * 10} ms of ${calm}`}`;
  }

  result(seconds) {
    assertOnlyLsp(Buffer.concat(this.server.stdout));
    const failures = this.server.stderr.split('\n').filter((line) => / (ERR|FTL) |^ {3}at |Exception/.test(line));
    if (failures.length > 0) this.problems.push(`the log tells of failures: ${failures.slice(0, 5).join(' | ')}`);
    const memory = this.memory.afterWarmUp(seconds);
    if (memory?.flat === false) this.problems.push(`memory went from ${memory.from.toFixed(0)} to ${memory.to.toFixed(0)} MB after warm-up`);
    return { ...this.counts, memory, problems: this.problems, summary: this.line() };
  }
}

/** Applies a change here and returns it in LSP's form. */
function change(document, start, end, text) {
  const range = { start: placeOf(document.text, start), end: placeOf(document.text, end) };
  document.text = document.text.slice(0, start) + text + document.text.slice(end);
  document.cursor = start + text.length;
  return { range, text };
}
