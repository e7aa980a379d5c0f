// A measured result as a document: a generated head, a generated body, and whatever somebody wrote around them. Pure.

const marks = {
  head: ['<!-- head: npm run results -->', '<!-- end of the head -->'],
  body: ['<!-- measured -->', '<!-- end of what was measured -->'],
};

/** The document with this measurement in it. Throws where there is one without marks: nothing that was written by hand is lost. */
export function filled(old, title, measured) {
  const missing = old === null ? [] : Object.values(marks).flat().filter((mark) => !old.includes(mark));
  if (missing.length > 0) throw new Error(`the document has no ${missing.join(', ')}; put the marks around what is to be replaced`);
  const document = old ?? `# ${title}\n\n${marks.head.join('\n')}\n\n${marks.body.join('\n')}\n`;
  return between(between(document, marks.head, head(measured)), marks.body, measured.markdown ? measured.output.trim() : body(measured.output));
}

function between(document, [from, to], text) {
  const start = document.indexOf(from) + from.length;
  return `${document.slice(0, start)}\n${text}\n${document.slice(document.indexOf(to))}`;
}

function head({ command, of, commit, day, machine }) {
  return `\`${command}\`: ${of}, commit \`${commit}\`, ${day}; ${machine}.`;
}

/** What was measured, where it is the embedded model. */
export function embedded(weights) {
  return `nano, weights \`${weights.slice(0, 12)}…\``;
}

/** A session on a GPU machine (session.jsonl of `npm run gpu -- run`) as a measurement. The doctor's part, which names folders, is left at its line. */
export function ofSession(lines) {
  const [first, ...parts] = lines.trimEnd().split('\n').map((line) => JSON.parse(line));
  const part = ({ part: name, ok, seconds, line, text }) =>
    [`## ${name}`, `${ok ? '' : 'FAILED: '}${line} (${seconds.toFixed(0)} s)`, ...(ok && name !== 'doctor' && text.trim() !== '' ? [text.trim()] : [])].join('\n\n');
  return { command: first.command, of: `${embedded(first.weights)} and random weights in the shapes named below`, commit: first.commit, day: first.day, machine: first.machine, output: parts.map(part).join('\n\n') };
}

/** Tables and headings stay what they are; everything else is shown as it was printed. */
function body(output) {
  const lines = output.replaceAll('\r\n', '\n').trimEnd().split('\n');
  const parts = [];
  for (const line of lines) {
    const table = line.startsWith('|') || /^#+ /.test(line);
    if (parts.length === 0 || parts.at(-1).table !== table) parts.push({ table, lines: [] });
    parts.at(-1).lines.push(line);
  }
  return parts
    .filter(({ lines: own }) => own.some((line) => line.trim() !== ''))
    .map(({ table, lines: own }) => (table ? own.join('\n') : `\`\`\`\n${own.join('\n').replace(/^\n+|\n+$/g, '')}\n\`\`\``))
    .join('\n\n');
}
