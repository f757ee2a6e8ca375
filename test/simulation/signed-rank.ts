/** Wilcoxon's signed-rank test, which the rule does without: docs/statistics.md says why. */

/** Two-sided, exact (Biometrics 1, 1945); differences without ties, as simulated ones are. */
export function signedRank(differences: ArrayLike<number>): number {
  const known = Array.from(differences).filter(each => each !== 0)
  known.sort((a, b) => Math.abs(a) - Math.abs(b))
  const positive = known.reduce((sum, each, index) => sum + (each > 0 ? index + 1 : 0), 0)
  const most = (known.length * (known.length + 1)) / 2
  return Math.min(1, 2 * tail(known.length, Math.min(positive, most - positive)))
}

/** P(W <= w): each rank is in the sum or not. */
function tail(n: number, w: number): number {
  const ways = new Float64Array(w + 1)
  ways[0] = 1
  for (let rank = 1; rank <= n; rank++)
    for (let sum = w; sum >= rank; sum--) ways[sum] = (ways[sum] ?? 0) + (ways[sum - rank] ?? 0)
  return ways.reduce((sum, each) => sum + each, 0) / 2 ** n
}
