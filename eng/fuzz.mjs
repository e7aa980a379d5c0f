// npm run fuzz [-- --messages N] [--seed N] [--model DIR]: sends 50,000 malformed messages to the real server among valid ones.
// The exit code is 0 if no problem was found.
import { parseArgs } from 'node:util';
import { fuzz } from './fuzz/campaign.mjs';
import { buildIfStale } from './lib/dotnet.mjs';
import { programs } from './lib/projects.mjs';

const { values } = parseArgs({ options: { messages: { type: 'string', default: '50000' }, seed: { type: 'string', default: '1' }, model: { type: 'string' } } });
buildIfStale(programs.server);
const { problems, summary } = await fuzz({ messages: Number(values.messages), seed: Number(values.seed), model: values.model ? ['--model', values.model] : [], tell: console.error });
console.log(summary);
for (const problem of problems) console.log(`PROBLEM ${problem}`);
console.log(problems.length === 0 ? 'No problems.' : `${problems.length} problems.`);
process.exitCode = problems.length === 0 ? 0 : 1;
