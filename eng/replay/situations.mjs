// npm run bench -- situations: requests a suggestion in each small document of tests/situations, accepts it, and counts by kind how
// many are right, harmless and wrong.
import { writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { readSituations } from '../../tests/situations/catalogue.mjs';
import { accepted, faults, judgeAll } from '../../tests/situations/judge.mjs';
import { play } from '../../tests/situations/play.mjs';

const usage = 'npm run bench -- situations [--suggestions all|eager|balanced|quiet (repeatable)] [--part first|second] [--show] [--model DIR] [--json FILE]';

/** Runs the benchmark. Returns the exit code. */
export async function benchSituations(args) {
  const options = parse(args);
  if (!options) return 2;
  const started = performance.now();
  const situations = readSituations().filter(({ part }) => !options.part || part === options.part);
  const rows = {};
  for (const suggestions of options.suggestions) {
    process.stderr.write(`${suggestions}: ${situations.length} situations …\n`);
    const played = await play(situations, { suggestions }, options.model ? ['--model', options.model] : undefined);
    const verdicts = await judgeAll(played);
    rows[suggestions] = count(verdicts);
    if (options.show) played.forEach((p, i) => process.stdout.write(picture(suggestions, p, verdicts[i])));
  }
  process.stdout.write(situationTable(rows, situations.length, (performance.now() - started) / 1000));
  if (options.json) writeFileSync(options.json, `${JSON.stringify(rows, null, 2)}\n`);
  return 0;
}

function parse(args) {
  try {
    const { values } = parseArgs({ args, options: { suggestions: { type: 'string', multiple: true, default: ['balanced', 'all'] }, part: { type: 'string' }, show: { type: 'boolean' }, model: { type: 'string' }, json: { type: 'string' } } });
    if (values.part && !['first', 'second'].includes(values.part)) throw new Error(`'${values.part}' is neither first nor second`);
    const unknown = values.suggestions.find((value) => !['all', 'eager', 'balanced', 'quiet'].includes(value));
    if (unknown) throw new Error(`'${unknown}' is not a value of the setting suggestions`);
    return values;
  } catch (error) {
    console.error(`${error.message}. Usage: ${usage}`);
    return null;
  }
}

/** How often each verdict and each fault occurred, including combinations. */
export function count(verdicts) {
  const kinds = Object.fromEntries(['right', 'harmless', 'wrong', 'nothing'].map((kind) => [kind, verdicts.filter((v) => v.kind === kind).length]));
  return { ...kinds, shown: verdicts.length - kinds.nothing, faults: Object.fromEntries(faults.map((fault) => [fault, verdicts.filter((v) => v.faults.includes(fault)).length])) };
}

/** The counts as Markdown. */
export function situationTable(rows, situations, seconds) {
  const percent = (part, whole) => (whole === 0 ? '-' : ((100 * part) / whole).toFixed(1));
  const columns = Object.entries(rows);
  const line = (name, value) => `| ${name} | ${columns.map(([, row]) => value(row)).join(' | ')} |`;
  return [
    `${situations} situations, ${seconds.toFixed(0)} s`,
    '',
    `| suggestions | ${columns.map(([name]) => name).join(' | ')} |`,
    `| --- |${' ---: |'.repeat(columns.length)}`,
    ...['shown', 'right', 'harmless', 'wrong', 'nothing'].map((kind) => line(kind, (row) => row[kind])),
    ...faults.map((fault) => line(`wrong: ${fault}`, (row) => row.faults[fault])),
    line('wrong of shown, %', (row) => percent(row.wrong, row.shown)),
    line('adds a parse error, % of shown', (row) => percent(row.faults['parse error'], row.shown)),
    '',
  ].join('\n');
}

/** The lines that a suggestion produces, with the suggestion between markers. */
function picture(suggestions, p, { kind, faults: found }) {
  const head = `${suggestions} ${p.situation.name}: ${kind}${found.length > 0 ? ` (${found.join(', ')})` : ''}\n`;
  if (p.inserted === '') return head;
  const { text, offset } = p.situation;
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const after = accepted(p).slice(offset + p.inserted.length).split('\n')[0];
  return `${head}    ${`${text.slice(start, offset)}├${p.inserted}┤${after}`.replaceAll('\n', '\n    ')}\n`;
}
