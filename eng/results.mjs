// npm run results -- NAME ... [--into FOLDER] [--OPTION VALUE ...]: runs benchmarks and writes their output into the documents under docs/results,
// with a header that states weights, commit, machine and date. Options are passed to the benchmark. Text around the marks is written by hand and kept.
// --into FOLDER writes elsewhere, for a first look. The result gpu is made from what a session on such a machine wrote: --session FILE.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commitOf } from './lib/commit.mjs';
import { machineWords, watchOtherWork } from './lib/otherWork.mjs';
import { embedded, filled, ofSession } from './lib/resultsDocument.mjs';
import { root } from './lib/projects.mjs';

/** Document → title, the arguments of `npm run bench`, what is measured where it is not the embedded model, and whether it prints a document already. */
const results = {
  batch: { title: 'Throughput of several clients on one engine', bench: ['batch'], of: 'random weights, 64 layers of width 32' },
  evaluation: { title: 'The embedded model on held-out packages', bench: ['evaluate'], markdown: true },
  forward: { title: 'A forward against the memory\'s limit', bench: ['forward'], of: 'random weights in the shapes named below' },
  gpu: { title: 'On a GPU', session: true },
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
const into = taken('--into') ?? join(root, 'docs/results');
const session = taken('--session');
const unknown = names.filter((name) => !Object.hasOwn(results, name));
if (names.length === 0 || unknown.length > 0) {
  console.error(`${unknown.length > 0 ? `There is no result ${unknown.join(', ')}. ` : ''}Usage: npm run results -- NAME ... [--into FOLDER] [--OPTION VALUE ...], with the names ${Object.keys(results).join(', ')}`);
  process.exit(2);
}
for (const name of names) {
  const path = join(into, `${name}.md`);
  const measured = results[name].session ? ofSession(readFileSync(session ?? nowhere(), 'utf8')) : await measure(name);
  try {
    writeFileSync(path, filled(existsSync(path) ? readFileSync(path, 'utf8') : null, results[name].title, measured));
  } catch (error) {
    console.error(`${name}.md was not written: ${error.message}.\n\n${measured.output}`);
    process.exitCode = 1;
    continue;
  }
  console.error(`${path} was written.`);
}

/** Runs a benchmark. */
async function measure(name) {
  const others = watchOtherWork();
  const output = await printed(['run', '--silent', 'bench', '--', ...results[name].bench, ...options]);
  return {
    command: `npm run results -- ${name}${options.map((option) => ` ${/[\\/]/.test(option) ? 'FOLDER' : option}`).join('')}`, // no paths of this machine
    of: subject(results[name]),
    commit: commitOf(),
    day: new Date().toISOString().slice(0, 10),
    machine: machineWords(others()),
    markdown: results[name].markdown ?? false,
    output,
  };
}

function nowhere() {
  console.error('The result gpu is made from a session: run `npm run gpu -- run` on a machine with a GPU, then `npm run results -- gpu --session FILE` with its session.jsonl.');
  process.exit(2);
}

/** The value of an option that is not the benchmark's. */
function taken(name) {
  const at = options.indexOf(name);
  return at < 0 ? null : options.splice(at, 2)[1];
}

/** What is measured. */
function subject({ of }) {
  if (options.includes('--model')) return 'another model (`--model`)';
  if (of && !options.includes('--nano')) return of;
  return embedded(JSON.parse(readFileSync(join(root, 'models/nano/confidence.json'), 'utf8')).model); // the engine refuses a file of other weights
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
