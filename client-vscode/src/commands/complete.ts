// Asks for a suggestion at the cursor, as by hand.
import { commands, window, workspace } from 'vscode';
import type { Server } from '../server';

/**
 * VS Code is told that it asks by itself, because of a place that was asked by hand it never asks again: the keys for the
 * next and the previous suggestion then fetch others, for which the first one need not wait. The server is told the truth.
 */
export async function completeHere(server: Server): Promise<void> {
  const scope = window.activeTextEditor?.document;
  const asksByItself = workspace.getConfiguration('editor', scope).get<boolean>('inlineSuggest.enabled', true);
  const options = asksByItself ? [{ explicit: false }] : [];
  await server.byHand(() => commands.executeCommand('editor.action.inlineSuggest.trigger', ...options));
}
