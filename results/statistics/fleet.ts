/** A fleet host by host: matrices of its cases, and whether pairs that are measured at the same time take something from each other. Pure. */
import { ascending, groupBy, natural } from '../../base/groups.ts'
import { type Cell, cellKey } from '../schema/cells.ts'
import type { Manifest } from '../schema/manifest.ts'
import { type FigureColumn, figureOf } from './figure.ts'
import { meanInterval, meanOf } from './means.ts'
import { sortedMedian } from './medians.ts'
import type { Interval } from './quantiles.ts'
import type { CaseSummary } from './summary.ts'

/** The cases of a fleet that differ in the pair alone. */
export interface HostMatrix {
  /** Without a pair. */
  readonly cell: Cell
  readonly senders: readonly string[]
  readonly receivers: readonly string[]
  readonly figure: FigureColumn
  /** By sender, then by receiver; undefined where nothing was measured. */
  readonly cases: readonly (readonly (CaseSummary | undefined)[])[]
  /** Those that were measured once more with no other pair beside them. */
  readonly alone: readonly CaseSummary[]
  /** Of each host, as far as its file has any. */
  readonly labels: ReadonlyMap<string, Readonly<Record<string, string>>>
}

/** One for each case; none of another run. */
export function hostMatrices(
  summaries: readonly CaseSummary[],
  manifests: readonly Pick<Manifest, 'fleet'>[] = [],
): readonly HostMatrix[] {
  const paired = summaries.filter(({ cell }) => cell.pair_from !== undefined && cell.pair_to !== undefined)
  const same = groupBy(paired, ({ cell }) => cellKey(withoutPair(cell)))
  const labels = new Map(manifests.flatMap(({ fleet }) => Object.entries(fleet?.hosts ?? {})))
  return [...same.values()].flatMap((all): HostMatrix[] => {
    const [{ cell }] = all
    const beside = all.filter(each => !each.cell.fleet_alone)
    const namesOf = (end: 'pair_from' | 'pair_to') =>
      [...new Set(beside.map(each => each.cell[end] ?? ''))].sort(natural)
    const [senders, receivers] = [namesOf('pair_from'), namesOf('pair_to')]
    const byPair = new Map(beside.map(each => [pairKey(each.cell), each]))
    if (beside.length === 0) return []
    return [
      {
        cell: withoutPair(cell),
        ...{ senders, receivers, labels },
        figure: figureOf(all.flatMap(each => each.records)),
        cases: senders.map(pair_from =>
          receivers.map(pair_to => byPair.get(pairKey({ pair_from, pair_to }))),
        ),
        alone: all.filter(each => each.cell.fleet_alone),
      },
    ]
  })
}

function withoutPair(cell: Cell): Cell {
  return { ...cell, pair_from: undefined, pair_to: undefined, fleet_alone: undefined }
}

function pairKey({ pair_from, pair_to }: Pick<Cell, 'pair_from' | 'pair_to'>): string {
  return JSON.stringify([pair_from, pair_to])
}

/** Of its trials; NaN where there is none. */
export function medianOf(summary: CaseSummary | undefined, figure: FigureColumn | 'rtt_p99_ms'): number {
  const values = (summary?.records ?? []).flatMap(each => each[figure] ?? [])
  return values.length === 0 ? Number.NaN : sortedMedian(values.sort(ascending))
}

/** What pairs bring beside others of their round, of what they bring alone. */
export interface Disturbance {
  /** Geometric mean over the pairs, and its 95 % interval: 0.5 is half of the goodput, or of the round trip. */
  readonly ratio: number
  readonly interval: Interval | undefined
  /** `little`: surely, but by less than is worth a thought; `unproven`: no evidence that they do. */
  readonly verdict: 'disturbed' | 'little' | 'unproven'
  /** Each pair with its ratio, the most affected first. */
  readonly pairs: readonly { readonly from: string; readonly to: string; readonly ratio: number }[]
}

/** A smaller share disturbs no comparison of pairs. */
const LEAST_DISTURBANCE = 0.05
/** A pair by which nothing comes one time is as bad as a thousandth. */
const WORST_RATIO = Math.log(1000)

/** Undefined where no pair was measured both alone and beside others. A pair is compared within each time that it had both of its turns. */
export function disturbanceOf({ cases, alone, figure }: HostMatrix): Disturbance | undefined {
  const byPair = new Map(cases.flat().flatMap(each => (each ? [[pairKey(each.cell), each] as const] : [])))
  const logs = alone.flatMap(({ cell, records }) => {
    const beside = byPair.get(pairKey(cell))?.records ?? []
    const ratios = records.flatMap(({ round, [figure]: lone }) => {
      const other = beside.find(each => each.round === round)?.[figure]
      if (lone === undefined || other === undefined || (lone === 0 && other === 0)) return []
      return [Math.max(-WORST_RATIO, Math.min(WORST_RATIO, Math.log(other / lone)))]
    })
    if (ratios.length === 0) return []
    return [{ from: cell.pair_from ?? '', to: cell.pair_to ?? '', log: sortedMedian(ratios.sort(ascending)) }]
  })
  if (logs.length === 0) return undefined
  // Pairs that share nothing with others are as they are alone, so a median could be 1 though every third one is halved.
  const mean = meanOf(logs.map(({ log }) => log))
  const interval = logs.length > 1 ? meanInterval(mean) : undefined
  const sign = worseSign(figure)
  const isSure = interval !== undefined && Math.max(sign * interval.low, sign * interval.high) < 0
  const isLarge = 1 - Math.exp(sign * mean.mean) > LEAST_DISTURBANCE
  return {
    ratio: Math.exp(mean.mean),
    interval: interval && { low: Math.exp(interval.low), high: Math.exp(interval.high) },
    verdict: isSure ? (isLarge ? 'disturbed' : 'little') : 'unproven',
    pairs: logs
      .toSorted((a, b) => sign * (a.log - b.log))
      .map(({ log, ...pair }) => ({ ...pair, ratio: Math.exp(log) })),
  }
}

/** Times a logarithm of this figure, worse is lower. */
export function worseSign(figure: FigureColumn): 1 | -1 {
  return figure === 'goodput_bps' ? 1 : -1
}
