// npm run results -- NAME ... [--OPTION VALUE ...]: runs benchmarks and writes their output into the documents under docs/results, with a header
// that states weights, commit, machine and date. Options are passed to the benchmark. Text around the marks is written by hand and kept.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { filled } from './lib/resultsDocument.mjs';
import { root } from './lib/projects.mjs';

/** Document → title and the arguments of `npm run bench`. */
const results = {
  batch: { title: 'Throughput of several clients on one engine', bench: ['batch'] },
  evaluation: { title: 'The embedded model on held-out packages', bench: ['evaluate'] },
  keystroke: { title: 'Latency of a one-line completion while typing', bench: ['keystroke'] },
  peer: { title: 'nano here and in llama.cpp', bench: ['peer'] },
  rows: { title: 'A forward on a CPU by its number of rows', bench: ['rows'] },
  serve: { title: 'Throughput and latency of `serve`', bench: ['serve'] },
  start: { title: 'From start to first suggestion, and memory', bench: ['start'] },
  typing: { title: 'A typing session', bench: ['server'] },
};

const given = process.argv.slice(2);
const first = given.findIndex((argument) => argument.startsWith('--'));
const names = first < 0 ? given : given.slice(0, first);
const options = first < 0 ? [] : given.slice(first);
const unknown = names.filter((name) => !Object.hasOwn(results, name));
if (names.length === 0 || unknown.length > 0) {
  console.error(`${unknown.length > 0 ? `There is no result ${unknown.join(', ')}. ` : ''}Usage: npm run results -- NAME ... [--OPTION VALUE ...], with the names ${Object.keys(results).join(', ')}`);
  process.exit(2);
}
for (const name of names) {
  const path = join(root, 'docs/results', `${name}.md`);
  const load = loadavg()[0];
  const bench = [...results[name].bench, ...options];
  const output = await printed(['run', '--silent', 'bench', '--', ...bench]);
  const measured = {
    command: `npm run results -- ${name}${options.map((option) => ` ${/[\\/]/.test(option) ? 'FOLDER' : option}`).join('')}`, // no paths of this machine
    weights: JSON.parse(readFileSync(join(root, 'models/nano/confidence.json'), 'utf8')).model, // the engine refuses a file of other weights
    commit: execFileSync('git', ['rev-parse', '--short=10', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim(),
    day: new Date().toISOString().slice(0, 10),
    machine: `${cpus()[0]?.model.trim() ?? 'an unknown processor'}, ${availableParallelism()} cores, load ${load.toFixed(1)} before it began`,
    output,
  };
  try {
    writeFileSync(path, filled(existsSync(path) ? readFileSync(path, 'utf8') : null, results[name].title, measured));
  } catch (error) {
    console.error(`docs/results/${name}.md was not written: ${error.message}.\n\n${output}`);
    process.exitCode = 1;
    continue;
  }
  console.error(`docs/results/${name}.md was written.`);
}

/** What a command prints to stdout; its stderr is shown. */
function printed(args) {
  return new Promise((resolve) => {
    const child = spawn('npm', args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (bytes) => (text += bytes));
    child.on('close', (code) => {
      if (code === 0) return resolve(text);
      console.error(`npm ${args.join(' ')} ended with ${code}; nothing was written.`);
      process.exit(1);
    });
  });
}
