// npm run bench -- peer: nano in llama.cpp and in this engine, the same prompts in turns (eng/llama-cpp, which is built when it is asked for).
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { requireSdk } from '../lib/dotnet.mjs';
import { root } from '../lib/projects.mjs';

export async function benchPeer(args) {
  requireSdk();
  const project = join(root, 'eng/llama-cpp');
  const built = spawnSync('dotnet', ['build', project, '-c', 'Release', '-v', 'quiet', '-nologo', '--tl:off', '-consoleLoggerParameters:NoSummary'], { stdio: ['ignore', 2, 2] });
  if (built.status !== 0) throw new Error('eng/llama-cpp does not build; the errors stand above.');
  return spawnSync('dotnet', ['run', '--no-build', '-c', 'Release', '--project', project, '--', 'peer', ...args], { stdio: 'inherit' }).status ?? 1;
}
