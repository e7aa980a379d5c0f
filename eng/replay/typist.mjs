// Plays a typing script against a real server as an editor does: a change and a request after every key, cancelling the previous
// request. Accepts what matches the next words of the file. Measures; judges nothing.
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import rpc from 'vscode-jsonrpc/node';
import { randomFrom } from './random.mjs';
import { repeatsRight } from './report.mjs';
import { readAnswerLine, readStopLine, readTraceLine } from './traceLine.mjs';
import { Wire } from './wire.mjs';

const readingTime = 250;
const leastAccepted = 3;
const acceptance = 0.9;

export class Typist {
  /** @param server an initialized Server of tests/clients that sends traces */
  constructor(server, { seed }) {
    this.server = server;
    this.random = randomFrom(seed);
    this.lines = new Map();
    this.wentOut = new Map();
    this.wire = new Wire(server, 'textDocument/inlineCompletion');
    this.lastDecode = null;
    this.forget();
    /** Called with how long a decode continued after it was cancelled. */
    this.stopped = () => {};
    server.connection.onNotification('$/logTrace', ({ message }) => {
      this.take(readTraceLine(message));
      const answer = readAnswerLine(message);
      if (answer) this.wentOut.set(answer.id, answer.at);
      const milliseconds = readStopLine(message);
      if (milliseconds !== null) this.stopped(milliseconds);
    });
  }

  /** Resets the counts. */
  forget() {
    this.seen = { answers: [], offers: [], served: [], totals: {}, reasons: {}, keystrokes: 0, baseline: 0, shown: 0, accepted: 0, acceptedCharacters: 0, repeats: 0, repeated: [] };
  }

  /** Types one file. */
  async type(uri, languageId, { head, tail, keys }) {
    this.document = { uri, text: head, after: tail, version: 1 };
    await this.server.open(uri, head + tail, languageId, 1);
    for (let i = 0; i < keys.length;) {
      const shown = await this.pause(keys[i].pause);
      const taken = shown && takenOf(shown, keys, i);
      if (taken && this.random.chance(acceptance)) {
        await this.accept(shown, taken);
        i += taken.keys;
      } else {
        this.press(keys[i]);
        this.seen.baseline++;
        i++;
      }
      this.ask();
    }
    await this.pause(1000);
    this.takeBack();
    await this.server.notify('textDocument/didClose', { textDocument: { uri } });
  }

  press({ text, back }) {
    this.seen.keystrokes++;
    if (back > 0) this.edit(this.document.text.length - back, back, '');
    else this.edit(this.document.text.length, 0, text);
  }

  async accept(offer, taken) {
    await sleep(readingTime);
    this.seen.keystrokes++;
    this.seen.baseline += taken.keys;
    this.seen.accepted++;
    this.seen.acceptedCharacters += taken.text.length;
    this.edit(this.document.text.length, 0, taken.text);
    if (taken.isWhole) await this.server.request('workspace/executeCommand', offer.command);
  }

  edit(start, length, text) {
    const document = this.document;
    const range = { start: place(document.text, start), end: place(document.text, start + length) };
    document.text = document.text.slice(0, start) + text + document.text.slice(start + length);
    document.version++;
    this.server.notify('textDocument/didChange', { textDocument: { uri: document.uri, version: document.version }, contentChanges: [{ range, text }] });
  }

  /** Requests ghost text, and cancels the previous request. */
  ask() {
    this.takeBack();
    const document = this.document;
    const source = new rpc.CancellationTokenSource();
    const at = place(document.text, document.text.length);
    const asked = { source, from: performance.now(), left: NaN, text: document.text, offer: null, done: false };
    this.pending = asked;
    this.wire.expect(asked);
    this.server.inline(document.uri, at.line, at.character, 2, source.token).then((answer) => this.answered(asked, answer), () => { asked.done = true; });
  }

  /**
   * Milliseconds from when a request's bytes enter the server's pipe until the answer's enter the client's, minus deliberate waiting
   * and the model's own time; or until the client has woken up and read them.
   */
  overhead(asSeen) {
    return this.seen.served.flatMap(({ number, id, left, came }) => {
      const line = this.lines.get(number);
      if (!line || line.path === 'inFlight') return []; // a joined decode started earlier
      const out = this.wentOut.get(id);
      const end = asSeen || !(out > left && out < came) ? came : out; // if the clocks differ, as the client sees it
      return [end - left - line.wait - (line.engine ?? 0)];
    });
  }

  takeBack() {
    if (this.pending && !this.pending.done) this.pending.source.cancel();
    this.pending = null;
  }

  answered(asked, answer) {
    const milliseconds = performance.now() - asked.from;
    const came = this.wire.cameAt;
    asked.done = true;
    if (answer === null || asked.source.token.isCancellationRequested) return;
    this.seen.answers.push(milliseconds);
    const [item] = answer.items;
    if (!item) return;
    this.seen.offers.push(milliseconds);
    this.seen.served.push({ number: item.command.arguments[0], id: asked.id, left: asked.left, came });
    const prefix = asked.text.slice(asked.text.lastIndexOf('\n') + 1);
    const text = item.insertText.slice(prefix.length);
    if (repeatsRight(asked.text, text, this.document.after)) this.seen.repeats++, this.seen.repeated.push(text);
    asked.offer = { text, command: item.command };
  }

  /** Waits as long as a user does before the next key. Returns what is shown by then. */
  async pause(milliseconds) {
    await sleep(milliseconds);
    const offer = this.pending?.offer ?? null;
    if (offer) this.seen.shown++;
    return offer;
  }

  take(line) {
    if (!line || line.kind !== 'completion') return;
    this.lines.set(line.number, line);
    if (line.forwards > 0) this.lastDecode = line;
    if (line.reason) this.seen.reasons[line.reason] = (this.seen.reasons[line.reason] ?? 0) + 1;
    if (line.chars !== null) (this.seen.totals[line.path] ??= []).push(line.total);
  }
}

/** The longest prefix of a suggestion, in whole lines, that equals the coming text: its text, and the keys that it replaces. */
export function takenOf(offer, keys, at) {
  const lines = offer.text.split('\n');
  for (let count = lines.length; count > 0; count--) {
    const text = lines.slice(0, count).join('\n');
    const pressed = keysOf(text, keys, at);
    if (pressed > 0) return { text, keys: pressed, isWhole: count === lines.length };
  }
  return null;
}

function keysOf(text, keys, at) {
  if (text.trim().length < leastAccepted) return 0;
  let written = '';
  for (let i = at; i < keys.length && written.length < text.length && keys[i].back === 0; i++) {
    written += keys[i].text;
    if (written === text) return i - at + 1;
  }
  return 0;
}

export function place(text, offset) {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length - 1, character: offset - lineStart };
}
