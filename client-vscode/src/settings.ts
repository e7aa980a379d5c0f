// Reads and changes this extension's settings. Their types and defaults are in package.json, generated from the server's table;
// nothing is repeated here.
import { ConfigurationTarget, workspace } from 'vscode';
import { isOn, switched, type LanguageSwitches } from './languageSwitches';

export const section = 'diffusionLsp';

/** A setting's current value; null: it has the wrong type. */
function text(name: string): string {
  const value = workspace.getConfiguration(section).get<unknown>(name);
  return typeof value === 'string' ? value : '';
}

export const settings = {
  serverPath: () => text('serverPath'),
  trainerPath: () => text('trainerPath'),
  modelPath: () => text('modelPath'),
  libtorchPath: () => text('libtorchPath'),
  remoteUrl: () => text('remoteUrl'),
  decoder: () => text('decoder'),
  enabled: () => workspace.getConfiguration(section).get('enabled', true),
  languages: () => workspace.getConfiguration(section).get<LanguageSwitches>('languages', {}),
};

/** Changes a user setting, wherever VS Code stores those. */
export async function setForUser(name: string, value: unknown): Promise<void> {
  await workspace.getConfiguration(section).update(name, value, ConfigurationTarget.Global);
}

/** Changes a setting in the open folder, or globally if none is open. A value that equals the inherited one is removed. */
export async function toggleHere(): Promise<void> {
  const inWorkspace = workspace.workspaceFolders !== undefined;
  const configuration = workspace.getConfiguration(section);
  const values = configuration.inspect<boolean>('enabled');
  const wanted = !settings.enabled();
  const otherwise = (inWorkspace ? values?.globalValue : undefined) ?? values?.defaultValue ?? true;
  const target = inWorkspace ? ConfigurationTarget.Workspace : ConfigurationTarget.Global;
  await configuration.update('enabled', wanted === otherwise ? undefined : wanted, target);
}

/** A language with an entry in the workspace is changed there, because that entry takes precedence. */
export async function toggleLanguage(language: string): Promise<void> {
  const configuration = workspace.getConfiguration(section);
  const values = configuration.inspect<LanguageSwitches>('languages');
  const wanted = !isOn(settings.languages(), language);
  const inWorkspace = values?.workspaceValue?.[language] !== undefined;
  const rows = inWorkspace ? values.workspaceValue : values?.globalValue;
  const target = inWorkspace ? ConfigurationTarget.Workspace : ConfigurationTarget.Global;
  await configuration.update('languages', switched(rows, language, wanted), target);
}
