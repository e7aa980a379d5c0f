// Registers everything at start-up; the table of commands.
import { commands, window, workspace, type ExtensionContext } from 'vscode';
import { Doctor } from './commands/doctor';
import { pickDecoder, pickModelFolder } from './commands/model';
import { refill, refillSelection } from './commands/refill';
import { showTrace } from './commands/trace';
import { trainFilter } from './commands/trainFilter';
import { why } from './commands/why';
import { attempt } from './failures';
import { InlineRequests } from './inlineRequests';
import { showMenu } from './menu';
import { RefillPreview } from './refillPreview';
import { createLog, Server } from './server';
import { toggleHere, toggleLanguage } from './settings';
import { Snooze } from './snooze';
import { showStatus } from './statusBar';
import { welcome } from './welcome';

let server: Server | undefined;

/** Does not wait for the server: VS Code continues while it starts. */
export function activate(context: ExtensionContext): void {
  const log = createLog();
  const snooze = new Snooze();
  const preview = new RefillPreview();
  const inline = new InlineRequests(() => snooze.until !== null);
  const running: Server = (server = new Server(context, log, {
    inline,
    refill: (uri, range) => attempt(() => refill(running, preview, uri, range), log),
  }));
  const doctor = new Doctor();
  const table: Record<string, () => unknown> = {
    menu: () => showMenu(running, snooze),
    why: () => why(running, snooze),
    snooze: () => snooze.toggle(),
    trigger: () => inline.complete(),
    another: () => inline.another(),
    refillSelection: () => refillSelection(running, preview),
    acceptRefill: () => preview.accept(),
    discardRefill: () => preview.discard(),
    showTrace: () => showTrace(running),
    toggle: toggleHere,
    toggleLanguage: () => window.activeTextEditor && toggleLanguage(window.activeTextEditor.document.languageId),
    pickDecoder: () => pickDecoder(context),
    pickModelFolder,
    trainFilter: () => trainFilter(context, running),
    doctor: () => doctor.run(running),
    openLog: () => {
      log.show();
    },
    openRemoteSettings: () => commands.executeCommand('workbench.action.openSettings', 'diffusionLsp.remote'),
    openSettings: () => commands.executeCommand('workbench.action.openSettings', `@ext:${context.extension.id}`),
    restart: () => running.restart(),
  };
  for (const [name, action] of Object.entries(table)) {
    context.subscriptions.push(commands.registerCommand(`diffusionLsp.${name}`, () => attempt(action, log)));
  }
  context.subscriptions.push(
    log,
    snooze,
    preview,
    workspace.registerTextDocumentContentProvider(Doctor.scheme, doctor),
  );
  showStatus(context, running, snooze);
  void running.restart();
  void attempt(() => welcome(context), log);
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}
