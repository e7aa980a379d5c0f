// The trainer's runs that make a filter: their titles and command lines. Pure.

export interface FilterStep {
  title: string;
  arguments: string[];
}

/**
 * @param model folder of the model; empty: the embedded one
 * @param samples where the first run leaves what the second one reads
 */
export function filterSteps(model: string, samples: string): FilterStep[] {
  const choice = model === '' ? [] : ['--model', model];
  return [
    { title: 'Collecting suggestions', arguments: ['filter', 'collect', ...choice, '--output', samples] },
    { title: 'Fitting the filter', arguments: ['filter', 'fit', ...choice, '--input', samples] },
  ];
}
