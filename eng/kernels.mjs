// npm run kernels: compiles the CUDA kernels to PTX, which is checked in and embedded into the engine; no CUDA toolkit is needed.
// npm run kernels -- --check: compares it with its sources instead.
// npm run kernels -- --stand-in FILE: compiles a stand-in for the CUDA driver, which runs the kernels on the host, for tests.
import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { orOneSentence } from './lib/failure.mjs';
import { compilePtx, compileStandIn, isCurrent, ptxFile } from './lib/kernels.mjs';
import { root } from './lib/projects.mjs';

const [option, output] = process.argv.slice(2);
const shown = relative(root, ptxFile);
await orOneSentence(() => {
  if (option === undefined) {
    writeFileSync(ptxFile, compilePtx());
    console.error(`${shown} is written.`);
  } else if (option === '--check' && output === undefined) {
    if (!isCurrent()) throw new Error(`${shown} is not what its sources make; run npm run kernels.`);
  } else if (option === '--stand-in' && output !== undefined) compileStandIn(output);
  else throw new Error('Usage: npm run kernels [-- --check | --stand-in FILE]');
});
