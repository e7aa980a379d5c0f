// npm run gpu: what a machine with an NVIDIA GPU is asked, in one command of about 12 minutes; without a GPU the same on the CPU.
//   npm run gpu -- run [OPTIONS]        builds (with CUDA where there is a GPU) and does the session; results in artifacts/gpu or --output
//   npm run gpu -- pack FOLDER [--shards FOLDER] [--slim]
//                                       writes FOLDER/gpu.tar.xz, for a machine without .NET, Node and this repository: unpack it and run
//                                       `sh gpu/run.sh OUTPUT`. --slim leaves out the server and the models, for a folder below a checkout.
//   npm run gpu -- forward [OPTIONS]    only forwards of random models
// --libtorch DIR names a libtorch with CUDA, such as the one of a Python install; packed, python3's is found.
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { commitOf } from './lib/commit.mjs';
import { become, buildArguments, buildIfStale, callersFolder, requireSdk } from './lib/dotnet.mjs';
import { orOneSentence } from './lib/failure.mjs';
import { executable, programs, root } from './lib/projects.mjs';

const [verb = 'run', ...rest] = process.argv.slice(2);
const commit = commitOf();
const verbs = { run, pack, forward };

if (!Object.hasOwn(verbs, verb)) {
  console.error(`There is no verb ${verb}; use npm run gpu -- run, pack FOLDER or forward, each with its options behind it.`);
  process.exit(2);
}
process.exitCode = (await orOneSentence(() => verbs[verb](rest))) ?? process.exitCode;

function run(options) {
  build(options);
  buildIfStale(programs.server);
  const output = options.includes('--output') ? [] : ['--output', join(root, 'artifacts', 'gpu')];
  become(programs.trainer, ['bench', 'gpu', ...output, '--commit', commit, '--server', executable(programs.server), ...options]);
}

function forward(options) {
  build(options);
  become(programs.trainer, ['bench', 'forward', ...options]);
}

async function pack(args) {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: { shards: { type: 'string' }, slim: { type: 'boolean', default: false } } });
  if (positionals.length !== 1) throw new Error('npm run gpu -- pack wants one folder to write gpu.tar.xz into.');
  requireSdk();
  const { packSession } = await import('./lib/gpuPack.mjs');
  const from = (path) => resolve(callersFolder(), path);
  packSession({ output: from(positionals[0]), shards: values.shards && from(values.shards), slim: values.slim, commit });
  return 0;
}

/** With CUDA where there is a GPU; a folder given with --libtorch brings its own. */
function build(options) {
  const external = options.includes('--libtorch');
  const gpu = spawnSync('nvidia-smi', ['--list-gpus'], { encoding: 'utf8' });
  const hasGpu = gpu.status === 0 && gpu.stdout.trim() !== '';
  console.error(hasGpu ? gpu.stdout.trim() : 'No NVIDIA GPU is found here: the CPU stands in, and nothing is learned about a GPU.');
  if (!hasGpu && !external) return buildIfStale(programs.trainer);
  requireSdk();
  const { status } = spawnSync('dotnet', [...buildArguments(programs.trainer.project), `-p:Torch=${external ? 'external' : 'cuda'}`], { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error('The trainer does not build; the errors stand above.');
}
