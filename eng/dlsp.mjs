// npm run --silent dlsp -- ARGS: the server's command line, built first if necessary.
import { become, buildIfStale } from './lib/dotnet.mjs';
import { programs } from './lib/projects.mjs';

buildIfStale(programs.server);
become(programs.server, process.argv.slice(2));
