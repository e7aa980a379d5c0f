// The trainer's runs that fit a filter for a model: their titles and command lines. Pure.
import { join } from 'node:path';

export interface FilterStep {
  title: string;
  arguments: string[];
}

/**
 * @param model folder of the model
 * @param shards folder of the training texts, made by the trainer's subcommand corpus
 * @param trajectories output of the first run and input of the second (.jsonl.gz)
 */
export function filterSteps(model: string, shards: string, trajectories: string): FilterStep[] {
  // Where the decoder "filter" expects it.
  const filter = join(model, 'filters', 'position.json');
  return [
    {
      title: 'Collecting proposals',
      arguments: ['filter', 'collect', '--model', model, '--shards', shards, '--output', trajectories],
    },
    { title: 'Fitting the filter', arguments: ['filter', 'fit', '--input', trajectories, '--output', filter] },
  ];
}
