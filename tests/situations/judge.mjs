// Judges one accepted suggestion by what must hold in any document. Shares nothing with the server's own rules: it lexes and
// parses with others' parsers.
import { syntaxErrors, tokensOf } from './parsers.mjs';

/** What can be wrong, the worst first. */
export const faults = ['unbalanced', 'parse error', 'repeats a neighbour', 'copies a body', 'code in text', 'leaves the text', 'comment end in code', 'indentation', 'dangling', 'where nothing belongs'];

/**
 * @typedef {object} Played A situation, played.
 * @property {object} situation
 * @property {string} inserted what stands there after accepting that did not before; empty: nothing was shown
 * @property {number} replaced how many characters right of the cursor went
 */

/**
 * The verdict on each played situation.
 * @param {Played[]} played
 * @returns {Promise<{ kind: 'right' | 'harmless' | 'wrong' | 'nothing', faults: string[] }[]>}
 */
export async function judgeAll(played) {
  const documents = played.flatMap((p) => [p.situation.text, accepted(p)].map((text) => ({ language: p.situation.language, text })));
  const errors = await syntaxErrors(documents);
  const verdicts = [];
  for (const [i, p] of played.entries()) {
    if (p.inserted === '') {
      verdicts.push({ kind: 'nothing', faults: [] });
      continue;
    }
    const found = await faultsOf(p);
    if (errors[2 * i + 1] > errors[2 * i]) found.push('parse error');
    const sorted = faults.filter((fault) => found.includes(fault));
    verdicts.push({ kind: sorted.length > 0 ? 'wrong' : isRight(p) ? 'right' : 'harmless', faults: sorted });
  }
  return verdicts;
}

/** The document with the suggestion in place. */
export const accepted = ({ situation: { text, offset }, inserted, replaced }) => text.slice(0, offset) + inserted + text.slice(offset + replaced);

async function faultsOf(p) {
  const { situation } = p;
  const inText = situation.place === 'string' || situation.place === 'comment';
  const found = [];
  if (situation.must.includes('nothing')) found.push('where nothing belongs');
  if (situation.place === 'prose') return found;
  if (await unmatched(situation.language, accepted(p)) > await unmatched(situation.language, situation.text)) found.push('unbalanced');
  if (!inText && repeatsNeighbour(p)) found.push('repeats a neighbour');
  if (!inText && copiesBody(p)) found.push('copies a body');
  if (inText && looksLikeCode(p.inserted)) found.push('code in text');
  if (inText && leavesText(p)) found.push('leaves the text');
  if (!inText && endsComment(p.inserted)) found.push('comment end in code');
  if (!fitsIndentation(p)) found.push('indentation');
  if (!inText && dangles(p)) found.push('dangling');
  return found;
}

/** How many brackets and quotes of a text have no partner. */
export async function unmatched(language, text) {
  const tokens = await tokensOf(language, text) ?? [...text].map((c) => ({ type: c, text: c }));
  const open = [];
  let count = 0;
  const quotes = { '"': 0, "'": 0, '`': 0, '"""': 0 };
  for (const { type, text: word } of tokens) {
    if (type in quotes || type === 'string_start' || type === 'string_end') quotes[type in quotes ? type : '"""']++;
    else if (/content|fragment|text|char|comment/.test(type)) continue;
    else if (/^[$#%@!<]?\(?[([{]$/.test(word)) open.push(...word.match(/[([{]/g));
    else if (/^\)?[)\]}]$/.test(word)) {
      if (word.length === 2) open.pop();
      if (open.at(-1) === '([{'[')]}'.indexOf(word.at(-1))]) open.pop();
      else count++;
    }
  }
  return count + open.length + Object.values(quotes).filter((n) => n % 2 === 1).length;
}

const width = (line) => /^\s*/.exec(line)[0].replaceAll('\t', '    ').length;
const squeezed = (line) => line.trim().replaceAll(/\s+/g, ' ');
const keywords = new Set('return null None nil true false True False this self pass if else for foreach while in is not and or new await throw raise break continue const let var def class function string int void yield as case end do'.split(' '));
const words = (text) => new Set((text.match(/[A-Za-z_]\w*/g) ?? []).filter((word) => !keywords.has(word)));

