// Bundles the extension into one file, dist/extension.js; with --tests each unit test into dist/test/.
import { build } from 'esbuild';
import { readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const common = {
  absWorkingDir: here,
  bundle: true,
  platform: 'node',
  target: 'node20',
  sourcemap: true,
  logLevel: 'warning',
};

if (process.argv.includes('--tests')) {
  rmSync(join(here, 'dist', 'test'), { recursive: true, force: true });
  const tests = readdirSync(join(here, 'test')).filter(name => name.endsWith('.test.ts'));
  await build({ ...common, entryPoints: tests.map(name => join('test', name)), outdir: 'dist/test', format: 'cjs' });
} else {
  await build({
    ...common,
    entryPoints: ['src/extension.ts'],
    outfile: 'dist/extension.js',
    format: 'cjs',
    external: ['vscode'],
    minify: true,
  });
}
