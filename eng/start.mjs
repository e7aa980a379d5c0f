// npm start: from a fresh clone to completions on the screen, and how to continue. Builds what is missing.
import { spawn, spawnSync } from 'node:child_process';
import { buildArguments, environment, markBuilt, requireSdk } from './lib/dotnet.mjs';
import { executable, programs, root } from './lib/projects.mjs';
import { cursor, samples } from './samples.mjs';

requireSdk();
await step('Restoring packages (libtorch is about 130 MB, once)', 'dotnet', ['restore', programs.server.project, '-v', 'quiet']);
await step('Building diffusion-lsp', 'dotnet', [...buildArguments(programs.server.project), '--no-restore']);
markBuilt(programs.server);

for (const sample of samples) {
  console.log(`\n${sample.language}: diffusion-lsp complete ${cursor(sample)}`);
  const { status } = spawnSync(executable(programs.server), ['complete', cursor(sample)], { cwd: root, env: environment(), stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) process.exit(status ?? 1);
}

console.log(`
The server works. Next:
  any file          npm run --silent dlsp -- complete FILE:LINE:COLUMN
  all it can do     npm run --silent dlsp -- --help
  your editor       docs/EDITORS.md; the server is
                    ${executable(programs.server)}`);

/** One preparation step: prints its name, its time, and its output only if it failed. */
async function step(title, command, args) {
  const started = performance.now();
  const seconds = () => `${Math.round((performance.now() - started) / 1000)} s`;
  process.stdout.write(`${title} …`);
  const ticking = process.stdout.isTTY ? setInterval(() => process.stdout.write(`\r${title} … ${seconds()}`), 1000) : null;
  const { exitCode, output } = await finished(spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] }));
  clearInterval(ticking);
  console.log(`${ticking ? `\r${title} …` : ''} ${exitCode === 0 ? 'done' : 'failed'} in ${seconds()}`);
  if (exitCode === 0) return;
  console.error(output.trim());
  process.exit(1);
}

function finished(child) {
  return new Promise((resolve) => {
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => { output += text; });
    child.on('error', (error) => resolve({ exitCode: 1, output: error.message }));
    child.on('close', (code) => resolve({ exitCode: code ?? 1, output }));
  });
}
