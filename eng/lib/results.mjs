// Reads the output of test runners: Visual Studio's trx files and node's TAP. Knows numbers and names, runs nothing.

/** No test has run yet. */
export const nothing = Object.freeze({ passed: 0, failed: 0, skipped: 0, failures: Object.freeze([]) });

/** The counts and failures of one trx file. */
export function readTrx(xml) {
  const counters = /<Counters\b[^>]*>/.exec(xml)?.[0] ?? '';
  const count = (name) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(counters)?.[1] ?? 0);
  const failures = [...xml.matchAll(/<UnitTestResult\b[^>]*>/g)]
    .filter(([tag]) => /\boutcome="(Failed|Timeout|Aborted|Error)"/.test(tag))
    .map(([tag]) => unescapeXml(/\btestName="([^"]*)"/.exec(tag)?.[1] ?? 'a test without a name'));
  const failed = Math.max(count('failed') + count('error') + count('timeout') + count('aborted'), failures.length);
  return { passed: count('passed'), failed, skipped: count('total') - count('executed'), failures };
}

/** The counts and failures of one TAP stream of node --test. */
export function readTap(text) {
  const count = (name) => Number(new RegExp(`^# ${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
  // Indented lines are tests inside tests or files; only the innermost carry a failure of their own.
  const failures = [...text.matchAll(/^( *)not ok \d+ - (.*)$/gm)]
    .filter(([, , name]) => !/ # (SKIP|TODO)\b/.test(name))
    .map(([, , name]) => name);
  return { passed: count('pass'), failed: count('fail') + count('cancelled'), skipped: count('skipped') + count('todo'), failures };
}

/** Two results as one. */
export function add(a, b) {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
    failures: [...a.failures, ...b.failures],
  };
}

/** A runner that failed without a failed test (it crashed, or did not build) counts as one failure. */
export function withExitCode(result, exitCode, what) {
  if (exitCode === 0 || result.failed > 0) return result;
  return add(result, { ...nothing, failed: 1, failures: [`${what} ended with exit code ${exitCode}`] });
}

/** The closing line. */
export function summaryLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

function unescapeXml(text) {
  const entities = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&apos;': "'", '&amp;': '&' };
  return text
    .replace(/&#x([0-9a-f]+);/gi, (_, hex) => String.fromCodePoint(Number.parseInt(hex, 16)))
    .replace(/&(lt|gt|quot|apos|amp);/g, (entity) => entities[entity]);
}
