// npm run bench -- NAME: one measurement of the trainer, for example against the embedded model.
import { become, buildIfStale } from './lib/dotnet.mjs';
import { programs } from './lib/projects.mjs';

buildIfStale(programs.trainer);
become(programs.trainer, ['bench', ...process.argv.slice(2)]);
