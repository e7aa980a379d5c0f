// Says in a sentence why there is no suggestion at the cursor.
import { commands, window } from 'vscode';
import type { Server } from '../server';
import type { Snooze } from '../snooze';
import { placeOf } from '../statusBar';
import { reason } from '../statusText';

const settingsButton = 'Open Settings';

export async function why(server: Server, snooze: Snooze): Promise<void> {
  const sentence = reason(server.status, placeOf(server, server.status, snooze));
  const buttons = sentence.includes('(setting ') ? [settingsButton] : [];
  if ((await window.showInformationMessage(sentence, ...buttons)) === settingsButton)
    await commands.executeCommand('diffusionLsp.openSettings');
}
