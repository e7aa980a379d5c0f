// npm run package: a .vsix for this platform with the server, .NET, libtorch and the embedded model inside.
// --without-libtorch leaves libtorch out (see client-vscode/README.md). npm run release makes the packages for others.
import { existsSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { requireSdk } from './lib/dotnet.mjs';
import { bundledServer, extensionFolder, packageExtension } from './lib/extension.mjs';
import { orOneSentence } from './lib/failure.mjs';
import { requirePackages } from './lib/packages.mjs';
import { root } from './lib/projects.mjs';
import { publishServer } from './lib/server.mjs';
import { platforms, thisPlatform } from './release/platforms.mjs';

const withLibtorch = !process.argv.includes('--without-libtorch');
const fitting = platforms.filter(({ hasLibtorch }) => hasLibtorch || !withLibtorch);
if (!fitting.includes(thisPlatform)) {
  console.error(`There is no ${withLibtorch ? 'libtorch' : 'package'} for ${process.platform}-${process.arch}; packages can be made on ${fitting.map(({ target }) => target).join(', ')}.`);
  process.exit(1);
}

requireSdk();
requirePackages();
const { version } = JSON.parse(readFileSync(join(extensionFolder, 'package.json'), 'utf8'));
const { runtime, target } = thisPlatform;
const vsix = join(root, 'artifacts', `diffusion-lsp-${version}-${target}${withLibtorch ? '' : '-without-libtorch'}.vsix`);
await orOneSentence(() => {
  try {
    publishServer({ runtime, libtorch: withLibtorch, output: bundledServer, scratch: join(root, 'artifacts', 'package') });
    const rest = join(bundledServer, 'runtimes');
    if (existsSync(rest)) console.log(`For other platforms: ${readdirSync(rest).join(', ')}`);
    packageExtension({ output: vsix, target });
  } finally {
    rmSync(bundledServer, { recursive: true, force: true });
  }
});
console.log(`${vsix}
${(statSync(vsix).size / 1e6).toFixed(1)} MB. To install it: code --install-extension ${vsix}`);
