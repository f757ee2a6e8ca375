/**
 * Jain's index of fairness: (sum x)² / (n sum x²), from 1 / n (one has everything) to 1 (all have the same). Undefined for nothing and for
 * zeros alone. R. Jain, D. Chiu, W. Hawe, "A Quantitative Measure of Fairness and Discrimination", DEC-TR-301, 1984.
 */
export function fairnessOf(values: readonly number[]): number | undefined {
  const sum = values.reduce((total, each) => total + each, 0)
  const squares = values.reduce((total, each) => total + each * each, 0)
  return squares > 0 ? Math.min(1, (sum * sum) / (values.length * squares)) : undefined
}
