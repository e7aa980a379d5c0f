// Figures and a table from a replay's observations. Pure.

/** The quantile of a list (nearest rank); NaN of an empty one. */
export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length === 0 ? NaN : sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))];
}

/** Count, p50, p95 and p99 of a list of milliseconds. */
export function spread(values) {
  return { count: values.length, p50: percentile(values, 0.5), p95: percentile(values, 0.95), p99: percentile(values, 0.99) };
}

/** Whether a suggestion repeats the text right of the cursor: the rest of its line, or the next line that is not blank. */
export function repeatsRight(before, offered, after) {
  const lineEnd = after.indexOf('\n');
  const rest = (lineEnd < 0 ? after : after.slice(0, lineEnd)).trim();
  if (rest !== '' && offered.trimEnd().endsWith(rest)) return true;
  const next = lineEnd < 0 ? undefined : after.slice(lineEnd + 1).split('\n').find((line) => line.trim() !== '');
  if (next === undefined) return false;
  const written = (before.slice(before.lastIndexOf('\n') + 1) + offered).split('\n').filter((line) => line.trim() !== '');
  return written.length > 0 && offered.trim() !== '' && written.at(-1).trimEnd() === next.trimEnd();
}

/** The report of a whole replay as plain text. */
export function table(result) {
  const ms = (value) => (Number.isNaN(value) ? '-' : value.toFixed(1)).padStart(9);
  const row = (name, s) => `${name.padEnd(26)}${String(s.count).padStart(7)}${ms(s.p50)}${ms(s.p95)}${ms(s.p99)}${(s.p50 / result.cold.p50).toFixed(3).padStart(12)}`;
  const goal = (met) => (met ? 'reached' : 'MISSED');
  const remembered = [...['typeThrough', 'cache', 'speculation'].flatMap((path) => result.totals[path] ?? [])];
  const rememberedP99 = percentile(remembered, 0.99);
  return [
    `${result.keystrokes} keystrokes in ${result.files.join(', ')}; seed ${result.seed}; ${result.model}, ${result.cores} cores; ${result.seconds.toFixed(0)} s`,
    '',
    'milliseconds                 count      p50      p95      p99   p50 / cold',
    row('keystroke to offer', result.offers),
    row('keystroke to any answer', result.answers),
    ...Object.entries(result.paths).map(([path, s]) => row(`  ${path}`, s)),
    row('cold (first in a file)', result.cold),
    row('server without model', result.overhead),
    row('  as the client sees it', result.overheadSeen),
    row('  any process would wait', result.control),
    '',
    `keystrokes saved             ${(100 * result.saved).toFixed(1)} % (${result.accepted} suggestions accepted, ${result.acceptedCharacters} characters)`,
    `offered, accepted of those   ${result.shown} shown, ${result.shown === 0 ? '-' : ((100 * result.accepted) / result.shown).toFixed(1)} %`,
    `repeat text after the cursor ${result.repeats}   ${goal(result.repeats === 0)} (0)`,
    `cancel to idle, in forwards  p50 ${result.cancelled.forwards.p50.toFixed(2)}, p95 ${result.cancelled.forwards.p95.toFixed(2)} of ${result.cancelled.forwards.count}, one takes ${result.cancelled.forward.toFixed(1)} ms   ${goal(result.cancelled.forwards.p95 < 1)} (below 1)`,
    `  as the client sees it      p50 ${result.cancelled.seen.p50.toFixed(1)} ms, p95 ${result.cancelled.seen.p95.toFixed(1)} ms`,
    `server without model p99     ${result.overhead.p99.toFixed(2)} ms   ${goal(result.overhead.p99 < 5)} (below 5)`,
    `type-through or cached p99   ${rememberedP99.toFixed(2)} ms   ${goal(!(rememberedP99 >= 10))} (below 10)`,
    `keystroke to offer           ${goal(result.offers.p50 < 200 && result.offers.p95 < 500)} (p50 below 200, p95 below 500)`,
    `why nothing was offered      ${Object.entries(result.reasons).sort((a, b) => b[1] - a[1]).map(([name, count]) => `${name} ${count}`).join(', ')}`,
    '',
  ].join('\n');
}
