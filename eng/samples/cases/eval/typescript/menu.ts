// The menu behind the status bar item. Its rows are commands; what they do stands elsewhere.
import { commands, QuickPickItemKind, window, type QuickPickItem } from 'vscode';
import { isOn } from './languageSwitches';
import { settings } from './settings';

type Row = QuickPickItem & { command?: string };

export async function showMenu(): Promise<void> {
  const row = await window.showQuickPick(rows(), { title: 'DiffusionLsp', placeHolder: 'What should happen?' });
  if (row?.command !== undefined) await commands.executeCommand(row.command);
}

function rows(): Row[] {
  const language = window.activeTextEditor?.document.languageId;
  const languageRow =
    language === undefined
      ? []
      : [
          entry(
            `${isOn(settings.languages(), language) ? '$(circle-slash) Turn off' : '$(check) Turn on'} for ${language}`,
            'toggleLanguage',
          ),
        ];
  return [
    entry(settings.enabled() ? '$(circle-slash) Turn off here' : '$(check) Turn on here', 'toggle'),
    ...languageRow,
    entry('$(wand) Refill the selection', 'refillSelection'),
    entry('$(list-tree) Show the decoding trace here', 'showTrace'),
    separator('Model'),
    entry('$(symbol-enum) Choose the decoder', 'pickDecoder', settings.decoder()),
    entry(
      '$(folder) Choose a model folder',
      'pickModelFolder',
      settings.modelPath() === '' ? 'embedded model' : settings.modelPath(),
    ),
    entry('$(beaker) Train the filter for this model', 'trainFilter'),
    separator('Server'),
    entry('$(pulse) Check this installation', 'doctor'),
    entry('$(output) Open the log', 'openLog'),
    entry('$(debug-restart) Restart the server', 'restart'),
    entry('$(gear) Settings', 'openSettings'),
  ];
}

function entry(label: string, command: string, description?: string): Row {
  return { label, command: `diffusionLsp.${command}`, ...(description === undefined ? {} : { description }) };
}

function separator(label: string): Row {
  return { label, kind: QuickPickItemKind.Separator };
}
