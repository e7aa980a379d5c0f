// npm run bench -- NAME: "server" plays a typing session against the language server; every other name is one measurement of
// the trainer, for example against the embedded model.
import { become, buildIfStale } from './lib/dotnet.mjs';
import { orOneSentence } from './lib/failure.mjs';
import { requirePackages } from './lib/packages.mjs';
import { programs } from './lib/projects.mjs';

const [name, ...rest] = process.argv.slice(2);
if (name === 'server') {
  requirePackages();
  buildIfStale(programs.server);
  const { benchServer } = await import('./replay/bench.mjs');
  process.exitCode = await orOneSentence(() => benchServer(rest));
} else {
  buildIfStale(programs.trainer);
  become(programs.trainer, ['bench', ...process.argv.slice(2)]);
}
