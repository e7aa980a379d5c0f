// Trains the filter that predicts which of the model's proposals are safe to commit: two runs of the trainer, each a task in a
// terminal. Asks the user for the folder of training texts.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  ProcessExecution,
  ProgressLocation,
  Task,
  TaskScope,
  tasks,
  window,
  type CancellationToken,
  type ExtensionContext,
  type Progress,
} from 'vscode';
import { filterSteps, type FilterStep } from '../filterSteps';
import type { Server } from '../server';
import { locate } from '../serverLocation';
import { section, setForUser, settings } from '../settings';

/** The decoder that uses the filter. */
const decoder = 'filter';

export async function trainFilter(context: ExtensionContext, server: Server): Promise<void> {
  const setting = { name: `${section}.trainerPath`, value: settings.trainerPath() };
  const trainer = locate({ program: 'diffusion-lsp-train', setting, extensionFolder: context.extensionPath });
  if (!trainer.found) {
    throw new Error(
      `Training needs diffusion-lsp-train, which is not part of this extension: build it in a checkout of DiffusionLsp (npm run train -- --help) and name it in the setting ${setting.name}.`,
    );
  }
  if (!(await knowsFilter(trainer.path)))
    throw new Error(`${trainer.path} does not support filters; build a newer one.`);
  const model = modelFolder(context);
  const shards = await askForShards();
  if (shards === undefined) return;
  const scratch = context.globalStorageUri.fsPath;
  mkdirSync(scratch, { recursive: true });
  const steps = filterSteps(model, shards, join(scratch, 'trajectories.jsonl.gz'));
  const options = { location: ProgressLocation.Notification, title: 'DiffusionLsp', cancellable: true };
  if (
    !(await window.withProgress(options, (progress, cancellation) =>
      runAll(trainer.path, steps, progress, cancellation),
    ))
  )
    return;
  const choice = await window.showInformationMessage(
    `The filter of ${model} is trained; the decoder "${decoder}" uses it.`,
    'Use It',
  );
  if (choice === undefined) return;
  await setForUser('decoder', decoder);
  await server.restart();
}

/** The folder in the settings, or that of the embedded model: in the extension, or in the checkout that contains it. */
function modelFolder(context: ExtensionContext): string {
  if (settings.modelPath() !== '') return settings.modelPath();
  const folders = [join(context.extensionPath, 'server'), dirname(context.extensionPath)].map(folder =>
    join(folder, 'models', 'nano'),
  );
  const found = folders.find(folder => existsSync(folder));
  if (found === undefined)
    throw new Error(
      'The embedded model is not in this extension, so it cannot be used for training; choose a model folder first.',
    );
  return found;
}

async function askForShards(): Promise<string | undefined> {
  const [folder] =
    (await window.showOpenDialog({
      canSelectFiles: false,
      canSelectFolders: true,
      title: 'Texts to learn from: a folder made by diffusion-lsp-train corpus',
      openLabel: 'Learn from These',
    })) ?? [];
  return folder?.fsPath;
}

function knowsFilter(trainer: string): Promise<boolean> {
  return new Promise(resolve => {
    execFile(trainer, ['filter', '--help'], { timeout: 30_000 }, error => {
      resolve(error === null);
    });
  });
}

async function runAll(
  trainer: string,
  steps: FilterStep[],
  progress: Progress<{ message: string; increment: number }>,
  cancellation: CancellationToken,
): Promise<boolean> {
  for (const step of steps) {
    progress.report({ message: step.title, increment: 0 });
    const code = await run(trainer, step, cancellation);
    if (cancellation.isCancellationRequested) return false;
    if (code !== 0) throw new Error(`${step.title} ended with exit code ${code ?? 'unknown'}; see its terminal.`);
    progress.report({ message: step.title, increment: 100 / steps.length });
  }
  return true;
}

/** The exit code; undefined if the task was ended. */
async function run(trainer: string, step: FilterStep, cancellation: CancellationToken): Promise<number | undefined> {
  const task = new Task(
    { type: 'diffusionLsp', step: step.title },
    TaskScope.Global,
    step.title,
    'DiffusionLsp',
    new ProcessExecution(trainer, step.arguments),
  );
  const execution = await tasks.executeTask(task);
  return new Promise(resolve => {
    const ended = tasks.onDidEndTaskProcess(event => {
      if (event.execution !== execution) return;
      ended.dispose();
      stop.dispose();
      resolve(event.exitCode);
    });
    const stop = cancellation.onCancellationRequested(() => {
      execution.terminate();
    });
  });
}
