// What `npm run gpu -- pack` makes, unpacked elsewhere and run on a CPU with tiny settings: the session that a machine with a GPU is asked.
//
// DIFFUSION_LSP_GPU_PACK   a folder with gpu.tar.xz; default: it is made anew
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { environment } from '../../eng/lib/dotnet.mjs';
import { removeFolder } from '../../eng/lib/folders.mjs';
import { executable, programs, root } from '../../eng/lib/projects.mjs';
import { ofSession } from '../../eng/lib/resultsDocument.mjs';

const isHere = process.platform === 'linux' && process.arch === 'x64';
const hasXz = process.env.CI === 'true' || spawnSync('xz', ['--version']).status === 0;
const options = { timeout: 900_000, skip: isHere ? (hasXz ? false : 'there is no xz here; install xz-utils') : 'the pack is for Linux on x64' };
if (isHere && !hasXz) console.error(`SKIPPED: tests/release/gpu.test.js: ${options.skip}`);
const libtorch = join(executable(programs.trainer), '..', 'runtimes', 'linux-x64', 'native');

let folder, archive;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'dlsp-gpu-'));
  if (options.skip) return;
  const made = process.env.DIFFUSION_LSP_GPU_PACK ?? folder;
  archive = join(made, 'gpu.tar.xz');
  if (!process.env.DIFFUSION_LSP_GPU_PACK) run(process.execPath, [join(root, 'eng', 'gpu.mjs'), 'pack', made]);
  run('tar', ['-xJf', archive, '-C', folder]);
});
after(() => removeFolder(folder));

test('the pack can be sent', options, () => {
  assert.ok(statSync(archive).size < 64 * 2 ** 20, `${statSync(archive).size} bytes`);
  for (const name of ['run.sh', 'trainer/diffusion-lsp-train', 'server/diffusion-lsp', 'models/nano/model.safetensors', 'models/nano-ar/model.safetensors', 'models/nano/filters/position.json'])
    assert.ok(existsSync(join(folder, 'gpu', name)), name);
  assert.ok(!existsSync(join(folder, 'gpu', 'trainer', 'libtorch_cpu.so')));
});

test('it runs every part with the libtorch that the environment names, and its record makes a document', options, () => {
  assert.ok(existsSync(libtorch), `${libtorch} is not there; build the trainer`);
  const output = join(folder, 'output');
  const printed = run('sh', [join(folder, 'gpu', 'run.sh'), output, '--device', 'cpu', '--quick'], { env: { ...environment(), DIFFUSION_LSP_LIBTORCH: libtorch, OMP_NUM_THREADS: '1' } });
  const lines = printed.trimEnd().split('\n');
  assert.deepEqual(lines.map(line => line.split(' ')[0]), ['doctor', 'scores', 'forward', 'step', 'batch', 'decoding', 'train']);
  assert.match(lines.join('\n'), /scores .* small on cpu: largest error 0\.0\d+[^]*batch .* 0 texts differ[^]*decoding .* × vanilla[^]*train .* clean tokens\/s at 256 per step, 20 steps/);
  const { of, commit, day, machine, output: body } = ofSession(readFileSync(join(output, 'session.jsonl'), 'utf8'));
  assert.match(of, /^nano, weights `[0-9a-f]{12}…` and random weights/);
  assert.match(`${commit} ${day} ${machine}`, /^[0-9a-f]{10} 20\d\d-\d\d-\d\d .*libtorch: (?!none)/);
  assert.match(body, /## forward\n[^]*\| small \| 5\.0 M \|/);
  assert.doesNotMatch(body, new RegExp(folder));
});

function run(command, args, more = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: root, encoding: 'utf8', ...more });
  assert.equal(status, 0, `${command} ${args.join(' ')}: ${error?.message ?? `${stdout}${stderr}`}`);
  return stdout;
}
