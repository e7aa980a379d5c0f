// Packs what a GPU session needs for a machine without .NET, Node and this repository: programs without libtorch, models, shards, a script.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { programs, root } from './projects.mjs';
import { dotnet } from './server.mjs';

const most = 64; // MiB, what can usually be sent
const runtime = 'linux-x64';

/** Trimmed and not compiled beforehand: small matters, starting does not. Of reflection over our own types nothing is left out (TrimMode partial). */
const properties = ['-p:Torch=external', '-p:PublishTrimmed=true', '-p:TrimMode=partial', '-p:JsonSerializerIsReflectionEnabledByDefault=true', '-p:SuppressTrimAnalysisWarnings=true'];

/** Writes gpu.tar.xz into a folder. */
export function packSession({ output, shards, slim, commit }) {
  const scratch = join(root, 'artifacts', 'gpu-pack'), folder = join(scratch, 'gpu');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  publish(programs.trainer, join(folder, 'trainer'), scratch);
  if (!slim) {
    publish(programs.server, join(folder, 'server'), scratch);
    renameSync(join(folder, 'server', 'models'), join(folder, 'models')); // where both programs find them
  }
  if (shards) packShards(shards, join(folder, 'shards'));
  writeFileSync(join(folder, 'run.sh'), script(commit));
  mkdirSync(output, { recursive: true });
  const archive = join(output, 'gpu.tar.xz');
  const { status, stderr, error } = spawnSync('tar', ['-I', 'xz -6 -T0', '--owner=0', '--group=0', '-cf', archive, '-C', scratch, 'gpu'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`tar failed: ${error?.message ?? stderr.trim()}`);
  const size = statSync(archive).size / 2 ** 20;
  console.log(`${archive}: ${size.toFixed(1)} MiB. There: tar -xJf gpu.tar.xz && sh gpu/run.sh OUTPUT`);
  if (size > most) throw new Error(`${archive} has ${size.toFixed(1)} MiB and should have at most ${most}; pack fewer shards, or with --slim.`);
}

function publish(program, output, scratch) {
  console.log(`Publishing ${program.name} for ${runtime} …`);
  dotnet(['publish', program.project, '-r', runtime, '--self-contained', '--artifacts-path', join(scratch, 'build'), '-o', output, ...properties]);
}

/** The shards for evaluation in the embedded model's languages (Languages.All of the trainer), which the session reads: the decoding table is made on them, and the training is timed on them. */
function packShards(from, to) {
  const names = readdirSync(from).filter((name) => /^(csharp|typescript|javascript|python)\.eval\.(tokens|index)$/.test(name));
  if (names.length === 0) throw new Error(`'${from}' holds no shards for evaluation (LANGUAGE.eval.tokens); name a folder that the corpus verb made.`);
  for (const name of names) cpSync(join(from, name), join(to, name));
}

function script(commit) {
  return `#!/bin/sh
# usage: sh run.sh OUTPUT [--device cpu] [--quick] [--parts NAME ...] [--libtorch FOLDER]
# Everything that a machine with a GPU is asked; OUTPUT/session.jsonl and OUTPUT/session.txt hold the results.
set -u
[ $# -gt 0 ] || { echo "usage: sh run.sh OUTPUT [OPTIONS]" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
output=$1
shift
[ -d "$here/shards" ] && set -- --shards "$here/shards" "$@"
exec "$here/trainer/diffusion-lsp-train" bench gpu --output "$output" --commit ${commit} --server "$here/server/diffusion-lsp" "$@"
`;
}
