/** Host by host: which hosts, and which ways between two of them, bring far less than the others. Pure. */
import { ascending, groupBy, natural } from '../../base/groups.ts'
import { type Cell, cellKey } from '../schema/cells.ts'
import { type FigureColumn, figureOf } from './figure.ts'
import { medianPolish, robustDeviation } from './median-polish.ts'
import { sortedMedian } from './medians.ts'
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
}

/** One for each case; none of another run. */
export function hostMatrices(summaries: readonly CaseSummary[]): readonly HostMatrix[] {
  const paired = summaries.filter(({ cell }) => cell.pair_from !== undefined && cell.pair_to !== undefined)
  const same = groupBy(paired, ({ cell }) => cellKey(withoutPair(cell)))
  return [...same.values()].map(all => {
    const [{ cell }] = all
    const namesOf = (end: 'pair_from' | 'pair_to') =>
      [...new Set(all.map(each => each.cell[end] ?? ''))].sort(natural)
    const [senders, receivers] = [namesOf('pair_from'), namesOf('pair_to')]
    const byPair = new Map(all.map(each => [`${each.cell.pair_from} ${each.cell.pair_to}`, each]))
    return {
      cell: withoutPair(cell),
      ...{ senders, receivers },
      figure: figureOf(all.flatMap(each => each.records)),
      cases: senders.map(from => receivers.map(to => byPair.get(`${from} ${to}`))),
    }
  })
}

function withoutPair(cell: Cell): Cell {
  return { ...cell, pair_from: undefined, pair_to: undefined }
}

/** What brings far less, or takes far longer, than the others. */
export interface Odd {
  readonly what: 'sender' | 'receiver' | 'way'
  /** One host; or the sender and the receiver. */
  readonly hosts: readonly string[]
  /** What it brings of what others do: 0.3 of the goodput, 4 times the round trip. */
  readonly ratio: number
  /** Of its pairs that were measured, those that are worse than the middle of all, and how many there are. */
  readonly worse: number
  readonly pairs: number
}

/** Iglewicz and Hoaglin, "How to Detect and Handle Outliers", 1993: so many robust deviations from the middle. */
const FAR = 3.5
/** Nothing that differs less is worth a line: the change that single runs count. */
const LEAST_CHANGE = 0.15
/** Of fewer hosts a median of effects says nothing. */
const LEAST_HOSTS = 4

/** Worst first: hosts, and then ways that neither of their hosts explains. */
export function oddOnes({ senders, receivers, figure, cases }: HostMatrix): readonly Odd[] {
  if (Math.min(senders.length, receivers.length) < LEAST_HOSTS) return []
  // Ratios become differences, and worse is lower.
  const sign = figure === 'goodput_bps' ? 1 : -1
  const medians = cases.map(row => row.map(each => medianOf(each, figure)))
  // Where nothing arrives the ratio is as bad as a thousandth.
  const least = Math.min(...medians.flat().filter(value => value > 0)) / 1000
  const logs = medians.map(row => row.map(value => sign * Math.log(value === 0 ? least : value)))
  const { overall, rows, columns, residuals } = medianPolish(logs)
  const worseOf = (values: readonly number[]) => ({
    worse: values.filter(value => value < overall).length,
    pairs: values.filter(value => !Number.isNaN(value)).length,
  })
  /** @param fitted how many of them are 0 because the others were fitted to them */
  const far = (effects: readonly number[], fitted: number) => {
    const deviation = robustDeviation(effects, fitted)
    return (effect: number) => effect < -FAR * deviation && 1 - Math.exp(effect) > LEAST_CHANGE
  }
  const ends = (
    what: Odd['what'],
    hosts: readonly string[],
    effects: readonly number[],
    valuesOf: (index: number) => readonly number[],
  ): readonly Odd[] => {
    const isFar = far(effects, 1)
    return effects.flatMap((effect, index) =>
      isFar(effect)
        ? [{ what, hosts: [hosts[index] ?? ''], ratio: Math.exp(sign * effect), ...worseOf(valuesOf(index)) }]
        : [],
    )
  }
  const isFarWay = far(residuals.flat(), senders.length + receivers.length - 1)
  const ways = residuals.flatMap((row, from) =>
    row.flatMap((residual, to): Odd[] =>
      isFarWay(residual)
        ? [
            {
              what: 'way',
              hosts: [senders[from] ?? '', receivers[to] ?? ''],
              ratio: Math.exp(sign * residual),
              ...worseOf([logs[from]?.[to] ?? Number.NaN]),
            },
          ]
        : [],
    ),
  )
  const badness = ({ ratio }: Odd) => sign * Math.log(ratio)
  const worstFirst = (all: readonly Odd[]) => all.toSorted((a, b) => badness(a) - badness(b))
  return [
    ...worstFirst([
      ...ends('sender', senders, rows, index => logs[index] ?? []),
      ...ends('receiver', receivers, columns, index => logs.map(row => row[index] ?? Number.NaN)),
    ]),
    ...worstFirst(ways),
  ]
}

/** Of its trials; NaN where there is none. */
export function medianOf(summary: CaseSummary | undefined, figure: FigureColumn | 'rtt_p99_ms'): number {
  const values = (summary?.records ?? []).flatMap(each => each[figure] ?? [])
  return values.length === 0 ? Number.NaN : sortedMedian(values.sort(ascending))
}
