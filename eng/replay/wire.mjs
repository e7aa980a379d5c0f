// Records when the bytes of messages leave for the server and come back, so that the client's own time between a call and its
// pipe is not attributed to the server; and measures the delay that the machine causes any process that does as much.
import { spawn } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds of the clock that a machine's processes share. */
const monotonic = () => Number(process.hrtime.bigint()) / 1e6;

/** Records the times at a server's pipes. */
export class Wire {
  /** @param server a Server of tests/clients */
  constructor(server, method) {
    this.cameAt = NaN;
    this.asked = [];
    server.process.stdout.on('data', () => { this.cameAt = monotonic(); });
    const { stdin } = server.process;
    const write = stdin.write.bind(stdin);
    stdin.write = (bytes, ...more) => {
      if (this.asked.length > 0 && bytes.includes(`"${method}"`)) Object.assign(this.asked.shift(), { id: JSON.parse(bytes).id, left: monotonic() });
      return write(bytes, ...more);
    };
  }

  /** Call this for every request, in order: it gets its "id", and "left", the time when it is sent. */
  expect(asked) {
    this.asked.push(asked);
  }
}

const work = 2; // milliseconds, roughly the server's computation per request
const program = `process.stdin.on('data', (bytes) => {
  for (const until = performance.now() + ${work}; performance.now() < until;);
  process.stdout.write(bytes);
})`;

/**
 * A control for the server's own time: milliseconds of round trips through a process that computes for a moment and echoes its
 * input, minus that moment; one at a time, with pauses as between two keys. Any process waits as long.
 */
export async function control(times, random) {
  const child = spawn(process.execPath, ['-e', program], { stdio: ['pipe', 'pipe', 'inherit'] });
  const milliseconds = [];
  for (let i = 0; i <= times; i++) {
    await sleep(random.between(60, 180));
    const from = performance.now();
    const back = new Promise((resolve) => child.stdout.once('data', resolve));
    child.stdin.write(Buffer.alloc(300));
    await back;
    if (i > 0) milliseconds.push(performance.now() - from - work); // the first one waits for the process to start
  }
  child.kill();
  return milliseconds;
}
