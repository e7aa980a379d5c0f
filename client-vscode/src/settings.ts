// Reads and changes the settings of this extension. Their types and defaults stand in package.json, generated from the
// server's table; nothing is repeated here.
import { ConfigurationTarget, workspace } from 'vscode';
import { isOn, switched, type LanguageSwitches } from './languageSwitches';

export const section = 'diffusionLsp';

/** A setting's value in force; null when it is of another type than it should be. */
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

/** Changes a setting of the user, wherever VS Code keeps those. */
export async function setForUser(name: string, value: unknown): Promise<void> {
  await workspace.getConfiguration(section).update(name, value, ConfigurationTarget.Global);
}

/** In the open folder, or everywhere when none is open. What says no more than what holds anyway is taken out again. */
export async function toggleHere(): Promise<void> {
  const inWorkspace = workspace.workspaceFolders !== undefined;
  const configuration = workspace.getConfiguration(section);
  const values = configuration.inspect<boolean>('enabled');
  const wanted = !settings.enabled();
  const otherwise = (inWorkspace ? values?.globalValue : undefined) ?? values?.defaultValue ?? true;
  const target = inWorkspace ? ConfigurationTarget.Workspace : ConfigurationTarget.Global;
  await configuration.update('enabled', wanted === otherwise ? undefined : wanted, target);
}

/** A language that the workspace has a row for is changed there, because that row would win. */
export async function toggleLanguage(language: string): Promise<void> {
  const configuration = workspace.getConfiguration(section);
  const values = configuration.inspect<LanguageSwitches>('languages');
  const wanted = !isOn(settings.languages(), language);
  const inWorkspace = values?.workspaceValue?.[language] !== undefined;
  const rows = inWorkspace ? values.workspaceValue : values?.globalValue;
  const target = inWorkspace ? ConfigurationTarget.Workspace : ConfigurationTarget.Global;
  await configuration.update('languages', switched(rows, language, wanted), target);
}
