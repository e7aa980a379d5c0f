// Models a user who knows what comes next: accepts all of a suggestion, or its first lines and words with one key each, or types
// on. Pure.

const leastSaved = 2; // keystrokes; fewer are not worth reaching for another key
const word = /^\s*(?:[\p{L}\p{N}_$]+|[^\s\p{L}\p{N}_$]+)/u;

/**
 * Compares the suggestion with the text that comes next.
 * @returns {{ kind: 'right' | 'partly' | 'wrong', taken: string, keys: number }} Right: to its last character, trailing whitespace
 * aside. Partly: at least its first word is. "taken" is the accepted text and "keys" its cost; "" if typing on is as good.
 */
export function judge(shown, rest) {
  const whole = shown.trimEnd();
  const isRight = whole !== '' && rest.startsWith(whole) && endsWell(whole, rest);
  const [right, keys] = isRight ? [whole, 1] : linesAndWords(shown, rest);
  const isWorthIt = keystrokes(right) - keys >= leastSaved;
  return { kind: isRight ? 'right' : right.trim() === '' ? 'wrong' : 'partly', taken: isWorthIt ? right : '', keys: isWorthIt ? keys : 0 };
}

/** The keys that type a text; a line break brings its indentation. */
export function keystrokes(text) {
  return [...text.replaceAll(/\n[ \t]*/g, '\n')].length;
}

function linesAndWords(shown, rest) {
  let [at, keys] = [0, 0];
  for (let end = shown.indexOf('\n'); end > 0 && rest.startsWith(shown.slice(0, end + 1)); end = shown.indexOf('\n', end + 1)) {
    if (shown.slice(at, end).trim() !== '') keys++;
    at = end;
  }
  for (let next = word.exec(shown.slice(at)); next; next = word.exec(shown.slice(at))) {
    const until = shown.slice(0, at + next[0].length);
    if (!rest.startsWith(until) || !endsWell(until, rest)) break;
    at = until.length;
    keys++;
  }
  return [shown.slice(0, at), keys];
}

/** Whether no word of the coming text is split. */
function endsWell(text, rest) {
  const isWord = (c) => c !== undefined && /[\p{L}\p{N}_$]/u.test(c);
  return !(isWord(text.at(-1)) && isWord(rest[text.length]));
}
