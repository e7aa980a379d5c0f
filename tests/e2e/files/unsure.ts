export function sum(values: number[]): number {
  let total = 0;
  for (let i = 0; i < value
    total += values[i];
  }
  return total;
}

export function mean(values: number[]): number {
  return sum(values) / values.length;
}
