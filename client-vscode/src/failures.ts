// Shows a command's failure as one message with a button that opens the log.
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
