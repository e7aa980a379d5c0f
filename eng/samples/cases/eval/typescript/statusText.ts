// What the status bar item shows for a status. Text only; knows no editor.
import type { ServerState, Status } from './protocol';

export interface Appearance {
  text: string;
  /** Markdown. */
  tooltip: string;
  isProblem: boolean;
}

/** What the extension knows when no server speaks. */
export const notRunning: Status = {
  state: 'off',
  message: 'The server is not running.',
  model: null,
  device: null,
  decoder: null,
  lastMilliseconds: null,
  lastForwards: null,
  progress: null,
};

const looks: Record<ServerState, { icon: string; word: string }> = {
  starting: { icon: '$(loading~spin)', word: 'starting' },
  loading: { icon: '$(loading~spin)', word: 'loading the model' },
  ready: { icon: '$(sparkle)', word: 'ready' },
  busy: { icon: '$(sparkle)', word: 'completing' },
  off: { icon: '$(circle-slash)', word: 'off' },
  error: { icon: '$(warning)', word: 'does not work' },
};

/** @param languageOff the language of the active editor, if completions are off for it */
export function appearance(status: Status, languageOff: string | null): Appearance {
  const look = looks[status.state];
  const off = languageOff !== null && (status.state === 'ready' || status.state === 'busy');
  return {
    text: `${off ? looks.off.icon : look.icon} ${label(status, off)}`,
    tooltip: [
      `**DiffusionLsp** ${off ? `is off for ${languageOff}` : look.word}`,
      ...details(status),
      'Click for the menu.',
    ].join('\n\n'),
    isProblem: status.state === 'error',
  };
}

function label(status: Status, off: boolean): string {
  if (status.state === 'loading' && status.progress !== null) return `Diffusion ${Math.round(status.progress * 100)} %`;
  if (status.state !== 'ready' && status.state !== 'busy') return 'Diffusion';
  const name = status.model ?? 'Diffusion';
  return off || status.lastMilliseconds === null ? name : `${name} ${duration(status.lastMilliseconds)}`;
}

function details(status: Status): string[] {
  const rows: [string, string | null][] = [
    ['Model', status.model],
    ['Device', status.device],
    ['Decoder', status.decoder],
    ['Last completion', lastCompletion(status)],
  ];
  const table = rows
    .filter((row): row is [string, string] => row[1] !== null)
    .map(([name, value]) => `| ${name} | ${escapeCell(value)} |`);
  return [
    ...(status.message !== null && status.message !== '' ? [escapeMarkdown(status.message)] : []),
    ...(table.length > 0 ? [['| | |', '|---|---|', ...table].join('\n')] : []),
  ];
}

function lastCompletion({ lastMilliseconds, lastForwards }: Status): string | null {
  if (lastMilliseconds === null) return null;
  if (lastForwards === null) return duration(lastMilliseconds);
  return `${duration(lastMilliseconds)}, ${lastForwards} forward ${lastForwards === 1 ? 'pass' : 'passes'}`;
}

function duration(milliseconds: number): string {
  return milliseconds < 1_000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1_000).toFixed(1)} s`;
}

function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+!<>|~-]/g, '\\$&');
}

function escapeCell(text: string): string {
  return escapeMarkdown(text.replace(/\s+/g, ' '));
}
