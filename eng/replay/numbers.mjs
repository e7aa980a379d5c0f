// Numbers on a command line. Pure.

/** A whole number above 0; what is not given has a value of its own. */
export function wholeNumber(text, otherwise) {
  const value = text === undefined ? otherwise : Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`'${text}' is no whole number above 0`);
  return value;
}
