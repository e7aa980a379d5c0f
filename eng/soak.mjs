// npm run soak [-- --quick | --seconds N] [--seed N] [--model DIR]: half an hour of random editing against the real server; two
// minutes with --quick. The exit code is 0 if no problem was found.
import { parseArgs } from 'node:util';
import { buildIfStale } from './lib/dotnet.mjs';
import { requirePackages } from './lib/packages.mjs';
import { programs } from './lib/projects.mjs';

const { values } = parseArgs({ options: { quick: { type: 'boolean' }, seconds: { type: 'string' }, seed: { type: 'string', default: '1' }, model: { type: 'string' } } });
const seconds = values.seconds ? Number(values.seconds) : values.quick ? 120 : 1800;
requirePackages();
buildIfStale(programs.server);
const { soak } = await import('./replay/soak.mjs');
try {
  const { problems, memory, summary } = await soak({ seconds, seed: Number(values.seed), model: values.model ? ['--model', values.model] : [], tell: console.error });
  console.log(summary);
  console.log(memory ? `memory after warm-up: ${memory.from.toFixed(0)} to ${memory.to.toFixed(0)} MB` : 'memory was not measured: this system has no /proc');
  for (const problem of problems) console.log(`PROBLEM ${problem}`);
  console.log(problems.length === 0 ? 'No problems.' : `${problems.length} problems.`);
  process.exitCode = problems.length === 0 ? 0 : 1;
} catch (error) {
  console.log(`PROBLEM ${error.message}`);
  process.exitCode = 1;
}
