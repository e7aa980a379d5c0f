// npm run package: a .vsix for this platform with the server, .NET, libtorch and the embedded model inside.
// --without-libtorch leaves libtorch out (see client-vscode/README.md).
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { requireSdk } from './lib/dotnet.mjs';
import { bundledServer, extensionFolder, packageExtension } from './lib/extension.mjs';
import { orOneSentence } from './lib/failure.mjs';
import { requirePackages } from './lib/packages.mjs';
import { configuration, programs, root } from './lib/projects.mjs';

/** What VS Code and what .NET call a platform. libtorch exists for these. */
const platforms = { 'linux-x64': 'linux-x64', 'win32-x64': 'win-x64', 'darwin-arm64': 'osx-arm64' };

/** Parts of libtorch that only Python and its own tests load. */
const unused = /(torch_python|torchbind_test|jitbackend_test|backend_with_compiler|aoti_custom_ops|nnapi_backend|shm)\.(so|dll|dylib|lib)$/;

const withLibtorch = !process.argv.includes('--without-libtorch');
const target = `${process.platform}-${process.arch}`;
const runtime = platforms[target];
if (!runtime) {
  console.error(`There is no libtorch for ${target}; packages can be made on ${Object.keys(platforms).join(', ')}.`);
  process.exit(1);
}

requireSdk();
requirePackages();
publish();
const { version } = JSON.parse(readFileSync(join(extensionFolder, 'package.json'), 'utf8'));
const vsix = join(root, 'artifacts', `diffusion-lsp-${version}-${target}${withLibtorch ? '' : '-without-libtorch'}.vsix`);
await orOneSentence(() => {
  try {
    packageExtension({ output: vsix, target });
  } finally {
    rmSync(bundledServer, { recursive: true, force: true });
  }
});
console.log(`${vsix}
${megabytes(statSync(vsix).size)} MB. To install it: code --install-extension ${vsix}`);

/** Into a folder of its own: a build for one runtime must not disturb the ordinary one. */
function publish() {
  const scratch = join(root, 'artifacts', 'package');
  rmSync(bundledServer, { recursive: true, force: true });
  mkdirSync(bundledServer, { recursive: true });
  console.log(`Publishing ${programs.server.name} for ${runtime} …`);
  const { status } = spawnSync('dotnet', ['publish', programs.server.project, '-c', configuration, '-r', runtime, '--self-contained', '--artifacts-path', scratch,
    '-o', bundledServer, '-v', 'quiet', '-nologo', '--tl:off', '-p:RestoreLockedMode=false', '-p:DebugType=none', `-p:Torch=${withLibtorch ? 'cpu' : 'external'}`],
  { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(1);
  for (const file of readdirSync(bundledServer).filter(name => unused.test(name))) rmSync(join(bundledServer, file));
  const rest = join(bundledServer, 'runtimes');
  if (existsSync(rest)) console.log(`Of other platforms: ${readdirSync(rest).join(', ')}`);
}

function megabytes(bytes) {
  return (bytes / 1e6).toFixed(1);
}
