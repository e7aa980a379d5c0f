// The extension that the tests install: packed here in a second, with a setting that names the built server; or a package that has its own inside.
//
// DIFFUSION_LSP_E2E_VSIX    a package with a server inside, as released
// DIFFUSION_LSP_E2E_SERVER  another server to run
import { join } from 'node:path';
import { packageExtension } from '../../../eng/lib/extension.mjs';
import { executable, programs } from '../../../eng/lib/projects.mjs';
import { artifacts } from './paths.mjs';

const released = process.env.DIFFUSION_LSP_E2E_VSIX;

/** The server that is set, and that must exist. */
export const serverPath = process.env.DIFFUSION_LSP_E2E_SERVER ?? executable(programs.server);

/** What names the server; nothing where the package has one. */
export const serverSetting = released ? {} : { 'diffusionLsp.serverPath': serverPath };

/** The extension's file. */
export function extension() {
  if (released) return released;
  const vsix = join(artifacts, 'diffusion-lsp.vsix');
  packageExtension({ output: vsix });
  return vsix;
}
