// Positions in a text as LSP counts them: lines, and columns in UTF-16.

/** The LSP position of an offset; a line ends with LF, CRLF or CR. */
export function placeOf(text, offset) {
  const before = text.slice(0, offset).split(/\r\n|\n|\r/);
  return { line: before.length - 1, character: before.at(-1).length };
}

/** The offset of a position within the text. */
export function offsetOf(text, { line, character }) {
  const breaks = /\r\n|\n|\r/g;
  let start = 0;
  for (let i = 0; i < line; i++) {
    if (!breaks.exec(text)) break;
    start = breaks.lastIndex;
  }
  return start + character;
}

/** An offset between two characters: not inside a surrogate pair or a CRLF. */
export function boundary(text, offset) {
  const at = Math.min(offset, text.length);
  const inside = at > 0 && at < text.length && (/[\uD800-\uDBFF][\uDC00-\uDFFF]/.test(text.slice(at - 1, at + 1)) || text.slice(at - 1, at + 1) === '\r\n');
  return inside ? at - 1 : at;
}
