// Reads the line that the server sends and logs for each completion. Pure.

const form = /^(completion|prefetch) (\d+): (?:(\d+) chars, (\w+)|nothing: (\w+), (\w+)|(cancelled)), ([\d.]+) ms(?:, wait ([\d.]+))?(?:, tokenize ([\d.]+), prompt ([\d.]+) \((\d+)\/(\d+) cached\), decode ([\d.]+), (\d+) forwards, (\d+) tokens, (\w+))?/;

/** The line's contents, in milliseconds and counts; null: another kind of line. "engine" is null if the engine was not called. */
export function readTraceLine(line) {
  const m = form.exec(line);
  if (!m) return null;
  const number = (text) => (text === undefined ? null : Number(text));
  return {
    kind: m[1],
    number: Number(m[2]),
    chars: number(m[3]),
    path: m[4] ?? m[6] ?? null,
    reason: m[5] ?? m[7] ?? null,
    total: Number(m[8]),
    wait: number(m[9]) ?? 0,
    engine: m[10] === undefined ? null : Number(m[10]) + Number(m[11]) + Number(m[14]),
    decode: number(m[14]),
    cached: number(m[12]),
    prompt: number(m[13]),
    forwards: number(m[15]),
  };
}

/** Which answer was sent, and when, in milliseconds of the machine's monotonic clock; null: another kind of line. */
export function readAnswerLine(line) {
  const m = /^answer (\d+) went out at ([\d.]+) ms$/.exec(line);
  return m ? { id: Number(m[1]), at: Number(m[2]) } : null;
}

/** How many milliseconds a decode continued after it was cancelled; null: another kind of line. */
export function readStopLine(line) {
  const m = /^decode stopped ([\d.]+) ms after it was called off$/.exec(line);
  return m ? Number(m[1]) : null;
}
