// npm run gpu: on a machine with an NVIDIA GPU, builds with CUDA and measures forwards of 7B- and 8B-shaped models of noise against
// the memory's limit, and CUDA scores against the CPU's. Without a GPU it does the same on the CPU in a small shape.
import { spawnSync } from 'node:child_process';
import { become, buildArguments, buildIfStale, requireSdk } from './lib/dotnet.mjs';
import { programs, root } from './lib/projects.mjs';

const external = process.argv.includes('--libtorch');
const gpu = spawnSync('nvidia-smi', ['--list-gpus'], { encoding: 'utf8' });
const hasGpu = gpu.status === 0 && gpu.stdout.trim() !== '';
console.error(hasGpu ? gpu.stdout.trim() : 'No NVIDIA GPU is found here: a small model on the CPU stands in, and nothing is learned about a GPU.');
if (hasGpu || external) {
  requireSdk();
  // A folder given with --libtorch brings its own CUDA; else the package of TorchSharp does.
  const { status } = spawnSync('dotnet', [...buildArguments(programs.trainer.project), `-p:Torch=${external ? 'external' : 'cuda'}`], { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(1);
} else buildIfStale(programs.trainer);
become(programs.trainer, ['bench', 'forward', ...process.argv.slice(2)]);
