// npm run code [-- FOLDER]: a VS Code in the browser with this extension and this server, separate from your own. Ctrl-C ends it.
import { join, resolve } from 'node:path';
import { unsupported } from './lib/codeServer.mjs';
import { buildIfStale, callersFolder } from './lib/dotnet.mjs';
import { packageExtension } from './lib/extension.mjs';
import { orOneSentence } from './lib/failure.mjs';
import { requirePackages } from './lib/packages.mjs';
import { executable, programs, root } from './lib/projects.mjs';
import { VsCode } from './lib/vscode.mjs';

if (unsupported) {
  console.error(`${unsupported}; install the package that npm run package makes into your own VS Code.`);
  process.exit(1);
}
requirePackages();
buildIfStale(programs.server);
const vsix = join(root, 'artifacts', 'vscode', 'diffusion-lsp.vsix');
await orOneSentence(() => packageExtension({ output: vsix }));

const workspace = resolve(callersFolder(), process.argv[2] ?? '.');
const code = await orOneSentence(() => new VsCode({ folder: join(root, 'artifacts', 'vscode', 'profile'), workspace }));
code.setUser({ 'workbench.secondarySideBar.defaultVisibility': 'hidden', 'chat.disableAIFeatures': true });
code.setMachine({ 'diffusionLsp.serverPath': executable(programs.server) });
await orOneSentence(() => code.install(vsix));
await orOneSentence(() => code.launch());
console.log(`VS Code with DiffusionLsp, for this machine only. Open
  ${code.windowAddress}
Ctrl-C ends it. Its settings and extensions lie in artifacts/vscode/profile.`);

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => code.stop().then(() => process.exit(0)));
code.process.on('exit', exitCode => process.exit(exitCode ?? 1));
