// When a server that ended by itself is started again: soon, then later, then not at all. Knows times only.

const windowMilliseconds = 3 * 60_000;
const delays = [0, 1_000, 4_000, 10_000] as const;

/** Remembers the ends of one server. */
export class RestartPolicy {
  private ends: number[] = [];

  /** How long to wait before the next start, or null when it ended too often within three minutes. */
  next(now: number): number | null {
    this.ends = [...this.ends.filter(end => now - end < windowMilliseconds), now];
    return delays[this.ends.length - 1] ?? null;
  }

  /** Somebody asked for a start: what happened before does not count. */
  forget(): void {
    this.ends = [];
  }
}

/** How many ends in a row are forgiven. */
export const forgivenEnds = delays.length;
