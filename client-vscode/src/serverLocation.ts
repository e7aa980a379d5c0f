// Finds DiffusionLsp's programs: the path in the settings, else in the extension, else the build of a checkout.
// Deals only in paths; starts nothing.
import { existsSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

export type Program = 'diffusion-lsp' | 'diffusion-lsp-train';

export type Location = { found: true; path: string; origin: Origin } | { found: false; problem: string };

export type Origin = 'setting' | 'bundled' | 'checkout';

export interface SearchPlace {
  program: Program;
  /** The setting's name and value; empty: not set. */
  setting: { name: string; value: string };
  extensionFolder: string;
  platform?: NodeJS.Platform;
}

const projects: Record<Program, string> = {
  'diffusion-lsp': 'DiffusionLsp.Server',
  'diffusion-lsp-train': 'DiffusionLsp.Training',
};

/** A path set by the user is either used or rejected, never silently replaced. */
export function locate({ program, setting, extensionFolder, platform = process.platform }: SearchPlace): Location {
  const file = platform === 'win32' ? `${program}.exe` : program;
  if (setting.value.trim() !== '') return named(setting, file);
  const bundled = join(extensionFolder, 'server', file);
  if (isFile(bundled)) return { found: true, path: bundled, origin: 'bundled' };
  const checkout = dirname(extensionFolder);
  const built = join(checkout, 'server', projects[program], 'bin', 'Release', 'net10.0', file);
  if (isFile(built)) return { found: true, path: built, origin: 'checkout' };
  return {
    found: false,
    problem: `${program} is not part of this extension; install the package for this platform, or name the executable in the setting ${setting.name}.`,
  };
}

function named(setting: SearchPlace['setting'], file: string): Location {
  const path = resolve(setting.value.trim().replace(/^~(?=$|[/\\])/, homedir()));
  if (isFile(path)) return { found: true, path, origin: 'setting' };
  const inside = join(path, file);
  if (isFile(inside)) return { found: true, path: inside, origin: 'setting' };
  return { found: false, problem: `There is no program at ${path} (setting ${setting.name}).` };
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}
