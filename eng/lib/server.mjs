// Publishes the server for one platform: with .NET inside, without what nothing uses, and compiled beforehand where its start needs that.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { configuration, programs, root } from './projects.mjs';

/** Parts of libtorch that only Python and its own tests load. */
const unused = /(torch_python|torchbind_test|jitbackend_test|backend_with_compiler|aoti_custom_ops|nnapi_backend|shm|torch_global_deps|iompstubs5md)\.(so|dll|dylib|lib)$/;

/** Options of all builds for others: no debugging information, no paths of this machine; the ordinary build has analysed the same text. */
export const releaseProperties = ['-p:RestoreLockedMode=false', '-p:DebugType=none', '-p:ContinuousIntegrationBuild=true', '-p:RunAnalyzers=false'];

/**
 * Publishes into a folder, which is emptied first. A build for one runtime must not affect the ordinary one, so it has its own folder.
 * @param runtime .NET's name of the platform
 * @param libtorch whether to include libtorch for the CPU
 * @param scratch folder for build outputs
 * @returns the server's project.assets.json
 */
export function publishServer({ runtime, libtorch, output, scratch }) {
  rmSync(output, { recursive: true, force: true });
  mkdirSync(output, { recursive: true });
  console.log(`Publishing ${programs.server.name} for ${runtime}${libtorch ? ' with libtorch' : ''} …`);
  dotnet(['publish', programs.server.project, '-r', runtime, '--self-contained', '--artifacts-path', scratch, '-o', output,
    '-p:PublishTrimmed=true', '-p:PublishReadyToRun=true', `-p:Torch=${libtorch ? 'cpu' : 'external'}`]);
  for (const file of readdirSync(output).filter(name => unused.test(name))) rmSync(join(output, file));
  return join(scratch, 'obj', 'DiffusionLsp.Server', 'project.assets.json');
}

/** Runs a dotnet command whose output matters only if it fails. */
export function dotnet([verb, ...args]) {
  const { status, stdout, error } = spawnSync('dotnet', [verb, ...args, '-c', configuration, '-v', 'quiet', '-nologo', '--tl:off', ...releaseProperties], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 2] });
  if (status !== 0) throw new Error(`dotnet ${verb} failed: ${error?.message ?? stdout.trim()}`);
}
