// npm run bench -- peer: nano in llama.cpp and in this engine, alternating on the same prompts (eng/llama-cpp, built on demand).
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { requireSdk } from '../lib/dotnet.mjs';
import { root } from '../lib/projects.mjs';

export async function benchPeer(args) {
  requireSdk();
  const project = join(root, 'eng/llama-cpp');
  const built = spawnSync('dotnet', ['build', project, '-c', 'Release', '-v', 'quiet', '-nologo', '--tl:off', '-consoleLoggerParameters:NoSummary'], { stdio: ['ignore', 2, 2] });
  if (built.status !== 0) throw new Error('eng/llama-cpp does not build; see the errors above.');
  return spawnSync('dotnet', ['run', '--no-build', '-c', 'Release', '--project', project, '--', 'peer', ...args], { stdio: 'inherit' }).status ?? 1;
}
