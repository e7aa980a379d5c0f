// The status bar item's text for a status. Text only; knows no editor.
import type { Nothing, ServerState, Status } from './protocol';

export interface Appearance {
  text: string;
  /** Markdown. */
  tooltip: string;
  /** For screen readers: sentences. */
  spoken: string;
  isProblem: boolean;
}

/** The status when no server is running. */
export const notRunning: Status = {
  state: 'off',
  message: 'The server is not running.',
  model: null,
  device: null,
  decoder: null,
  lastMilliseconds: null,
  lastForwards: null,
  progress: null,
  nothing: null,
};

const looks: Record<ServerState, { icon: string; word: string; spoken: string }> = {
  starting: { icon: '$(loading~spin)', word: 'starting', spoken: 'is starting' },
  loading: { icon: '$(loading~spin)', word: 'loading the model', spoken: 'is loading the model' },
  ready: { icon: '$(sparkle)', word: 'ready', spoken: 'is ready' },
  busy: { icon: '$(sparkle)', word: 'completing', spoken: 'is completing' },
  off: { icon: '$(circle-slash)', word: 'off', spoken: 'is off' },
  error: { icon: '$(warning)', word: 'error', spoken: 'has a problem' },
};

/** What in the active editor affects the status. */
export interface Place {
  /** The language's name, if completions are off for it. */
  languageOff: string | null;
  snoozedUntil: Date | null;
  /** Why the last request in this document got no suggestion. */
  nothing: Nothing | null;
}

export const anywhere: Place = { languageOff: null, snoozedUntil: null, nothing: null };

/** Reasons that apply to the whole document. */
const closed = new Set(['disabled', 'languageDisabled', 'excluded', 'fileTooLarge', 'outOfStep']);

export function appearance(status: Status, place: Place): Appearance {
  const pause = status.state === 'ready' || status.state === 'busy' ? pauseOf(place) : null;
  const word = pause ?? looks[status.state].word;
  const icon =
    pause === null ? looks[status.state].icon : place.snoozedUntil !== null ? '$(bell-slash)' : looks.off.icon;
  const name = label(status, pause !== null);
  return {
    text: `${icon} ${name}`,
    tooltip: [`**DiffusionLsp**: ${escapeMarkdown(word)}`, ...details(status, place), 'Click for the menu.'].join(
      '\n\n',
    ),
    spoken: spoken(status, pause),
    isProblem: status.state === 'error',
  };
}

function spoken(status: Status, pause: string | null): string {
  const { state, message, model, lastMilliseconds, progress } = status;
  if (pause !== null) return `DiffusionLsp is ${pause}.`;
  const sentence = `DiffusionLsp ${looks[state].spoken}`;
  if (state === 'loading' && progress !== null) return `${sentence}, ${Math.round(progress * 100)} percent done.`;
  if (state === 'error' && message !== null) return `${sentence}. ${message}`;
  const isUp = (state === 'ready' || state === 'busy') && model !== null;
  if (!isUp) return `${sentence}.`;
  const last = lastMilliseconds === null ? '' : ` The last completion took ${duration(lastMilliseconds)}.`;
  return `${sentence} with ${model}.${last}`;
}

/** Why there are no suggestions anywhere in this document; null: there may be some. */
function pauseOf({ languageOff, snoozedUntil, nothing }: Place): string | null {
  if (snoozedUntil !== null) return `snoozed until ${clock(snoozedUntil)}`;
  if (languageOff !== null) return `off for ${languageOff}`;
  return nothing !== null && closed.has(nothing.reason) ? 'off in this file' : null;
}

/** Why there is no suggestion in this document, as a sentence. */
export function reason(status: Status, { languageOff, snoozedUntil, nothing }: Place): string {
  if (status.state === 'starting' || status.state === 'loading') return 'The model is loading.';
  if (status.state === 'off' || status.state === 'error') return status.message ?? 'The server is not running.';
  if (snoozedUntil !== null) return `Completions are snoozed until ${clock(snoozedUntil)}.`;
  if (languageOff !== null) return `Completions are turned off for ${languageOff} (setting diffusionLsp.languages).`;
  return nothing?.message ?? 'The last request in this file got a suggestion, or there has been no request yet.';
}

export function clock(time: Date): string {
  return time.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
}

function label(status: Status, off: boolean): string {
  if (status.state === 'loading' && status.progress !== null) return `Diffusion ${Math.round(status.progress * 100)} %`;
  if (status.state !== 'ready' && status.state !== 'busy') return 'Diffusion';
  const name = status.model ?? 'Diffusion';
  return off || status.lastMilliseconds === null ? name : `${name} ${duration(status.lastMilliseconds)}`;
}

function details(status: Status, { nothing }: Place): string[] {
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
    ...(nothing === null ? [] : [`No suggestion here: ${escapeMarkdown(nothing.message)}`]),
    ...(table.length > 0 ? [['| | |', '|---|---|', ...table].join('\n')] : []),
  ];
}

function lastCompletion({ lastMilliseconds, lastForwards }: Status): string | null {
  if (lastMilliseconds === null) return null;
  if (lastForwards === null) return duration(lastMilliseconds);
  return `${duration(lastMilliseconds)}, ${lastForwards} model ${lastForwards === 1 ? 'pass' : 'passes'}`;
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
