// Ways to corrupt a message: in its values, its bytes or its frame. The same seed gives the same bytes.
import { framed } from './wire.mjs';

// Numbers that JavaScript cannot represent are kept as strings until the message is written.
const raw = (json) => `\u0001${json}\u0001`;
const huge = 'x'.repeat(20_000);
const strange = [
  null, true, false, 0, -1, 1.5, 5, 2 ** 31, 2 ** 53, -(2 ** 31) - 1, raw('1e400'), raw('-0'), raw('1.0'), raw('1E2'), raw('99999999999999999999'), raw('0.1e-400'),
  '', '0', 'a', '\ud800', '\udc00\ud83d', '\ud83d\ude42', '\u0000', 'null', '__proto__', 'file:///h/../../\ud800', huge, 'Content-Length: 9\r\n\r\n{}', '2.0',
  [], [null], [[]], {}, { '': {} }, { '\ud800': 1 }, { text: '\ud83d' }, { uri: null }, { line: -1, character: 1e10 }, [1, 'a', {}, null],
];
const names = ['id', 'method', 'params', 'jsonrpc', 'result', 'error', 'traceparent', 'tracestate', 'joinableTaskToken', 'code', 'message', '__jsonrpc_marshaled', '', '\udfff', 'Text', 'text', 'uri', 'textDocument'];

/**
 * The bytes that result from a message, and what they are.
 * @returns {{ bytes: Buffer, body: Buffer, isFramed: boolean }} "body" is the frame's content, if it is complete
 */
export function mutated(message, random) {
  const value = { jsonrpc: '2.0', ...structuredClone(message) };
  const way = random.next();
  if (way < 0.1) return whole(write(value, random));
  if (way < 0.6) {
    let root = value;
    for (let i = random.between(1, 3); i > 0; i--) root = changeValue(root, random);
    return whole(write(root, random));
  }
  if (way < 0.8) {
    let body = write(value, random);
    for (let i = random.between(1, 4); i > 0; i--) body = changeBytes(body, random);
    return whole(body);
  }
  const body = write(value, random);
  return { bytes: random.of(frames)(body, random), body, isFramed: false };
}

const whole = (body) => ({ bytes: framed(body), body, isFramed: true });

/** JSON in one of its possible notations. */
function write(value, random) {
  let json = JSON.stringify(value, null, random.chance(0.1) ? random.of([1, '\t']) : undefined) ?? 'null';
  json = json.replaceAll(/"\\u0001([^"\\]*)\\u0001"/g, '$1');
  if (random.chance(0.05)) json = json.replace('{', random.of(['{"id":7,', '{"jsonrpc":5,', '{"method":null,', '{"params":{},', '{"x":1,"x":2,']));
  if (random.chance(0.05)) json = json.replace(/"(m)ethod"|"(i)d"|"(p)arams"/, (name) => `"\\u${name.charCodeAt(1).toString(16).padStart(4, '0')}${name.slice(2)}`);
  if (random.chance(0.03)) json = `\ufeff${json}`;
  if (random.chance(0.03)) json = ` \r\n${json}\n`;
  return Buffer.from(json);
}

/** The same value with one change in it. */
function changeValue(root, random) {
  const places = [];
  const visit = (holder) => {
    for (const key of Object.keys(holder)) {
      places.push([holder, key]);
      if (typeof holder[key] === 'object' && holder[key] !== null) visit(holder[key]);
    }
  };
  if (typeof root !== 'object' || root === null) return root;
  visit(root);
  if (places.length === 0 || random.chance(0.03)) return random.of([[root], [root, root], [[root]], null, 5, 'x', {}, nested(root, random.of([60, 70, 500]))]);
  const [holder, key] = random.of(places);
  const [other, otherKey] = random.of(places);
  random.of([
    () => { holder[key] = odd(random); },
    () => { holder[key] = odd(random); },
    () => { holder[key] = structuredClone(other[otherKey]); },
    () => { holder[key] = nested(holder[key], random.of([1, 58, 64, 1000])); },
    () => { if (Array.isArray(holder)) holder.splice(Number(key), 1); else delete holder[key]; },
    () => { if (Array.isArray(holder)) holder.push(holder[key], null); else holder[random.of(names)] = odd(random); },
    () => { root[random.of(names)] = odd(random); },
    () => { root[random.of(['id', 'method', 'params', 'jsonrpc'])] = odd(random); },
    () => { if (!Array.isArray(holder)) { holder[random.of([key.toUpperCase(), `${key} `, `\u200b${key}`])] = holder[key]; delete holder[key]; } },
  ])();
  return root;
}

