// Trains the filter that drops bad suggestions of the model in use: two runs of the trainer, each a task in a terminal.
import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
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
import { section, settings } from '../settings';

export async function trainFilter(context: ExtensionContext, server: Server): Promise<void> {
  const setting = { name: `${section}.trainerPath`, value: settings.trainerPath() };
  const trainer = locate({ program: 'diffusion-lsp-train', setting, extensionFolder: context.extensionPath });
  if (!trainer.found) throw new Error(`${trainer.problem} In a checkout of DiffusionLsp, npm run train builds it.`);
  if (!(await knowsFilter(trainer.path)))
    throw new Error(`${trainer.path} knows no filter; build a newer one with npm run train.`);
  const folder = context.globalStorageUri.fsPath;
  mkdirSync(folder, { recursive: true });
  const steps = filterSteps(settings.modelPath(), join(folder, 'filter'));
  const done = await window.withProgress(
    { location: ProgressLocation.Notification, title: 'DiffusionLsp', cancellable: true },
    (progress, cancellation) => runAll(trainer.path, steps, progress, cancellation),
  );
  if (!done) return;
  await server.restart();
  void window.showInformationMessage('The filter is trained and in use.');
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
    if (code !== 0) throw new Error(`${step.title} ended with exit code ${code ?? 'unknown'}; the terminal says why.`);
    progress.report({ message: step.title, increment: 100 / steps.length });
  }
  return true;
}

/** The exit code, or undefined when the task was ended. */
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
