// Numbers on a command line. Pure.

/** A whole number above 0; a default if it is not given. */
export function wholeNumber(text, otherwise) {
  const value = text === undefined ? otherwise : Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`'${text}' is not a whole number above 0`);
  return value;
}
