// Finds the programs of DiffusionLsp: what the user named, else what lies in the extension, else a checkout's build.
// Knows paths only; starts nothing.
import { existsSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

export type Program = 'diffusion-lsp' | 'diffusion-lsp-train';

export type Location = { found: true; path: string; origin: Origin } | { found: false; problem: string };

export type Origin = 'setting' | 'bundled' | 'checkout';

export interface SearchPlace {
  program: Program;
  /** The name of the setting and its value; empty means that nobody set it. */
  setting: { name: string; value: string };
  extensionFolder: string;
  platform?: NodeJS.Platform;
}

const projects: Record<Program, string> = {
  'diffusion-lsp': 'DiffusionLsp.Server',
  'diffusion-lsp-train': 'DiffusionLsp.Training',
};

/** A path that the user named is taken or refused, never replaced by another one. */
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
  return { found: false, problem: `No program at ${path} (setting ${setting.name}).` };
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}
