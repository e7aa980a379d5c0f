// Installs the Node packages if need be, so that scripts of the workspaces work first thing in a fresh clone.
import { requirePackages } from './lib/packages.mjs';

requirePackages();
