/** Thresholds against measured cells: for each cell that a threshold speaks of, whether it holds. */
import { minimum } from '../../base/groups.ts'
import { counted, formatCount, formatMs, formatPercent } from '../../base/units.ts'
import { type Ends, endsOf, formatEstimate } from '../document/format.ts'
import type { CellTrials, TrialSet } from '../read/trial-set.ts'
import { ORDERS } from '../select/operands.ts'
import { samplesForQuantile } from '../statistics/quantiles.ts'
import { type Check, type Figures, factOf, type Note, type Status } from './check.ts'
import type { Subject } from './subjects.ts'
import { type Operator, speaksOf, type Threshold } from './threshold.ts'
import { type Measured, measured, silentTrials } from './threshold-value.ts'
import { codesText, describeOutcomes, hasEnded } from './trials.ts'

/**
 * One check for each cell that a threshold speaks of; one without a cell, which has failed, where there is none: what cannot fail is
 * no gate. What a cell of its kind never has (loss over TCP) is not spoken of; what it should have and has not, since no trial came
 * that far, has failed; so has a figure that most trials do not have. A figure on the right side whose interval includes the limit is inconclusive.
 */
export function checkThreshold(threshold: Threshold, set: TrialSet): readonly Check[] {
  const spokenOf = set.cells.filter(each => speaksOf(threshold, each.cell))
  const checks = spokenOf.flatMap(trials => {
    const found = measured(threshold, trials)
    if (found === 'none of it') return []
    if (found !== 'unknown') return [judge(threshold, trials, found)]
    const none =
      threshold.subject.kind === 'refused'
        ? 'no trial offered a datagram'
        : `no trial has a value of ${threshold.subject.name}`
    const sentence = `${none}: ${describeOutcomes(trials)}`
    return [factOf(subjectOf(threshold, trials), 'failed', sentence, { limit: threshold.limit })]
  })
  if (checks.length > 0) return checks
  const what =
    spokenOf.length > 0
      ? `the cells that it selects have no ${threshold.subject.name}`
      : 'it selects no cell of the results'
  const sentence = `${what}, and a check that cannot fail guards nothing`
  return [factOf(subjectOf(threshold, undefined), 'failed', sentence)]
}

/** What to do where a threshold asks for a quantile that so few trials do not have. */
export function fewForQuantile(threshold: Threshold, set: TrialSet): Note | undefined {
  const { statistic, text } = threshold
  if (statistic?.kind !== 'quantile') return undefined
  const found = set.cells
    .filter(each => speaksOf(threshold, each.cell))
    .map(each => measured(threshold, each))
  const fewest = minimum(found.flatMap(each => (typeof each === 'string' ? [] : [each.count])))
  const least = samplesForQuantile(statistic.p)
  if (!Number.isFinite(fewest) || fewest >= least) return undefined
  return {
    message: `${text}: not judged, since ${counted(fewest, 'trial')} ${fewest === 1 ? 'has' : 'have'} no ${nameOf(threshold).replace(/ of .*/, '')}`,
    remedy: `--repeat ${least} or more; or name p50, ${statistic.p > 0.5 ? 'max' : 'min'} or a quantile nearer to p50; with --strict, what is not judged fails`,
  }
}

function judge(threshold: Threshold, trials: CellTrials, found: Measured): Check {
  const { operator, limit } = threshold
  const { value, interval, count, basis } = found
  const ends = endsOf(found)
  const subject = subjectOf(threshold, trials)
  const unit = threshold.asShare ? '0 to 1' : UNITS[threshold.subject.kind]
  const least = statisticNeeds(threshold)
  // Of 20 trials no 99th percentile is known: it would be one of them.
  if (count < least) {
    const needs = `it needs ${formatCount(least)} ${basis}, and there ${count === 1 ? 'is' : 'are'} ${formatCount(count)}`
    const figures = { unit, limit, ...(basis === 'trials' ? { basis, count } : {}) }
    return factOf(subject, 'skipped', `${nameOf(threshold)} is not judged: ${needs}`, figures)
  }
  const reached = statusOf(value, ends, operator, limit)
  // Whatever of them came to its end was quick enough, which says nothing of those that did not.
  const silent = silentTrials(threshold, trials)
  const status =
    reached !== 'passed' || silent === 0 ? reached : 2 * silent > trials.count ? 'failed' : 'inconclusive'
  const unknown =
    silent > 0
      ? `; ${formatCount(silent)} of ${counted(trials.count, 'trial')} did not get that far${codesText([trials], each => index => !hasEnded(each, index))}`
      : ''
  const figures = {
    ...{ unit, value, valueInterval: interval, limit },
    ...(basis === 'trials' ? { basis, count } : {}),
  }
  const check = factOf(subject, status, sentenceOf(threshold, found, reached) + unknown, figures)
  return { ...check, statistical: !isFact(threshold) }
}

