// The trainer's runs that make a filter for a model: their titles and command lines. Pure.
import { join } from 'node:path';

export interface FilterStep {
  title: string;
  arguments: string[];
}

/**
 * @param model folder of the model
 * @param shards folder of the texts to learn from, made by the trainer's verb corpus
 * @param trajectories where the first run leaves what the second one reads (.jsonl.gz)
 */
export function filterSteps(model: string, shards: string, trajectories: string): FilterStep[] {
  // Where the decoder "filter" looks for it.
  const filter = join(model, 'filters', 'position.json');
  return [
    {
      title: 'Collecting proposals',
      arguments: ['filter', 'collect', '--model', model, '--shards', shards, '--output', trajectories],
    },
    { title: 'Fitting the filter', arguments: ['filter', 'fit', '--input', trajectories, '--output', filter] },
  ];
}
