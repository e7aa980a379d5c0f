// npm run bench -- NAME: "server" plays a typing session against the language server in real time, "suggestions" counts what is shown at
// each value of that setting, "situations" judges suggestions in many small documents, "workspace" types in a large workspace, "serve" sends
// requests to `serve` from many clients at once or, with --storm, from clients that come and go, "remote" types with a remote engine, "start"
// starts the server repeatedly, "peer" runs nano in llama.cpp and here, alternating; every other
// name is a measurement of the trainer, for example on the embedded model.
import { become, buildIfStale } from './lib/dotnet.mjs';
import { orOneSentence } from './lib/failure.mjs';
import { requirePackages } from './lib/packages.mjs';
import { programs } from './lib/projects.mjs';

const [name, ...rest] = process.argv.slice(2);
const replays = {
  server: async () => (await import('./replay/bench.mjs')).benchServer,
  suggestions: async () => (await import('./replay/suggestions.mjs')).benchSuggestions,
  situations: async () => (await import('./replay/situations.mjs')).benchSituations,
  serve: async () => (await import('./replay/serve.mjs')).benchServe,
  remote: async () => (await import('./replay/remote.mjs')).benchRemote,
  peer: async () => (await import('./replay/peer.mjs')).benchPeer,
  start: async () => (await import('./replay/start.mjs')).benchStart,
  workspace: async () => (await import('./replay/workspace.mjs')).benchWorkspace,
};
if (Object.hasOwn(replays, name ?? '')) {
  requirePackages();
  buildIfStale(programs.server);
  if (name === 'situations') buildIfStale(programs.csharpErrors);
  const run = await replays[name]();
  process.exitCode = await orOneSentence(() => run(rest));
} else {
  buildIfStale(programs.trainer);
  become(programs.trainer, ['bench', ...process.argv.slice(2)]);
}
