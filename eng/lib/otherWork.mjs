// How much of a machine's processors other processes took while something was measured. Linux tells; elsewhere nothing is known.
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { performance } from 'node:perf_hooks';

const busy = 0.1; // of all cores
const stat = '/proc/self/stat';
const ticks = 100; // per second, in that file

/** Begins to watch. What it returns gives the cores, on average since then, of others than this process and those that it started and waited for; null: unknown. */
export function watchOtherWork() {
  if (!existsSync(stat)) return () => null;
  const now = () => ({ all: allSeconds(), own: ownSeconds(), wall: performance.now() / 1000 });
  const start = now();
  return () => otherCores(start, now());
}

/** From seconds at two times: of the clock (wall), of all processors together (all), and of what is not other work (own). */
export function otherCores(start, end) {
  return Math.max(0, (end.all - start.all - (end.own - start.own)) / (end.wall - start.wall));
}

/** The processor, its cores, and what others took of them: on a busy machine only ratios within one run mean something. */
export function machineWords(others, processor = cpus()[0]?.model.trim() ?? 'an unknown processor', cores = availableParallelism()) {
  if (others === null) return `${processor}, ${cores} cores`;
  return `${processor}, ${cores} cores, of which other work took ${others.toFixed(1)}${others > busy * cores ? ': busy machine, ratios only' : ''}`;
}

function allSeconds() {
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0) / 1000;
}

/** Processor time of this process and of its children that have ended. */
export function ownSeconds() {
  // After the name in brackets the state is field 0; user, system, and the same of children that were waited for are 11 to 14.
  const fields = readFileSync(stat, 'utf8').replace(/^.*\) /s, '').split(' ');
  return fields.slice(11, 15).reduce((sum, text) => sum + Number(text), 0) / ticks;
}
