// Installs the Node packages if necessary, so that the workspaces' scripts work at once in a fresh clone.
import { requirePackages } from './lib/packages.mjs';

requirePackages();
