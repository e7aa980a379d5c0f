// Reads a status message from a server of any version: what is missing or of the wrong type becomes null. Pure.
import type { Nothing, ServerState, Status } from './protocol';

const states: readonly ServerState[] = ['starting', 'loading', 'ready', 'busy', 'off', 'error'];

/** Null: the state is unknown here. */
export function readStatus(message: unknown): Status | null {
  if (typeof message !== 'object' || message === null) return null;
  const fields = message as Record<string, unknown>;
  const state = states.find(name => name === fields['state']);
  if (state === undefined) return null;
  return {
    state,
    message: text(fields['message']),
    model: text(fields['model']),
    device: text(fields['device']),
    decoder: text(fields['decoder']),
    lastMilliseconds: number(fields['lastMilliseconds']),
    lastForwards: number(fields['lastForwards']),
    progress: number(fields['progress']),
    nothing: nothing(fields['nothing']),
  };
}

function nothing(value: unknown): Nothing | null {
  if (typeof value !== 'object' || value === null) return null;
  const { uri, reason, message } = value as Record<string, unknown>;
  return typeof uri === 'string' && typeof reason === 'string' && typeof message === 'string'
    ? { uri, reason, message }
    : null;
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function number(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
