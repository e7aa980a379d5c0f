// When to restart a server that ended on its own: soon, then later, then not at all. Deals only in times.

const windowMilliseconds = 3 * 60_000;
const delays = [0, 1_000, 4_000, 10_000] as const;

/** Records the crashes of one server. */
export class RestartPolicy {
  private ends: number[] = [];

  /** Delay before the next start; null: it crashed too often within three minutes. */
  next(now: number): number | null {
    this.ends = [...this.ends.filter(end => now - end < windowMilliseconds), now];
    return delays[this.ends.length - 1] ?? null;
  }

  /** An explicit start: earlier crashes no longer count. */
  forget(): void {
    this.ends = [];
  }
}

/** How many crashes in a row are tolerated. */
export const forgivenEnds = delays.length;
