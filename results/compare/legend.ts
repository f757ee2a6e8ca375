/** What symbols and figures of a comparison mean, said once below its table. */
import { formatCount } from '../../bench/units.ts'
import { usualCount } from './block-figures.ts'
import type { Basis, Change, Comparison } from './comparison.ts'
import { changesOf, formatDelta, TESTS } from './words.ts'

/** Sentences; only of what the table holds. */
export function legendOf(comparison: Comparison): readonly string[] {
  const changes = changesOf(comparison)
  const bases = BASES.filter(basis => changes.some(each => each.basis === basis))
  return [
    medians(comparison),
    ...bases.map(basis => explained(basis, changes, bases.length > 1)),
    ...(changes.length > 0 ? [symbols(changes)] : []),
  ].filter(Boolean)
}

const BASES: readonly Basis[] = ['pairs', 'runs', 'single']

function medians(comparison: Comparison): string {
  const usual = usualCount(comparison)
  if (usual === undefined) return ''
  if (usual === 1) return 'One trial each: no interval.'
  const counts = comparison.rows.flatMap(row => row.estimates.flatMap(each => each?.n ?? []))
  const others = counts.some(each => each !== usual) ? ', or n' : ''
  return `Median ± the farther end of its 95 % interval, of ${formatCount(usual)} trials${others}.`
}

function explained(basis: Basis, all: readonly Change[], several: boolean): string {
  const changes = all.filter(each => each.basis === basis)
  const which = several ? ` (${formatCount(changes.length)} of ${formatCount(all.length)})` : ''
  const together = all.length > 1 ? `, Holm-corrected over ${formatCount(all.length)}` : ''
  return `Change${which}: ${HOW[basis]} and its 95 % interval; p of the ${TESTS[basis]}${together}.`
}

const HOW: Readonly<Record<Basis, string>> = {
  pairs: 'median of the ratios of pairs, trials of one round,',
  runs: 'against the runs of the other side, whose variance is in it,',
  single: 'ratio of medians, unpaired,',
}

function symbols(changes: readonly Change[]): string {
  const verdicts = new Set(changes.map(each => each.verdict))
  const deltas = [...new Set(changes.map(each => each.delta))].sort((a, b) => a - b).map(formatDelta)
  const delta = deltas.join(' or ')
  const told = [
    ...(verdicts.has('better') || verdicts.has('worse')
      ? [`better, worse: at least ${delta}, and significant`]
      : []),
    ...(verdicts.has('no evidence') ? ['~ no evidence of a change'] : []),
    ...(verdicts.has('same') ? [`= a change of ${delta} is excluded`] : []),
    ...(verdicts.has('inconclusive') ? [`? ${delta} worse is neither proven nor excluded: more rounds`] : []),
  ]
  return told.length > 0 ? `${told.join('; ')}.` : ''
}

/** Below the table of loss. */
export const LOSS_LEGEND =
  'Of the datagrams that the system took, with a 95 % interval in which the trials count, since datagrams are lost in bursts; points of a hundred.'
