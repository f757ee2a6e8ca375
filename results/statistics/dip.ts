/** Is one mode enough? */

/**
 * Hartigan's dip of sorted samples: the largest distance between their distribution and the nearest unimodal one, from 1 / 2n to 1/4. J. A.
 * & P. M. Hartigan, "The Dip Test of Unimodality", Annals of Statistics 13 (1985), by the algorithm given there. NaN for none.
 */
export function dip(sorted: ArrayLike<number>): number {
  const steps = stepsOf(sorted)
  let distance = 1
  let [from, to] = [0, steps.length - 1]
  while (from < to) {
    const minorant = hull(steps, from, to, 'left')
    const majorant = hull(steps, from, to, 'right')
    const { gap, left, right } = widestGap(minorant, majorant, from)
    if (gap <= distance) break
    // Outside of the new modal interval the nearest unimodal distribution is convex to the left of it, concave to the right.
    for (let i = from; i < left; i++)
      distance = Math.max(distance, (steps[i]?.right ?? 0) - (minorant.heights[i - from] ?? 0))
    for (let i = right + 1; i <= to; i++)
      distance = Math.max(distance, (majorant.heights[i - from] ?? 0) - (steps[i]?.left ?? 0))
    if (left === from && right === to) break
    from = left
    to = right
  }
  return distance / (2 * sorted.length)
}

/** The dip that one sample of a thousand of `n` uniform ones exceeds, the least favourable single mode; undefined under 10 samples. */
export function dipCriticalValue(n: number): number | undefined {
  const [least] = CRITICAL
  if (!least || n < least.n) return undefined
  const after = CRITICAL.findIndex(each => each.n >= n)
  const high = CRITICAL[after]
  const low = CRITICAL[after - 1]
  if (!high) return (CRITICAL.at(-1)?.scaled ?? Number.NaN) / Math.sqrt(n)
  if (!low) return high.scaled / Math.sqrt(n)
  const way = Math.log(n / low.n) / Math.log(high.n / low.n)
  return (low.scaled + way * (high.scaled - low.scaled)) / Math.sqrt(n)
}

/** Quantile 0.999 of sqrt(n) x dip, simulated by test/benchmarks/statistics; between them, linear in ln n, and constant above. */
const CRITICAL: readonly { readonly n: number; readonly scaled: number }[] = [
  { n: 10, scaled: 0.5705 },
  { n: 15, scaled: 0.599 },
  { n: 20, scaled: 0.62 },
  { n: 30, scaled: 0.642 },
  { n: 50, scaled: 0.664 },
  { n: 100, scaled: 0.684 },
  { n: 200, scaled: 0.704 },
  { n: 500, scaled: 0.7155 },
]

/** A value among the samples; how many are smaller, and how many no larger. */
interface Step {
  readonly x: number
  readonly left: number
  readonly right: number
}

interface Hull {
  /** Indexes of steps. */
  readonly vertices: readonly number[]
  /** Of the hull at each step of the interval. */
  readonly heights: Float64Array
}

function stepsOf(sorted: ArrayLike<number>): readonly Step[] {
  const steps: Step[] = []
  for (let i = 0; i < sorted.length; ) {
    const x = sorted[i] ?? Number.NaN
    const left = i
    while (i < sorted.length && sorted[i] === x) i++
    steps.push({ x, left, right: i })
  }
  return steps
}

/** Greatest convex minorant of the lower corners (`left`) or least concave majorant of the upper ones (`right`). */
function hull(steps: readonly Step[], from: number, to: number, corner: 'left' | 'right'): Hull {
  const sign = corner === 'left' ? 1 : -1
  const x = (i: number) => steps[i]?.x ?? Number.NaN
  const y = (i: number) => steps[i]?.[corner] ?? Number.NaN
  const slope = (i: number, j: number) => (y(j) - y(i)) / (x(j) - x(i))
  const vertices: number[] = []
  for (let i = from; i <= to; i++) {
    for (;;) {
      const [before, last] = [vertices.at(-2), vertices.at(-1)]
      if (before === undefined || last === undefined) break
      if (sign * (slope(last, i) - slope(before, last)) > 0) break
      vertices.pop()
    }
    vertices.push(i)
  }
  const heights = new Float64Array(to - from + 1)
  heights[0] = y(from)
  for (const [index, vertex] of vertices.entries()) {
    const before = vertices[index - 1]
    if (before === undefined) continue
    const rise = slope(before, vertex)
    for (let i = before + 1; i <= vertex; i++) heights[i - from] = y(before) + rise * (x(i) - x(before))
    heights[vertex - from] = y(vertex)
  }
  return { vertices, heights }
}

/** Where hulls are furthest apart, at a vertex of one of them; and the modal interval: from a vertex of the minorant to one of the majorant. */
function widestGap(
  minorant: Hull,
  majorant: Hull,
  from: number,
): { gap: number; left: number; right: number } {
  let best = { gap: 0, left: 0, right: 0 }
  let next = 0
  for (const vertex of minorant.vertices) {
    while ((majorant.vertices[next] ?? Number.POSITIVE_INFINITY) < vertex) next++
    consider(vertex, vertex, majorant.vertices[next] ?? vertex)
  }
  let before = 0
  for (const vertex of majorant.vertices) {
    while ((minorant.vertices[before + 1] ?? Number.POSITIVE_INFINITY) <= vertex) before++
    consider(vertex, minorant.vertices[before] ?? vertex, vertex)
  }
  return best

  function consider(at: number, left: number, right: number): void {
    const gap = (majorant.heights[at - from] ?? 0) - (minorant.heights[at - from] ?? 0)
    if (gap > best.gap) best = { gap, left, right }
  }
}
