// A process's memory during a long run, and whether it stayed flat. Without /proc nothing is measured.
import { existsSync, readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { percentile } from './report.mjs';

const flat = 0.05;
const flatWhenShort = 0.25; // the runtime's heap takes minutes to reach its size
const short = 600; // seconds
const between = 1000; // milliseconds

export class MemoryWatch {
  constructor(pid) {
    this.file = `/proc/${pid}/status`;
    this.samples = []; // MB
    this.last = 0;
  }

  /** Takes a sample, at most once a second. */
  look() {
    const now = performance.now();
    if (now - this.last < between) return;
    this.last = now;
    if (existsSync(this.file)) this.samples.push(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(this.file, 'utf8'))[1]) / 1024);
  }

  /** After warm-up: compares the last third of the second half with its first third. Null: nothing was measured. */
  afterWarmUp(seconds) {
    const warm = this.samples.slice(Math.floor(this.samples.length / 2)), third = Math.ceil(warm.length / 3);
    if (warm.length === 0) return null;
    const [from, to] = [percentile(warm.slice(0, third), 0.5), percentile(warm.slice(-third), 0.5)];
    return { from, to, flat: Math.abs(to / from - 1) <= (seconds < short ? flatWhenShort : flat) };
  }
}