/** A copy: later changes must not affect the table, nor make it contain itself. */
const odd = (random) => structuredClone(random.of(strange));

const nested = (value, depth) => Array.from({ length: depth }).reduce((inner, _, i) => (i % 2 === 0 ? [inner] : { a: inner }), value);

function changeBytes(body, random) {
  const at = random.between(0, Math.max(0, body.length - 1)), end = Math.min(body.length, at + random.between(1, 8));
  const piece = random.of([[0xff], [0xed, 0xa0, 0xbd], [0xc3], [0], [0x22], [0x5c, 0x75, 0x64, 0x38], [0x0a], [0x7d], [0xf0, 0x9f], [random.between(0, 255)]]);
  return random.of([
    () => Buffer.concat([body.subarray(0, at), Buffer.from(piece), body.subarray(at)]),
    () => Buffer.concat([body.subarray(0, at), Buffer.from(piece), body.subarray(end)]),
    () => Buffer.concat([body.subarray(0, at), body.subarray(end)]),
    () => Buffer.concat([body.subarray(0, end), body.subarray(at)]),
    () => body.subarray(0, at),
    () => { const copy = Buffer.from(body); copy[at] ^= 1 << random.between(0, 7); return copy; },
  ])();
}

const join = (...parts) => Buffer.concat(parts.map((part) => Buffer.from(part)));
const header = (length, more = '') => `Content-Length: ${length}\r\n${more}\r\n`;

/** One row per way in which a frame can be invalid, or merely unusual. */
const frames = [
  (body) => join(`CONTENT-length:${body.length}\r\n\r\n`, body),
  (body) => join('\r\n\r\n', header(body.length), body),
  (body) => join('\ufeff', header(body.length), body),
  (body) => join(header(body.length, 'Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nX-Y: z\r\n'), body),
  (body) => join(`Content-Length: ${body.length}\n\n`, body),
  (body) => join(`Content-Type: a/b; charset=utf-16\r\n`, header(body.length), body),
  (body, random) => join(header(body.length, `Content-Length: ${random.of([body.length, 0, 5, body.length + 9, 70_000_000, '9'.repeat(30)])}\r\n`), body),
  (body, random) => join(`Content-Length: ${random.of([0, 5, 70_000_000])}\r\n`, header(body.length), body),
  (body, random) => join(header(Math.max(0, body.length + random.of([-9, -1, 1, 2, 30, 500]))), body),
  (body, random) => join(header(random.of([-5, '', 'x', '0x10', '1 2', '+4', '99999999999', 67_108_865])), body),
  (body) => join(`Content-Length: ${body.length}\r\n`, body),
  (body) => join(`Content-Length ${body.length}\r\n\r\n`, body),
  (body) => body,
  (body) => join('Content-Length: 0\r\n\r\n', header(body.length), body),
  (body, random) => join(random.of(['GET / HTTP/1.1\r\nHost: a\r\n\r\n', 'hello', '\0\0\0\n', '{}', '\u00e9\r\n']), header(body.length), body),
  (body, random) => join('y'.repeat(random.of([5000, 70_000])), header(body.length), body),
  (body, random) => framed(body).subarray(0, random.between(0, body.length + 20)),
  (body, random) => join(changeBytes(framed(body).subarray(0, 24), random), framed(body).subarray(24)),
];
