/** How much two equal sides differ: `bench aa` measures it, `bench ab --noise` uses it. Pure. */

import { maximum } from '../../base/groups.ts'
import { identityFields, KNOWN_BY, keyOf } from '../../results/compare/fields.ts'
import { DELTA, deltaFor } from '../../results/compare/judge.ts'
import type { Metric } from '../../results/compare/metrics.ts'
import { detectableChange } from '../../results/compare/noise.ts'
import { pairUp } from '../../results/compare/pairing.ts'
import { gatherRows } from '../../results/compare/rows.ts'
import type { TrialSet } from '../../results/read/trial-set.ts'
import type { Cell, CellField } from '../../results/schema/cells.ts'
import { logRatios, noiseOf } from '../../results/statistics/ratios.ts'

export interface CellNoise {
  readonly cell: Cell
  /** ln(B / A) of each pair. */
  readonly logRatios: Float64Array
  /** Standard error of their median, as a share; undefined for fewer than two pairs. */
  readonly standardError: number | undefined
  /** The least change, as a share, that so many pairs find 4 times out of 5; undefined if they find none. */
  readonly detectable: ReadonlyMap<number, number | undefined>
}

/**
 * @param sets A and B of `alignSides`, or of the rows of an A/A run
 * @param rounds the keys of `detectable`
 * @param delta the least effect that counts, as a share
 */
export function noiseOfSides(
  [a, b]: readonly [TrialSet, TrialSet],
  metric: Metric,
  rounds: readonly number[] = [],
  delta: number = DELTA,
): readonly CellNoise[] {
  const identity = identityFields([a, b], 'side')
  const rows = gatherRows([a, b], identity, identity)
  return rows.map(({ cell, parts: [ofA = [], ofB = []] }) => {
    const pairs = pairUp(ofA, ofB, metric.column)
    const ratios = logRatios(pairs.base, pairs.other)
    const detectable: [number, number | undefined][] = []
    let least = Number.POSITIVE_INFINITY
    for (const n of [...new Set(rounds)].sort((a, b) => a - b)) {
      const found = detectableChange(ratios, n, { cells: rows.length, delta })
      // Each number is estimated from its own draws, whose chance must not show that more rounds find less.
      least = Math.min(least, found ?? least)
      detectable.push([n, found === undefined ? undefined : least])
    }
    return { cell, logRatios: ratios, standardError: noiseOf(ratios), detectable: new Map(detectable) }
  })
}

/** The noise of a cell; undefined if it was not measured. */
export type NoiseOfCell = (cell: Cell) => number | undefined

/** Fields by which a cell of an A/B run finds its like in an A/A run, the strictest first. */
const LIKENESS: readonly (readonly CellField[])[] = [
  [...KNOWN_BY, 'variant', 'rate_bps', 'direction', 'ip_family', 'engine'],
  KNOWN_BY,
]

/** Looks a cell up in the noise of an A/A run: takes the largest noise of the cells most like it. */
export function noiseLookup(noise: readonly CellNoise[]): NoiseOfCell {
  return cell => {
    for (const fields of LIKENESS) {
      const alike = noise.filter(each => keyOf(each.cell, fields) === keyOf(cell, fields))
      const known = alike.map(each => each.standardError).filter(each => each !== undefined)
      if (known.length > 0) return maximum(known)
    }
    return undefined
  }
}

/** The least effect that counts for each cell: the larger of `delta` and three times the noise. */
export function deltaByNoise(delta: number, noise: NoiseOfCell): (cell: Cell) => number {
  return cell => deltaFor(noise(cell), delta)
}
