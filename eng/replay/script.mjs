// Generates the script of a typing session from a finished file: which keys, after which pauses, with which typos. The same
// seed gives the same script. It knows no server; acceptances are decided while the script is played.
import { randomFrom } from './random.mjs';

const headLines = 12;
const tailLines = 3;

/**
 * The beginning and the end of a file that exist already, and the keys that type the text between them.
 * @returns {{ head: string, tail: string, keys: { text: string, back: number, pause: number }[] }} A key inserts a text, or
 * deletes "back" characters; the pause in milliseconds precedes it.
 */
export function scriptFor(text, { seed, keystrokes }) {
  const random = randomFrom(seed);
  const { head, target, tail } = partsOf(text);
  const keys = [];
  for (let at = 0; at < target.length && keys.length < keystrokes;) {
    const text = keyAt(target, at);
    if (/[a-z]/.test(text) && random.chance(0.02)) keys.push(...slip(random));
    keys.push({ text, back: 0, pause: pauseBefore(target, at, random) });
    at += text.length;
  }
  return { head, tail, keys };
}

/** Which part of a file exists already, which is typed, and what follows it. */
export function partsOf(text) {
  const lines = text.split('\n');
  return {
    head: lines.slice(0, headLines).join('\n') + '\n',
    target: lines.slice(headLines, -tailLines - 1).join('\n'),
    tail: '\n' + lines.slice(-tailLines - 1).join('\n'),
  };
}

/** The text of one key. A line break includes the indentation that the editor inserts. */
export function keyAt(target, at) {
  return target[at] === '\n' ? /^\n[ \t]*/.exec(target.slice(at))[0] : String.fromCodePoint(target.codePointAt(at));
}

function slip(random) {
  return [
    { text: random.of([...'etaoinsr']), back: 0, pause: random.around(110, 0.3) },
    { text: '', back: 1, pause: random.around(280, 0.3) },
  ];
}

function pauseBefore(target, at, random) {
  if (random.chance(1 / 60)) return random.around(1500, 0.4); // thinking
  const before = target[at - 1] ?? '\n';
  if (before === '\n' || target[at] === '\n') return random.around(380, 0.4);
  return random.around(/\w/.test(before) === /\w/.test(target[at]) ? 115 : 170, 0.35);
}