function subjectOf({ text }: Threshold, trials: CellTrials | undefined) {
  return { kind: 'threshold', subject: text, cell: trials?.cell } as const
}

function statisticNeeds({ statistic }: Threshold): number {
  return statistic?.kind === 'quantile' ? samplesForQuantile(statistic.p) : 1
}

function statusOf(value: number, ends: Ends | undefined, operator: Operator, limit: number): Status {
  if (!holds(value, operator, limit)) return 'failed'
  if (!ends || operator === '==') return 'passed'
  return [ends.low, ends.high].every(end => holds(end, operator, limit)) ? 'passed' : 'inconclusive'
}

function holds(value: number, operator: Operator, limit: number): boolean {
  return ORDERS[operator === '==' ? '=' : operator](value - limit)
}

/**
 * Failures, damage and refusals do not come and go with the load of a machine. Nor are other trials counted again: of twice as many
 * rounds there are more.
 */
function isFact({ subject, asShare }: Threshold): boolean {
  return (
    subject.kind === 'refused' ||
    (subject.kind === 'trials' && (!asShare || subject.counts === 'failed' || subject.counts === 'damaged'))
  )
}

/** `median goodput is 940 Mbit/s (95 %: 930 to 951) over 20 trials`, `(range: 930 to 951) over 3 trials` */
function sentenceOf(threshold: Threshold, found: Measured, status: Status): string {
  const { subject, limit, asShare } = threshold
  const { value, count, basis, parts = 0 } = found
  const ends = endsOf(found)
  const total = `${formatCount(count)} ${basis}`
  const isCount = subject.kind === 'trials' || subject.kind === 'refused'
  const shown = showValue(threshold, value, ends)
  const figure = isCount
    ? `${shown} of ${total} ${subject.name}${parts > 0 ? `, ${counted(parts, 'header or marker', 'headers or markers')} among them` : ''}`
    : `${nameOf(threshold)} is ${shown} ${asShare ? 'of' : 'over'} ${total}`
  const near = ends !== undefined && ends.low <= limit && limit <= ends.high
  const included = `the ${ends?.name === '95 %' ? 'interval' : 'range'} includes the limit`
  if (status === 'inconclusive') return `${figure}: it holds, but ${included}`
  return status === 'failed' && near ? `${figure}; ${included}` : figure
}

function nameOf({ subject, statistic }: Threshold): string {
  if (statistic)
    return `${statistic.kind === 'quantile' ? `p${Math.round(statistic.p * 100)}` : statistic.kind} of ${subject.name}`
  return subject.kind === 'loss' || subject.kind === 'unanswered' ? subject.name : `median ${subject.name}`
}

function showValue({ subject, asShare }: Threshold, value: number, ends: Ends | undefined): string {
  if (subject.kind === 'rate') {
    const { value: middle, low, high } = formatEstimate(value, ends)
    return low === undefined ? middle : `${middle} (${ends?.name}: ${low} to ${high})`
  }
  const format = asShare ? formatPercent : UNITS[subject.kind] === 'ms' ? formatMs : formatCount
  return ends ? `${format(value)} (${ends.name}: ${format(ends.low)} to ${format(ends.high)})` : format(value)
}

/** Of what is not a share. */
const UNITS: Readonly<Partial<Record<Subject['kind'], Figures['unit']>>> = {
  rate: 'bit/s',
  time: 'ms',
  trips: 'ms',
  refused: 'datagrams',
  trials: 'trials',
}