/** The document before, by lines, and what accepting makes of the cursor's line. */
function lay({ situation: { text, offset }, inserted, replaced }) {
  const lines = text.split('\n');
  const at = text.slice(0, offset).split('\n').length - 1;
  const linePrefix = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  const rest = text.slice(offset + replaced).split('\n')[0];
  return { lines, at, linePrefix, rest, written: (linePrefix + inserted + rest).split('\n') };
}

/** Lines of one block: those of the same indentation, with nothing indented less between them. */
function siblings(lines, at, indent) {
  const found = [];
  for (const step of [-1, 1]) {
    for (let i = at + step; i >= 0 && i < lines.length; i += step) {
      if (lines[i].trim() === '') continue;
      if (width(lines[i]) < indent) break;
      if (width(lines[i]) === indent) found.push(squeezed(lines[i]));
    }
  }
  return found;
}

/** The nearest lines above that are indented less, and less again: what a line stands in, the innermost first. */
function ancestors(lines, at, indent) {
  const chain = [];
  for (let i = at - 1; i >= 0 && indent > 0; i--) {
    if (lines[i].trim() === '' || width(lines[i]) >= indent) continue;
    chain.push(i);
    indent = width(lines[i]);
    if (lines[i].trim() === '{' && i > 0 && width(lines[i - 1]) === indent) chain.push(i - 1);
  }
  return chain;
}

