// npm run --silent train -- ARGS: the trainer's command line, built first if necessary.
import { become, buildIfStale } from './lib/dotnet.mjs';
import { programs } from './lib/projects.mjs';

buildIfStale(programs.trainer);
become(programs.trainer, process.argv.slice(2));
