import assert from 'node:assert/strict';
import { test } from 'node:test';
import { add, nothing, readTap, readTrx, summaryLine, withExitCode } from './results.mjs';

const trx = `<TestRun><Results>
  <UnitTestResult executionId="1" testName="A.Passes" outcome="Passed" />
  <UnitTestResult executionId="2" testName="A.Fails(text: &quot;a &lt; b&quot;)" computerName="x" outcome="Failed"><Output>outcome="Failed"</Output></UnitTestResult>
  <UnitTestResult executionId="3" testName="A.Skips" outcome="NotExecuted" />
</Results><ResultSummary outcome="Failed"><Counters total="3" executed="2" passed="1" failed="1" error="0" timeout="0" aborted="0" notExecuted="0" /></ResultSummary></TestRun>`;

test('a trx file gives counts and the names of failures', () => {
  assert.deepEqual(readTrx(trx), { passed: 1, failed: 1, skipped: 1, failures: ['A.Fails(text: "a < b")'] });
});

test('a trx file that was cut off counts the failures that it names', () => {
  const cut = trx.slice(0, trx.indexOf('</Results>'));
  assert.deepEqual(readTrx(cut), { passed: 0, failed: 1, skipped: 0, failures: ['A.Fails(text: "a < b")'] });
});

test('a TAP stream gives counts and the names of failures', () => {
  const tap = `TAP version 13
# Subtest: works
ok 1 - works
not ok 2 - breaks
not ok 3 - later # TODO
ok 4 - elsewhere # SKIP
1..4
# tests 4
# suites 0
# pass 1
# fail 1
# cancelled 0
# skipped 1
# todo 1
`;
  assert.deepEqual(readTap(tap), { passed: 1, failed: 1, skipped: 2, failures: ['breaks'] });
});

test('results add up', () => {
  const one = { passed: 1, failed: 2, skipped: 3, failures: ['a'] };
  assert.deepEqual(add(one, { passed: 10, failed: 20, skipped: 30, failures: ['b'] }), { passed: 11, failed: 22, skipped: 33, failures: ['a', 'b'] });
  assert.deepEqual(add(nothing, one), one);
});

test('a runner that dies without a failed test is a failure', () => {
  assert.equal(withExitCode({ ...nothing, passed: 5 }, 134, 'dotnet test').failed, 1);
  assert.equal(withExitCode({ ...nothing, failed: 2 }, 1, 'dotnet test').failed, 2);
  assert.equal(withExitCode({ ...nothing, passed: 5 }, 0, 'dotnet test').failed, 0);
});

test('the closing line names skipped tests only if there are some', () => {
  assert.equal(summaryLine({ passed: 7, failed: 0, skipped: 0 }), '7 passed, 0 failed');
  assert.equal(summaryLine({ passed: 7, failed: 1, skipped: 2 }), '7 passed, 1 failed, 2 skipped');
});
