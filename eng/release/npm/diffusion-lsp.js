#!/usr/bin/env node
// Runs the server that npm brought for this platform: same streams, same signals, same exit code.
'use strict';
const { spawn } = require('node:child_process');
const { constants } = require('node:os');
const { dirname, join } = require('node:path');

const platform = `${process.platform}-${process.arch}`;
const program = find();
const server = spawn(program, process.argv.slice(2), { stdio: 'inherit', windowsHide: true });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => server.kill(signal));
server.on('error', error => refuse(`${program} does not start (${error.message}); install the package diffusion-lsp again.`));
server.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));

function find() {
  try {
    return join(dirname(require.resolve(`@diffusion-lsp/${platform}/package.json`)), 'server', process.platform === 'win32' ? 'diffusion-lsp.exe' : 'diffusion-lsp');
  } catch {
    const known = Object.keys(require('../package.json').optionalDependencies).map(name => name.split('/')[1]);
    return refuse(known.includes(platform)
      ? `The package @diffusion-lsp/${platform} is missing; install diffusion-lsp again, with optional dependencies (npm install --include=optional).`
      : `There is no build for ${platform}; there is one for ${known.join(', ')}. The .NET tool runs wherever .NET does: dotnet tool install --global diffusion-lsp`);
  }
}

function refuse(sentence) {
  console.error(sentence);
  process.exit(1);
}
