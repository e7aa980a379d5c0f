// Reads the level of a line that the server wrote to standard error, such as "2026-01-31 12:00:00.000 INF text". Pure.

export type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error';

const levels: Record<string, Level> = {
  VRB: 'trace',
  DBG: 'debug',
  INF: 'info',
  WRN: 'warn',
  ERR: 'error',
  FTL: 'error',
};

/** A line in another form is not from the log: the runtime prints it when it crashes. */
export function parseLogLine(line: string): { level: Level; text: string } {
  const match = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} ([A-Z]{3}) (.*)$/.exec(line);
  const level = levels[match?.[1] ?? ''];
  return level === undefined ? { level: 'error', text: line } : { level, text: match?.[2] ?? '' };
}
