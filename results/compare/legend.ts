/** Explains the symbols and figures of a comparison, once below its table. */
import { given } from '../../base/given.ts'
import { groupBy } from '../../base/groups.ts'
import { counted, formatCount } from '../../base/units.ts'
import { LEAST_FOR_INTERVAL } from '../statistics/medians.ts'
import { orderOf } from './block.ts'
import { usualCounts } from './block-figures.ts'
import type { Change, Comparison } from './comparison.ts'
import { type Basis, LEAST_ERRORS, LOSS_DELTA, type Verdict } from './judge.ts'
import {
  basisText,
  changesOf,
  formatDelta,
  labelsOf,
  SYMBOLS,
  TESTS,
  whyNoInterval,
  whyUnproven,
} from './words.ts'

export function legendOf(comparison: Comparison): readonly string[] {
  const changes = changesOf(comparison)
  const bases = BASES.filter(basis => changes.some(each => each.basis === basis))
  return given(
    medians(comparison),
    ...bases.map(basis => explained(basis, changes, bases.length > 1)),
    ...withoutInterval(changes),
    changes.length > 0 && symbols(changes),
  ).filter(Boolean)
}

const BASES: readonly Basis[] = ['pairs', 'processes', 'runs', 'single']

function medians(comparison: Comparison): string {
  const usual = usualCounts(comparison)
  const counts = [...new Set(usual.flatMap(each => each ?? []))]
  if (counts.length === 0) return ''
  if (counts.every(each => each === 1)) return 'One trial each: no interval.'
  const estimates = comparison.rows.flatMap(row => row.estimates.flatMap(each => each ?? []))
  const labels = labelsOf(comparison)
  const each = orderOf(comparison)
    .flatMap(set => (usual[set] === undefined ? [] : [`${formatCount(usual[set])} in ${labels[set]}`]))
    .join(', ')
  const trials = counts.length === 1 ? counted(counts[0] ?? 0, 'trial') : `the trials (${each})`
  const others = comparison.rows.some(row => row.estimates.some((each, set) => each && each.n !== usual[set]))
  const of = `of ${trials}${others ? ', or n' : ''}`
  const enough = `${LEAST_FOR_INTERVAL} trials or, where processes differ, as many of these`
  if (estimates.every(each => !each.interval)) return `Median ${of}; a 95 % interval takes ${enough}.`
  const some = estimates.some(each => !each.interval) ? `, which takes ${enough}` : ''
  return `Median ± the farther end of its 95 % interval, ${of}${some}.`
}

function explained(basis: Basis, all: readonly Change[], several: boolean): string {
  const changes = all.filter(each => each.basis === basis)
  const which = several ? ` (${formatCount(changes.length)} of ${formatCount(all.length)})` : ''
  return `Change${which}: ${HOW[basis]} and its 95 % interval; p of the ${TESTS[basis]}${corrected(all.length)}.`
}

const HOW: Readonly<Record<Basis, string>> = {
  pairs: 'median of the ratios of pairs, trials of one round,',
  processes: 'of the medians of processes, which differ from each other or are not shared,',
  runs: 'against the runs of the other side, whose variance is in it,',
  single: 'ratio of medians, unpaired,',
}

/** The fewest samples of each kind stand for all. */
function withoutInterval(changes: readonly Change[]): readonly string[] {
  const open = changes.filter(each => whyNoInterval(each)).sort((a, b) => a.n - b.n)
  return [...groupBy(open, whyNoInterval)].map(
    ([why, [fewest]]) => `No interval for ${basisText(fewest)}: ${why}.`,
  )
}

function symbols(changes: readonly Change[]): string {
  const values = changes.map(each => each.delta).sort((a, b) => a - b)
  const deltas = [...new Set(values.map(formatDelta))]
  // With --noise (bench ab) each row may have its own.
  const [least, most] = [deltas[0] ?? '', deltas.at(-1) ?? '']
  const range = most.endsWith(' %') ? `${least.replace(' %', '')} – ${most}` : `${least} – ${most}`
  const delta = least === most ? least : `what counts in its row (${range})`
  const ofErrors = changes.some(({ basis }) => basis === 'pairs' || basis === 'processes')
  const proven = `at least ${delta}${ofErrors ? ` and ${LEAST_ERRORS} standard errors` : ''}`
  const explained = explain(changes, {
    proven,
    'no evidence': 'no evidence of a change',
    same: `a change of ${delta} is excluded`,
    inconclusive: `${delta} worse is neither proven nor excluded: more rounds`,
  })
  const reasons = [...new Set(changes.flatMap(each => whyUnproven(each, changes.length) ?? []))]
  const beside = reasons.map(reason => ` Not proven although the interval excludes 0 %: ${reason}.`).join('')
  return explained && explained + beside
}

/** What the verdicts among these changes mean, in a sentence; empty without a change. */
function explain(
  changes: readonly { readonly verdict: Verdict }[],
  meaning: Readonly<Record<Exclude<Verdict, 'better' | 'worse'> | 'proven', string>>,
): string {
  const verdicts = new Set(changes.map(each => each.verdict))
  const parts = given(
    (verdicts.has('better') || verdicts.has('worse')) && `better, worse: ${meaning.proven}, and significant`,
    ...(['no evidence', 'same', 'inconclusive'] as const)
      .filter(each => verdicts.has(each))
      .map(each => `${SYMBOLS[each]} ${meaning[each]}`),
  )
  return parts.length > 0 ? `${parts.join('; ')}.` : ''
}

/** What a share of loss refers to. */
const LOSS_LEGEND =
  'Loss as a share of the datagrams that the system accepted. Its 95 % interval goes by trials, since datagrams are lost in bursts.'

export function lossLegendOf({ rows }: Comparison): readonly string[] {
  const changes = rows.flatMap(row => row.losses.flatMap(each => each?.change ?? []))
  const relative = changes.some(each => each.delta > LOSS_DELTA) ? ' (between runs 15 % of the loss)' : ''
  const least = `${LOSS_DELTA * 100} point${relative}`
  if (changes.length === 0) return [LOSS_LEGEND]
  return [
    LOSS_LEGEND,
    `Points of a hundred; p of the Mann–Whitney test on the losses of trials${corrected(changes.length)}.`,
    explain(changes, {
      proven: `at least ${least}`,
      'no evidence': 'no evidence of a difference',
      same: `a difference of ${least} is excluded`,
      inconclusive: `a loss larger by ${least} is neither proven nor excluded`,
    }),
  ]
}

function corrected(tests: number): string {
  return tests > 1 ? `, Holm-corrected over ${formatCount(tests)}` : ''
}
