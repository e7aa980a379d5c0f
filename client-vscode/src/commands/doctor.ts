// Checks the installation: through the running server, or through its command line if none runs or it does not support the check.
import { execFile } from 'node:child_process';
import { ProgressLocation, Uri, window, workspace, type TextDocumentContentProvider } from 'vscode';
import { methods, type DoctorResult } from '../protocol';
import type { Server } from '../server';
import { settings } from '../settings';

const scheme = 'diffusion-lsp-report';

/** Shows the latest report as a read-only document. */
export class Doctor implements TextDocumentContentProvider {
  private report = '';
  private number = 0;

  static readonly scheme = scheme;

  provideTextDocumentContent(): string {
    return this.report;
  }

  async run(server: Server): Promise<void> {
    const title = 'DiffusionLsp: checking the status';
    this.report = await window.withProgress({ location: ProgressLocation.Window, title }, () => examine(server));
    const uri = Uri.from({ scheme, path: `DiffusionLsp status ${++this.number}.txt` });
    await window.showTextDocument(await workspace.openTextDocument(uri), { preview: true });
  }
}

async function examine(server: Server): Promise<string> {
  try {
    return (await server.request<DoctorResult>(methods.doctor, {})).report;
  } catch {
    return fromCommandLine(server);
  }
}

function fromCommandLine(server: Server): Promise<string> {
  const location = server.location;
  if (!location.found) return Promise.resolve(location.problem);
  const options = [
    ...(settings.modelPath() === '' ? [] : ['--model', settings.modelPath()]),
    ...(settings.libtorchPath() === '' ? [] : ['--libtorch', settings.libtorchPath()]),
  ];
  return new Promise(resolve => {
    execFile(location.path, ['doctor', ...options], { timeout: 120_000 }, (error, stdout, stderr) => {
      const said = [stdout, stderr].filter(text => text !== '').join('\n');
      resolve(said === '' && error !== null ? `${location.path} could not be run: ${error.message}` : said);
    });
  });
}
