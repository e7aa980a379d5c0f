// npm run bench -- NAME: "server" plays a typing session against the language server; every other name is one measurement of
// the trainer, for example against the embedded model.
import { become, buildIfStale } from './lib/dotnet.mjs';
import { programs } from './lib/projects.mjs';

const [name, ...rest] = process.argv.slice(2);
if (name === 'server') {
  buildIfStale(programs.server);
  const { benchServer } = await import('./replay/bench.mjs');
  process.exitCode = await benchServer(rest);
} else {
  buildIfStale(programs.trainer);
  become(programs.trainer, ['bench', ...process.argv.slice(2)]);
}
