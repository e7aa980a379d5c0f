// Packages the extension without a server inside: seconds instead of minutes. The tests name the built server by setting.
import { packageExtension } from '../../../eng/lib/extension.mjs';
import { artifacts } from './paths.mjs';
import { join } from 'node:path';

export function packagedExtension() {
  const vsix = join(artifacts, 'diffusion-lsp.vsix');
  packageExtension({ output: vsix });
  return vsix;
}
