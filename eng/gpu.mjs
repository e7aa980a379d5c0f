// npm run gpu: on a machine with an NVIDIA GPU, builds with CUDA and measures forwards of 7B- and 8B-shaped models with random weights against
// the memory limit, and compares CUDA scores with the CPU's. Without a GPU it does the same on the CPU in a small shape.
import { spawnSync } from 'node:child_process';
import { become, buildArguments, buildIfStale, requireSdk } from './lib/dotnet.mjs';
import { programs, root } from './lib/projects.mjs';

const external = process.argv.includes('--libtorch');
const gpu = spawnSync('nvidia-smi', ['--list-gpus'], { encoding: 'utf8' });
const hasGpu = gpu.status === 0 && gpu.stdout.trim() !== '';
console.error(hasGpu ? gpu.stdout.trim() : 'No NVIDIA GPU was found: a small model runs on the CPU instead, and the figures say nothing about a GPU.');
if (hasGpu || external) {
  requireSdk();
  // A folder given with --libtorch includes its own CUDA; otherwise TorchSharp's package does.
  const { status } = spawnSync('dotnet', [...buildArguments(programs.trainer.project), `-p:Torch=${external ? 'external' : 'cuda'}`], { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(1);
} else buildIfStale(programs.trainer);
become(programs.trainer, ['bench', 'forward', ...process.argv.slice(2)]);
