import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { machineWords, otherCores, ownSeconds, watchOtherWork } from './otherWork.mjs';

const options = { skip: process.platform === 'linux' ? false : 'only Linux says what others took' };
const work = 'while (process.cpuUsage().user < 400_000); console.log(process.cpuUsage().user / 1e6);';

test('what a child took is its parent\'s own work', options, () => {
  const before = ownSeconds();
  const took = Number(spawnSync(process.execPath, ['-e', work], { encoding: 'utf8' }).stdout);
  assert.ok(took >= 0.4, `${took} s`);
  assert.ok(ownSeconds() - before >= took - 0.02, `${ownSeconds() - before} s of ${took}`);
});

test('the rest is of others, in cores', () => {
  assert.equal(otherCores({ all: 100, own: 10, wall: 5 }, { all: 118, own: 20, wall: 15 }), 0.8);
  assert.equal(otherCores({ all: 100, own: 10, wall: 5 }, { all: 110, own: 20.01, wall: 15 }), 0);
});

test('no more than all cores are of others', options, () => {
  const others = watchOtherWork();
  spawnSync(process.execPath, ['-e', work]);
  assert.ok(others() >= 0 && others() < 1024, String(others()));
});

test('a busy machine is told from an idle one', () => {
  assert.equal(machineWords(0.1, 'a processor', 2), 'a processor, 2 cores, of which other work took 0.1');
  assert.equal(machineWords(0.9, 'a processor', 2), 'a processor, 2 cores, of which other work took 0.9: busy machine, ratios only');
  assert.equal(machineWords(0.9, 'a processor', 16), 'a processor, 16 cores, of which other work took 0.9');
  assert.equal(machineWords(null, 'a processor', 2), 'a processor, 2 cores');
});
