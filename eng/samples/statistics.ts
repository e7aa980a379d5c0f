export function sum(values: number[]): number {
  let total = 0;
  for (const value of values) {
    total +=
  }
  return total;
}

export function mean(values: number[]): number {
  return sum(values) / values.length;
}
