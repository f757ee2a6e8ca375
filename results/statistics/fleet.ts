/** A fleet host by host: matrices of its cases, and whether pairs that are measured at the same time take something from each other. Pure. */
import { ascending, groupBy, natural, sumOf } from '../../base/groups.ts'
import { type Cell, cellKey } from '../schema/cells.ts'
import type { Manifest } from '../schema/manifest.ts'
import { type FigureColumn, figureOf } from './figure.ts'
import { holm } from './holm.ts'
import { type Mean, meanInterval, meanOf, meanP } from './means.ts'
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
  /** `disturbed`: by more than 5 %; `little`: they do, and no evidence that it is more than that; `unproven`: no evidence that they do; `few`: too few pairs for evidence. */
  readonly verdict: 'disturbed' | 'little' | 'unproven' | 'few'
  /** Each pair with its ratio, the most affected first. */
  readonly pairs: readonly { readonly from: string; readonly to: string; readonly ratio: number }[]
}

/** A smaller share disturbs no comparison of pairs: the logarithm of what is left. */
const WORTH_A_THOUGHT = Math.log(1 - 0.05)
const ALPHA = 0.05
/** The 95 % interval of the mean of two pairs reaches 12.7 standard errors to each side, that of four 3.2. */
export const LEAST_PAIRS = 4
/** A pair by which nothing comes one time is as bad as a thousandth. */
const WORST_RATIO = Math.log(1000)

interface Ratios {
  readonly pairs: readonly { readonly from: string; readonly to: string; readonly log: number }[]
  /** Of the logarithms, worse is lower; undefined for few pairs, which say nothing of others. */
  readonly worse: Mean | undefined
  readonly sign: 1 | -1
}

/**
 * Of each matrix; undefined where no pair was measured both alone and beside others. A pair is compared within each time that it had both
 * of its turns. Verdicts are corrected for that there are several.
 */
export function disturbancesOf(matrices: readonly HostMatrix[]): readonly (Disturbance | undefined)[] {
  const found = matrices.map(ratiosOf)
  const testsOf = (limit: number) =>
    holm(found.map(each => each?.worse && meanP({ ...each.worse, mean: each.worse.mean - limit })))
  const [differs, isBeyond] = [testsOf(0), testsOf(WORTH_A_THOUGHT)]
  return found.map((each, index) => {
    if (!each) return undefined
    const { pairs, worse, sign } = each
    const isSure = (limit: number, tests: readonly (number | undefined)[]) =>
      worse !== undefined && worse.mean < limit && (tests[index] ?? 1) < ALPHA
    const verdict = isSure(WORTH_A_THOUGHT, isBeyond)
      ? 'disturbed'
      : isSure(0, differs)
        ? 'little'
        : 'unproven'
    // Pairs that share nothing with others are as they are alone, so a median could be 1 though every third one is halved.
    const mean = sumOf(pairs, ({ log }) => log) / pairs.length
    const ends = worse && meanInterval(worse)
    const [low = 0, high = 0] = ends ? [sign * ends.low, sign * ends.high].sort(ascending).map(Math.exp) : []
    return {
      ratio: Math.exp(mean),
      interval: ends && { low, high },
      verdict: worse ? verdict : 'few',
      pairs: pairs
        .toSorted((a, b) => sign * (a.log - b.log))
        .map(({ log, ...pair }) => ({ ...pair, ratio: Math.exp(log) })),
    }
  })
}

function ratiosOf({ cases, alone, figure }: HostMatrix): Ratios | undefined {
  const byPair = new Map(cases.flat().flatMap(each => (each ? [[pairKey(each.cell), each] as const] : [])))
  const pairs = alone.flatMap(({ cell, records }) => {
    const beside = byPair.get(pairKey(cell))?.records ?? []
    const ratios = records.flatMap(({ run_id, round, [figure]: lone }) => {
      const other = beside.find(each => each.run_id === run_id && each.round === round)?.[figure]
      if (lone === undefined || other === undefined || (lone === 0 && other === 0)) return []
      return [Math.max(-WORST_RATIO, Math.min(WORST_RATIO, Math.log(other / lone)))]
    })
    if (ratios.length === 0) return []
    return [{ from: cell.pair_from ?? '', to: cell.pair_to ?? '', log: sortedMedian(ratios.sort(ascending)) }]
  })
  if (pairs.length === 0) return undefined
  const sign = worseSign(figure)
  return {
    pairs,
    sign,
    worse: pairs.length < LEAST_PAIRS ? undefined : meanOf(pairs.map(({ log }) => sign * log)),
  }
}

/** Times a logarithm of this figure, worse is lower. */
export function worseSign(figure: FigureColumn): 1 | -1 {
  return figure === 'goodput_bps' ? 1 : -1
}
