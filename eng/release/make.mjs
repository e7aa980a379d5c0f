// Builds the packages for the requested platforms and kinds, and inspects them.
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { bundledServer, bundleExtension, extensionFolder, packageExtension } from '../lib/extension.mjs';
import { root } from '../lib/projects.mjs';
import { publishServer } from '../lib/server.mjs';
import { filesOf, tarOf, zipOf } from './archives.mjs';
import { bundledComponents, modelComponents, nugetComponents } from './components.mjs';
import { problemsOf } from './inspect.mjs';
import { noticesOf } from './notices.mjs';
import { packMain, packPlatform } from './npm.mjs';
import { isWindows } from './platforms.mjs';
import { sbomOf } from './sbom.mjs';
import { packTool } from './tool.mjs';

/** Builds everything once, and inspects it. Returns the checksums by file name. */
export async function makeRelease({ platforms, kinds: chosen, output, version, epoch, fresh }) {
  const scratch = join(root, 'artifacts', 'release-build');
  if (fresh) rmSync(scratch, { recursive: true, force: true });
  rmSync(output, { recursive: true, force: true });
  mkdirSync(output, { recursive: true });
  for (const platform of platforms) await releasePlatform({ platform, kinds: chosen, output, scratch, version, epoch });
  if (chosen.includes('tool')) {
    const tool = await packTool({ scratch, version, epoch });
    renameSync(tool, join(output, basename(tool)));
  }
  if (chosen.includes('npm')) packMain({ folder: join(scratch, 'npm', 'main'), output, version });
  return checksums(output);
}

async function releasePlatform({ platform, kinds: chosen, output, scratch, version, epoch }) {
  const archive = async (server, name) => (isWindows(platform) ? zipOf(server, join(output, `${name}.zip`), epoch) : tarOf(server, join(output, `${name}.tar.gz`), epoch));
  const name = `diffusion-lsp-${version}-${platform.runtime}`;
  if (chosen.includes('full') && platform.hasLibtorch) await archive(await serverOf({ platform, libtorch: true, folder: join(scratch, `${name}-libtorch`), scratch, version, epoch }), `${name}-libtorch`);
  if (!chosen.some(kind => ['archive', 'vsix', 'npm'].includes(kind))) return;
  const server = await serverOf({ platform, libtorch: false, folder: join(scratch, name), scratch, version, epoch });
  cpSync(join(server, 'sbom.cdx.json'), join(output, `${name}.cdx.json`));
  if (chosen.includes('archive')) await archive(server, name);
  if (chosen.includes('vsix')) packVsix(server, platform, join(output, `diffusion-lsp-${version}-${platform.target}.vsix`));
  if (chosen.includes('npm')) packPlatform({ platform, server, folder: join(scratch, 'npm', platform.runtime), output, version });
}

/** Publishes a server, records its components, and inspects it. Returns its folder. */
async function serverOf({ platform, libtorch, folder: server, scratch, version, epoch }) {
  const assets = publishServer({ runtime: platform.runtime, libtorch, output: server, scratch: join(scratch, libtorch ? 'full' : 'slim') });
  bundleExtension();
  const published = new Set(filesOf(server).map(name => name.split('/').at(-1)));
  const components = [...nugetComponents(assets, platform.runtime, published), ...bundledComponents(join(extensionFolder, 'dist', 'extension.js.map')), ...modelComponents(version)];
  writeFileSync(join(server, 'THIRD-PARTY-NOTICES.txt'), noticesOf(components));
  writeFileSync(join(server, 'sbom.cdx.json'), sbomOf({ name: 'diffusion-lsp', version, epoch, components }));
  cpSync(join(root, 'LICENSE'), join(server, 'LICENSE'));
  const problems = problemsOf(server, platform, { libtorch });
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return server;
}

function packVsix(server, platform, output) {
  rmSync(bundledServer, { recursive: true, force: true });
  try {
    cpSync(server, bundledServer, { recursive: true });
    packageExtension({ output, target: platform.target });
  } finally {
    rmSync(bundledServer, { recursive: true, force: true });
  }
}

/** Writes SHA256SUMS in the format of sha256sum --check; prints sizes. */
function checksums(output) {
  const names = readdirSync(output).sort();
  const sums = Object.fromEntries(names.map(name => [name, createHash('sha256').update(readFileSync(join(output, name))).digest('hex')]));
  writeFileSync(join(output, 'SHA256SUMS'), names.map(name => `${sums[name]}  ${name}\n`).join(''));
  for (const name of names) console.log(`${(statSync(join(output, name)).size / 1e6).toFixed(1).padStart(7)} MB  ${name}`);
  console.log(`in ${output}`);
  return sums;
}
