// Finds the .NET SDK, builds with it, and runs the result. Build output never goes to stdout, which belongs to the program.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { constants } from 'node:os';
import { configuration, executable, isStale, root, stamp } from './projects.mjs';

const leastMajor = 10;

/** Null if a suitable SDK is installed, else one sentence with the cure. */
export function missingSdk(run = (args) => spawnSync('dotnet', args, { cwd: root, encoding: 'utf8' })) {
  const cure = `install the .NET SDK ${leastMajor} from https://dotnet.microsoft.com/download and run this again.`;
  const answer = run(['--version']);
  if (answer.error) return `DiffusionLsp is built with .NET, but there is no dotnet on the PATH; ${cure}`;
  const major = Number.parseInt(answer.stdout, 10);
  if (answer.status === 0 && major >= leastMajor) return null;
  const found = answer.status === 0 ? `this is ${answer.stdout.trim()}` : 'none that fits global.json is installed';
  return `DiffusionLsp needs the .NET SDK ${leastMajor} or newer, and ${found}; ${cure}`;
}

/** Ends the process with the sentence of missingSdk, if any. */
export function requireSdk() {
  const problem = missingSdk();
  if (!problem) return;
  console.error(problem);
  process.exit(1);
}

/** The arguments that restore and build one project or the solution. */
export function buildArguments(target) {
  return ['build', target, '-c', configuration, '-v', 'quiet', '-nologo', '--tl:off', '-consoleLoggerParameters:NoSummary'];
}

/** Builds a program if it is missing or older than its sources; build output goes to stderr. */
export function buildIfStale(program) {
  if (!isStale(program)) return;
  requireSdk();
  console.error(`Building ${program.name} …`);
  const { status } = spawnSync('dotnet', buildArguments(program.project), { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) {
    console.error(`${program.name} does not build; see the errors above.`);
    process.exit(1);
  }
  markBuilt(program);
}

/** Records that a program is up to date. */
export function markBuilt(program) {
  mkdirSync(dirname(stamp(program)), { recursive: true });
  writeFileSync(stamp(program), '');
}

/** Runs a program in place of this process, with the same folder, stdin, stdout, stderr, signals and exit code. */
export function become(program, args) {
  const child = spawn(executable(program), args, { cwd: callersFolder(), stdio: 'inherit', env: environment() });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(`${program.name} could not be started (${error.message}); build it with: npm start`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
}

/** An executable finds its runtime through DOTNET_ROOT or in fixed places, but not through a dotnet elsewhere on the PATH. */
export function environment() {
  if (process.env.DOTNET_ROOT) return process.env;
  const name = process.platform === 'win32' ? 'dotnet.exe' : 'dotnet';
  const found = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name)).find(existsSync);
  if (!found) return process.env;
  const folder = dirname(realpathSync(found));
  return existsSync(join(folder, 'shared')) ? { ...process.env, DOTNET_ROOT: folder } : process.env;
}

/** npm run changes to the repository's root; relative paths on the command line refer to the caller's folder. */
export function callersFolder(env = process.env) {
  return ['dlsp', 'train', 'bench', 'gpu', 'code'].includes(env.npm_lifecycle_event) && env.INIT_CWD ? env.INIT_CWD : process.cwd();
}
