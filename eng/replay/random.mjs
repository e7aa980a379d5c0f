// Seeded random numbers, the same on every machine.

/** A generator of numbers from 0 to 1 (mulberry32). */
export function randomFrom(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return {
    next,
    /** A whole number from least to most. */
    between: (least, most) => least + Math.floor(next() * (most - least + 1)),
    /** One element of a list. */
    of: (list) => list[Math.floor(next() * list.length)],
    chance: (share) => next() < share,
    /** Around a median, with a long tail to the right (log-normal). */
    around: (median, spread) => median * Math.exp(spread * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())),
  };
}
