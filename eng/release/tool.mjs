// The .NET tool: one package for every platform that .NET supports, without .NET and without libtorch.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dotnet } from '../lib/server.mjs';
import { programs, root } from '../lib/projects.mjs';
import { readZip, rewriteZip } from './archives.mjs';
import { modelComponents, nugetComponents } from './components.mjs';
import { noticesOf } from './notices.mjs';
import { sbomOf } from './sbom.mjs';

const properties = ['-p:PackAsTool=true', '-p:Torch=external'];

/** Returns the package's path. */
export async function packTool({ scratch, version, epoch }) {
  console.log('Packing the .NET tool …');
  const packed = join(scratch, 'tool'), files = join(scratch, 'tool-files');
  for (const folder of [packed, files]) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
  }
  const pack = extra => dotnet(['pack', programs.server.project, '--artifacts-path', join(scratch, 'tool-build'), '-o', packed, ...properties, `-p:PackageFiles="${[join(root, 'README.md'), ...extra].join(';')}"`]);
  pack([]);
  const name = `diffusion-lsp.${version}.nupkg`;
  // Its contents are known only after packing; then it can list them itself.
  const published = new Set((await readZip(join(packed, name))).map(entry => entry.name.split('/').at(-1)));
  const components = [...nugetComponents(join(scratch, 'tool-build', 'obj', 'DiffusionLsp.Server', 'project.assets.json'), null, published), ...modelComponents(version)];
  writeFileSync(join(files, 'THIRD-PARTY-NOTICES.txt'), noticesOf(components));
  writeFileSync(join(files, 'sbom.cdx.json'), sbomOf({ name: 'diffusion-lsp', version, epoch, components }));
  pack([join(root, 'LICENSE'), join(files, 'THIRD-PARTY-NOTICES.txt'), join(files, 'sbom.cdx.json')]);
  await rewriteZip(join(packed, name), epoch);
  return join(packed, name);
}
