// The status bar item, and one message for each new problem. Shows what it receives; decides nothing.
import {
  commands,
  MarkdownString,
  StatusBarAlignment,
  ThemeColor,
  window,
  workspace,
  type ExtensionContext,
} from 'vscode';
import { languageName } from './languageName';
import { isOn } from './languageSwitches';
import type { Status } from './protocol';
import type { Server } from './server';
import type { Snooze } from './snooze';
import { section, settings } from './settings';
import { appearance, type Place } from './statusText';

const cures = [
  { title: 'Check the Status', command: 'diffusionLsp.doctor' },
  { title: 'Open Settings', command: 'diffusionLsp.openSettings' },
  { title: 'Open Log', command: 'diffusionLsp.openLog' },
];

export function showStatus(context: ExtensionContext, server: Server, snooze: Snooze): void {
  const item = window.createStatusBarItem('diffusionLsp.status', StatusBarAlignment.Right, 100);
  item.name = 'DiffusionLsp';
  item.command = 'diffusionLsp.menu';
  const problems = new Problems();

  const update = (status: Status): void => {
    const look = appearance(status, placeOf(server, status, snooze));
    item.text = look.text;
    item.tooltip = new MarkdownString(look.tooltip, true);
    item.accessibilityInformation = { label: look.spoken };
    if (look.isProblem) item.backgroundColor = new ThemeColor('statusBarItem.warningBackground');
    else item.backgroundColor = undefined;
    item.show();
    if (status.state === 'ready') problems.end();
    if (status.state === 'error' && status.message !== null) void problems.tell(status.message);
  };
  const again = (): void => {
    update(server.status);
  };
  context.subscriptions.push(
    item,
    server.onStatus(update),
    snooze.onChange(again),
    window.onDidChangeActiveTextEditor(again),
    workspace.onDidChangeConfiguration(event => {
      if (event.affectsConfiguration(section)) again();
    }),
  );
  again();
}

/** What in the active editor affects the status. */
export function placeOf(server: Server, status: Status, snooze: Snooze): Place {
  const document = window.activeTextEditor?.document;
  const language = document?.languageId;
  return {
    languageOff: language !== undefined && !isOn(settings.languages(), language) ? languageName(language) : null,
    snoozedUntil: snooze.until,
    nothing: document !== undefined && status.nothing?.uri === server.uri(document) ? status.nothing : null,
  };
}

/** The same problem twice in a row is reported once. */
class Problems {
  private readonly told = new Set<string>();
  private shown = 0;

  async tell(problem: string): Promise<void> {
    if (this.told.has(problem)) return;
    this.hide();
    this.told.add(problem);
    this.shown++;
    const choice = await window.showErrorMessage(problem, ...cures);
    this.shown--;
    if (choice !== undefined) await commands.executeCommand(choice.command);
  }

  end(): void {
    this.told.clear();
    this.hide();
  }

  /** Moves visible messages to the notification centre, which is all that an extension can do. */
  private hide(): void {
    if (this.shown > 0) void commands.executeCommand('notifications.hideToasts');
  }
}
