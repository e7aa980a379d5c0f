// The locations of the repository's built programs, and whether they must be rebuilt. Runs nothing.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export const configuration = 'Release';

/** The programs: their sources in addition to the common ones, and their outputs. Paths are relative to the root. */
export const programs = {
  server: { name: 'diffusion-lsp', project: 'server/DiffusionLsp.Server' },
  trainer: { name: 'diffusion-lsp-train', project: 'server/DiffusionLsp.Training', alsoFrom: ['eng/samples'] },
  csharpErrors: { name: 'CSharpErrors', project: 'tests/situations/CSharpErrors' },
};

const commonSources = ['server/DiffusionLsp.Engine', 'models', 'Directory.Build.props', 'Directory.Packages.props', 'global.json'];
const generated = new Set(['bin', 'obj', 'node_modules']);

/** The built executable of a program. */
export function executable(program, folder = root) {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return join(folder, program.project, 'bin', configuration, 'net10.0', program.name + suffix);
}

/** The file whose time says when this program was last found up to date. MSBuild does not touch outputs that would not change. */
export function stamp(program, folder = root) {
  return join(folder, 'artifacts', 'built', program.name);
}

/** Whether a program is missing or older than any of its sources. */
export function isStale(program, folder = root) {
  if (!existsSync(executable(program, folder))) return true;
  const built = Math.max(timeOf(executable(program, folder)), timeOf(stamp(program, folder)));
  return [program.project, ...commonSources, ...(program.alsoFrom ?? [])].some((source) => newestTime(join(folder, source)) > built);
}

function newestTime(path) {
  if (!existsSync(path)) return 0;
  if (!statSync(path).isDirectory()) return timeOf(path);
  const entries = readdirSync(path).filter((name) => !generated.has(name));
  return entries.reduce((newest, name) => Math.max(newest, newestTime(join(path, name))), 0);
}

function timeOf(path) {
  return existsSync(path) ? statSync(path).mtimeMs : 0;
}
