// What a command could not do becomes one message with a way to the log.
import { window, type LogOutputChannel } from 'vscode';
import { failureSentence } from './failureText';

export async function attempt(action: () => unknown, log: LogOutputChannel): Promise<void> {
  try {
    await action();
  } catch (error) {
    log.error(error instanceof Error ? error : String(error));
    if ((await window.showErrorMessage(failureSentence(error), 'Open Log')) !== undefined) log.show();
  }
}
