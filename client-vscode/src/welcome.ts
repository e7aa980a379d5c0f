// Opens the walkthrough once after installation. VS Code does so itself, but not after every kind of installation: not from a file
// into a remote window, for example.
import { commands, workspace, type ExtensionContext } from 'vscode';

const welcomed = 'welcomed';

export async function welcome(context: ExtensionContext): Promise<void> {
  if (context.globalState.get<boolean>(welcomed, false)) return;
  await context.globalState.update(welcomed, true);
  const wanted = workspace.getConfiguration('workbench.welcomePage.walkthroughs').get<boolean>('openOnInstall', true);
  if (wanted) await commands.executeCommand('workbench.action.openWalkthrough', `${context.extension.id}#start`, false);
}
