// Commands to choose the decoder and the model's folder: a user interface for two settings.
import { Uri, window, type ExtensionContext } from 'vscode';
import { section, setForUser, settings } from '../settings';

interface Manifest {
  contributes: { configuration: { properties: Record<string, { enum?: string[] }> }[] };
}

/** The decoders are those in the settings table. */
export async function pickDecoder(context: ExtensionContext): Promise<void> {
  const { contributes } = context.extension.packageJSON as Manifest;
  const names = contributes.configuration.flatMap(block => block.properties[`${section}.decoder`]?.enum ?? []);
  const current = settings.decoder();
  const items = names.map(name => ({ label: name, description: name === current ? 'in use' : '' }));
  const choice = await window.showQuickPick(items, { title: 'Choose a decoder' });
  if (choice !== undefined) await setForUser('decoder', choice.label);
}

export async function pickModelFolder(): Promise<void> {
  const embedded = { label: '$(package) The embedded model', path: '' };
  const other = { label: '$(folder-opened) A folder…', path: null };
  const choice = await window.showQuickPick([embedded, other], { title: 'Choose a model' });
  if (choice === undefined) return;
  if (choice.path !== null) {
    await setForUser('modelPath', choice.path);
    return;
  }
  const current = settings.modelPath();
  const [folder] =
    (await window.showOpenDialog({
      canSelectFiles: false,
      canSelectFolders: true,
      title: 'Folder with config.json, tokenizer.json and *.safetensors',
      openLabel: 'Use This Model',
      ...(current === '' ? {} : { defaultUri: Uri.file(current) }),
    })) ?? [];
  if (folder !== undefined) await setForUser('modelPath', folder.fsPath);
}
