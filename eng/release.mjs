// npm run release: on Linux, builds everything that people install, for every platform, into artifacts/release, with checksums.
//   --platforms linux-x64,…   only these (linux-x64, linux-arm64, win-x64, osx-arm64)
//   --kinds archive,…         only these (archive, vsix, tool, npm), or also full: archives with libtorch inside
//   --output DIR              another folder
// --check                   builds everything twice from scratch, and compares
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { requireSdk } from './lib/dotnet.mjs';
import { extensionFolder } from './lib/extension.mjs';
import { orOneSentence } from './lib/failure.mjs';
import { requirePackages } from './lib/packages.mjs';
import { root } from './lib/projects.mjs';
import { platforms } from './release/platforms.mjs';

const kinds = ['archive', 'full', 'vsix', 'tool', 'npm'];
const usualKinds = kinds.filter(kind => kind !== 'full');

await orOneSentence(async () => {
  const { check, ...wanted } = read();
  if (process.platform !== 'linux') throw new Error('Releases must be built on Linux, which preserves file modes for every platform.');
  requireSdk();
  requirePackages();
  // Archives contain timestamps.
  process.env.TZ = 'UTC';
  process.env.SOURCE_DATE_EPOCH ??= timeOfCommit();
  const { makeRelease } = await import('./release/make.mjs');
  const { version } = JSON.parse(readFileSync(join(extensionFolder, 'package.json'), 'utf8'));
  const options = { ...wanted, version, epoch: Number(process.env.SOURCE_DATE_EPOCH), fresh: check };
  const first = await makeRelease(options);
  if (!check) return;
  const again = `${options.output}.again`;
  const second = await makeRelease({ ...options, output: again });
  const different = Object.keys({ ...first, ...second }).filter(name => first[name] !== second[name]);
  if (different.length > 0) throw new Error(`Two runs produced different files, in ${options.output} and ${again}: ${different.join(', ')}.`);
  rmSync(again, { recursive: true, force: true });
  console.log('Two runs produced the same files.');
});

function read() {
  const { values } = parseArgs({ options: { platforms: { type: 'string' }, kinds: { type: 'string' }, output: { type: 'string' }, check: { type: 'boolean', default: false } } });
  const runtimes = platforms.map(({ runtime }) => runtime);
  const chosen = choice('platform', values.platforms, runtimes, runtimes);
  return {
    platforms: platforms.filter(({ runtime }) => chosen.includes(runtime)), kinds: choice('kind', values.kinds, kinds, usualKinds),
    output: resolve(values.output ?? join(root, 'artifacts', 'release')), check: values.check,
  };
}

function choice(what, text, known, otherwise) {
  const chosen = text?.split(',').map(each => each.trim()) ?? otherwise;
  for (const each of chosen) if (!known.includes(each)) throw new Error(`There is no ${what} '${each}'; choose from ${known.join(', ')}.`);
  return chosen;
}

/** Seconds since 1970. */
function timeOfCommit() {
  const { status, stdout, stderr } = spawnSync('git', ['log', '-1', '--format=%ct'], { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`git does not report the time of the commit (${stderr.trim()}); set SOURCE_DATE_EPOCH.`);
  return stdout.trim();
}
