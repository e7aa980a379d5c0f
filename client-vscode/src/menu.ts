// The menu of the status bar item. Its rows are commands, which are implemented elsewhere.
import { commands, QuickPickItemKind, window, workspace, type QuickPickItem } from 'vscode';
import { languageName } from './languageName';
import { isOn } from './languageSwitches';
import type { Server } from './server';
import { settings } from './settings';
import type { Snooze } from './snooze';
import { placeOf } from './statusBar';
import { clock } from './statusText';

type Row = QuickPickItem & { command?: string };

export async function showMenu(server: Server, snooze: Snooze): Promise<void> {
  const row = await window.showQuickPick(rows(server, snooze), {
    title: 'DiffusionLsp',
    placeHolder: 'Choose an action',
  });
  if (row?.command !== undefined) await commands.executeCommand(row.command);
}

function rows(server: Server, snooze: Snooze): Row[] {
  const place = placeOf(server, server.status, snooze);
  return [
    ...(place.nothing === null
      ? []
      : [{ ...entry('$(question) Why nothing here?', 'why'), detail: place.nothing.message }]),
    entry('$(sparkle) Complete here', 'trigger'),
    entry('$(wand) Refill selection', 'refillSelection'),
    entry('$(list-tree) Show decoding trace', 'showTrace'),
    separator('Turn on and off'),
    snooze.until === null
      ? entry('$(bell-slash) Snooze…', 'snooze')
      : entry('$(bell) Resume', 'snooze', `snoozed until ${clock(snooze.until)}`),
    entry(
      `${settings.enabled() ? '$(circle-slash) Turn off' : '$(check) Turn on'}${workspace.workspaceFolders === undefined ? '' : ' in this workspace'}`,
      'toggle',
    ),
    ...languageRow(),
    separator('Model'),
    ...remoteRow(server),
    entry('$(symbol-enum) Choose a decoder', 'pickDecoder', settings.decoder()),
    entry(
      '$(folder) Choose a model',
      'pickModelFolder',
      settings.modelPath() === '' ? 'embedded model' : settings.modelPath(),
    ),
    entry('$(beaker) Train filter for this model', 'trainFilter'),
    separator('Server'),
    entry('$(pulse) Check the status', 'doctor'),
    entry('$(output) Open log', 'openLog'),
    entry('$(debug-restart) Restart server', 'restart'),
    entry('$(gear) Settings', 'openSettings'),
  ];
}

/** The remote engine that answers instead of a local model, and its state. */
function remoteRow(server: Server): Row[] {
  if (settings.remoteUrl() === '') return [];
  const row = entry('$(remote) Remote engine', 'openRemoteSettings', settings.remoteUrl());
  return [server.status.message === null ? row : { ...row, detail: server.status.message }];
}

function languageRow(): Row[] {
  const language = window.activeTextEditor?.document.languageId;
  if (language === undefined) return [];
  const action = isOn(settings.languages(), language) ? '$(circle-slash) Turn off' : '$(check) Turn on';
  return [entry(`${action} for ${languageName(language)}`, 'toggleLanguage')];
}

function entry(label: string, command: string, description?: string): Row {
  return { label, command: `diffusionLsp.${command}`, ...(description === undefined ? {} : { description }) };
}

function separator(label: string): Row {
  return { label, kind: QuickPickItemKind.Separator };
}