/** Lines that say something and are not repeated for good reason, as attributes and documentation marks are. */
const tells = (line) => line.length >= 8 && /\w{3}/.test(line) && !/^(\[|@|#\[|\/\/|\/\*|\*|#)/.test(line);
const jumps = (line) => /^(return|throw|raise|break|continue|yield)\b/.test(line);

/** Whether a line stands in the same block already, in one around it, or in the suggestion itself. */
function repeatsNeighbour(p) {
  const { lines, at, written } = lay(p);
  const after = [...lines.slice(0, at), ...written, ...lines.slice(at + 1)];
  return written.some((line, i) => {
    const text = squeezed(line);
    if (!tells(text)) return false;
    if (siblings(after, at + i, width(line)).includes(text)) return true;
    return !jumps(text) && ancestors(after, at + i, width(line)).some((k) => siblings(after, k, width(after[k])).includes(text));
  });
}

/** Whether it is the whole body of another block, or a line of one together with a name that only that block knows. */
function copiesBody(p) {
  const { lines, at, linePrefix, written } = lay(p);
  const indent = linePrefix.trim() === '' ? width(written.find((line) => line.trim() !== '') ?? '') : width(linePrefix);
  const chain = ancestors(lines, at, indent);
  const own = new Set(chain);
  const texts = written.map(squeezed).filter((line) => line !== '');
  // Whole bodies: only where this one's begins at the cursor.
  const isFirst = chain.length > 0 && lines.slice(chain[0] + 1, at).every((line) => /^[\s{]*$/.test(line));
  if (isFirst && linePrefix.trim() === '' && texts.some((line) => tells(line) && !/^(throw|raise)\b/.test(line) && !/^return (null|None|true|false|True|False|this|self|\d+);?$/.test(line))) {
    for (const [i, line] of lines.entries()) {
      if (own.has(i) || line.trim() === '' || i === at) continue;
      let end = i + 1;
      while (end < lines.length && (lines[end].trim() === '' || width(lines[end]) > width(line) || /^\s*\{$/.test(lines[end]))) end++;
      const body = lines.slice(i + 1, end).map(squeezed).filter((text) => text !== '' && text !== '{');
      if (body.length > 0 && body.join('\n') === texts.join('\n')) return true;
    }
  }
  return written.some((line, n) => tells(squeezed(line)) && lines.some((other, i) => {
    if (i === at || squeezed(other) !== squeezed(line)) return false;
    const foreign = ancestors(lines, i, width(other)).filter((k) => !own.has(k));
    if (foreign.length === 0) return false;
    const start = Math.min(...foreign);
    const block = lines.slice(start, i + 1);
    const elsewhere = words([...lines.slice(0, start), ...lines.slice(i + 1), ...written.slice(0, n)].join('\n'));
    const declared = words(block.slice(0, -1).join('\n'));
    return [...words(line)].some((word) => declared.has(word) && !elsewhere.has(word));
  }));
}

function looksLikeCode(inserted) {
  const text = inserted.replaceAll(/[$#]?\{[^{}\n]*\}/g, 'hole');
  return /[;{}]\s*$|=>|(^|\n)\s*(return|const|let|var|if|for|while|import|def|class|public|private|await)\b.*[;({:=]|\w\(.*\)\s*([;{:.]|$)|\s(===?|!==?|:=|\+=|&&|\|\|)\s|^\s*\w+ = /m.test(text);
}

/** Whether anything stands outside the string or comment that was begun; only where lines go on in it may there be several. */
function leavesText({ situation: { text, offset, place }, inserted }) {
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  if (!inserted.includes('\n')) return place === 'comment' && /\*\/|-->|"""|'''/.test(inserted);
  const rest = inserted.slice(inserted.indexOf('\n') + 1);
  if (/^\s*(\/\/|#)/.test(line)) return rest.split('\n').some((l) => l.trim() !== '' && !/^\s*(\/\/|#)/.test(l));
  return place === 'string' ? !/`[^`]*$/.test(text.slice(0, offset)) : /\*\/|"""|'''/.test(inserted);
}

function endsComment(inserted) {
  return [['/*', '*/'], ['<!--', '-->']].some(([open, close]) => inserted.split(close).length > inserted.split(open).length)
    || inserted.split('"""').length % 2 === 0;
}

/** Tabs where the document has tabs; in Python a line that is indented less goes back to a level that there is. */
function fitsIndentation(p) {
  const { lines, at, written } = lay(p);
  const tabs = lines.some((line) => line.startsWith('\t'));
  const indents = written.slice(1, -1).concat(written.length > 1 ? [written.at(-1)] : []).filter((line) => line.trim() !== '');
  if (indents.some((line) => (tabs ? /^ /.test(line) : /^ *\t/.test(line)))) return false;
  if (p.situation.language !== 'python' || p.situation.place !== 'code') return true;
  const all = [...lines.slice(0, at), ...written].filter((line) => line.trim() !== '');
  const levels = [0];
  for (const [i, line] of all.entries()) {
    const w = width(line);
    while (levels.at(-1) > w) levels.pop();
    if (w === levels.at(-1)) continue;
    const isContinued = i > 0 && /[([{,\\]$|"""/.test(all[i - 1].trimEnd());
    const opens = i > 0 && /:\s*(#.*)?$/.test(all[i - 1]);
    if (i >= all.length - written.length && !opens && !isContinued) return false;
    levels.push(w);
  }
  return true;
}

function dangles(p) {
  const { rest } = lay(p);
  const text = p.inserted.trimEnd();
  const next = rest.trim()[0] ?? '';
  if (/[([]$/.test(text)) return next !== ')]'['(['.indexOf(text.at(-1))];
  if (/\.$/.test(text)) return !/\d\.$/.test(text) || next !== '';
  const ends = /(=>|&&|\|\||\?\?|[-+*/%&|^!=<?]|\b(and|or|not|in|is|new|await|as))$/.test(text) && !/(\+\+|--|\/>|\*\/)$/.test(text);
  return ends && (next === '' || ')]};,'.includes(next));
}

/** Whether it is what was meant, or a beginning of it; closers and what separates aside. */
function isRight({ situation: { right }, inserted }) {
  const plain = (text) => text.replaceAll(/\s+/g, '').replace(/[;,]$/, '');
  const shown = plain(inserted);
  return right.some((text) => {
    const wanted = plain(text);
    if (/[('"`]$/.test(wanted)) return shown.startsWith(wanted);
    return shown === wanted || (shown.length >= 3 && wanted.startsWith(shown)) || (shown.startsWith(wanted) && /^[)\]};,:.]*$/.test(shown.slice(wanted.length)));
  });
}
