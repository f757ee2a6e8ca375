/** Warnings about figures that are less certain than they look. */
import { counted, formatPercent, formatRate } from '../../base/units.ts'
import type { TrialRecord } from '../schema/columns.ts'
import { driftOf } from '../statistics/drift.ts'
import { byProcess, processesDiffer } from '../statistics/processes.ts'
import { median } from '../statistics/quantiles.ts'
import { type CaseSummary, known } from '../statistics/summary.ts'
import { disturbanceOf, disturbanceOfSender } from './disturbance.ts'
import { inTwoGroups } from './placement.ts'
import { cellsOf, nameCases, type Rule, type Warning } from './warning.ts'

/** The interval of fewer rounds is little more than their range. */
const MIN_ROUNDS = 5
/** Width of the interval, as a share of the median. */
const WIDE = 0.1
const RATE_TOLERANCE = 0.02
/** Fewer datagrams take too little time to pace: one gap more or less is over 2%. */
const MIN_PACED_DATAGRAMS = 100
export const CLOCK_TOLERANCE = 0.05

export const trustRules: readonly Rule[] = [
  unverified,
  rateMissed,
  clockError,
  fewRounds,
  wideInterval,
  drift,
]

/** What `--verify none` leaves unknown can be mistaken for loss. */
function unverified(summaries: readonly CaseSummary[]): Warning | undefined {
  const cases = summaries.filter(each => each.records.some(({ error_code }) => error_code === 'UNVERIFIED'))
  if (cases.length === 0) return undefined
  return {
    code: 'unverified',
    message: `${nameCases(cases, summaries)}: what arrived was not checked (--verify none), so whether it was everything is unknown: no trial is completed, and there is no goodput`,
    remedy: '--verify index, which reads 8 bytes of each datagram',
    cells: cellsOf(cases),
  }
}

function rateMissed(summaries: readonly CaseSummary[]): Warning | undefined {
  const misses = known(summaries, summary => {
    const asked = summary.cell.rate_bps
    const paced = summary.records.filter(each => (each.datagrams_offered ?? 0) >= MIN_PACED_DATAGRAMS)
    const achieved = median(known(paced, each => each.rate_achieved_bps))
    if (asked === undefined || achieved === undefined) return undefined
    const miss = achieved / asked - 1
    return Math.abs(miss) > RATE_TOLERANCE ? { summary, asked, achieved, miss: Math.abs(miss) } : undefined
  })
  const worst = largest(misses, each => each.miss)
  if (!worst) return undefined
  const cases = misses.map(each => each.summary)
  return {
    code: 'rate-missed',
    message: `${nameCases(cases, summaries)}: ${formatRate(worst.achieved)} sent where ${formatRate(worst.asked)} was requested`,
    remedy:
      worst.achieved < worst.asked ? slower(worst.summary.records) : 'a larger --size, or a smaller --chunk',
    cells: cellsOf(cases),
  }
}

/** What another program took may be the reason. */
function slower(records: readonly TrialRecord[]): string {
  const other = disturbanceOfSender(records)
  const lower = 'a lower --rate, or a larger --chunk'
  return other ? `${other.cause}: ${other.remedy}; else ${lower}` : lower
}

function clockError(summaries: readonly CaseSummary[]): Warning | undefined {
  const errors = known(summaries, summary => {
    const shares = known(summary.records, each =>
      each.clock_error_ms !== undefined && each.delivery_ms !== undefined && each.delivery_ms > 0
        ? each.clock_error_ms / each.delivery_ms
        : undefined,
    )
    const share = shares.reduce((most, each) => Math.max(most, each), 0)
    return share > CLOCK_TOLERANCE ? { summary, share } : undefined
  })
  const worst = largest(errors, each => each.share)
  if (!worst) return undefined
  const cases = errors.map(each => each.summary)
  return {
    code: 'clock-error',
    message: `${nameCases(cases, summaries)}: the offset of the two clocks is known only to within ${formatPercent(worst.share)} of the delivery time`,
    remedy: 'a larger --size, so that the delivery takes longer; total_ms needs one clock only',
    cells: cellsOf(cases),
  }
}

function fewRounds(summaries: readonly CaseSummary[]): Warning | undefined {
  // Without a goodput there is no interval either.
  const cases = summaries.filter(
    each => each.records.length < MIN_ROUNDS && each.records.some(record => (record.goodput_bps ?? 0) > 0),
  )
  if (cases.length === 0) return undefined
  const rounds = Math.min(...cases.map(each => each.records.length))
  return {
    code: 'few-rounds',
    message: `${nameCases(cases, summaries)}: ${counted(rounds, 'round gives', 'rounds give')} no meaningful interval`,
    remedy: `--repeat 20 (at least ${MIN_ROUNDS})`,
    cells: cellsOf(cases),
  }
}

function wideInterval(summaries: readonly CaseSummary[]): Warning | undefined {
  const wide = known(summaries, summary => {
    const { goodput } = summary
    if (!goodput?.interval || goodput.trials < MIN_ROUNDS || goodput.medianBps === 0) return undefined
    const share = (goodput.interval.high - goodput.interval.low) / goodput.medianBps
    return share > WIDE ? { summary, share, trials: goodput.trials } : undefined
  })
  const worst = largest(wide, each => each.share)
  if (!worst) return undefined
  const cases = wide.map(each => each.summary)
  return {
    code: 'wide-interval',
    message: `${nameCases(cases, summaries)}: the 95 % interval is ${cases.length > 1 ? 'up to ' : ''}${formatPercent(worst.share)} of the median wide`,
    remedy: narrowing(worst.summary, worst.share, worst.trials),
    cells: cellsOf(cases),
  }
}

/** What would make an interval narrower: more rounds, but only if trials differ by chance. */
function narrowing(summary: CaseSummary, share: number, trials: number): string {
  const { records } = summary
  const ordered = records
    .filter(each => each.goodput_bps !== undefined)
    .toSorted((a, b) => (a.goodput_bps ?? 0) - (b.goodput_bps ?? 0))
  const half = Math.floor(ordered.length / 2)
  const other = disturbanceOf(ordered.slice(0, half), ordered.slice(-half))
  if (other) return `${other.cause}: ${other.remedy}`
  if (inTwoGroups(summary)) return 'its trials are of two kinds: choose one with --pin'
  const goodputs = known(records, each => each.goodput_bps)
  if (driftOf(goodputs) !== undefined) return 'the level changed during the run: find out why, then run again'
  const processes = ordered.map(each => each.process ?? Number.NaN)
  const groups = byProcess(
    Float64Array.from(ordered, each => each.goodput_bps ?? Number.NaN),
    processes,
  )
  if (groups && groups.length > 1 && processesDiffer(groups))
    return `processes differ more than trials: --processes ${2 * groups.length} or more`
  // The width falls with the square root of the number of trials.
  const enough = Math.ceil(trials * (share / WIDE) ** 2)
  return enough <= MOST_ROUNDS
    ? `--repeat ${Math.max(enough, 2 * trials)} or more, and nothing else running here`
    : `more rounds do not cure so much scatter: make sure that nothing else runs here${records.some(each => each.pinned_cpus === undefined) ? ', and try --pin' : ''}`
}
/** Nobody waits for more. */
const MOST_ROUNDS = 1000

function drift(summaries: readonly CaseSummary[]): Warning | undefined {
  const drifts = known(summaries, summary => {
    const change = driftOf(known(summary.records, each => each.goodput_bps))
    return change === undefined ? undefined : { summary, change }
  })
  const worst = largest(drifts, each => Math.abs(each.change))
  if (!worst) return undefined
  const cases = drifts.map(each => each.summary)
  const direction = worst.change > 0 ? 'rose' : 'fell'
  return {
    code: 'drift',
    message: `${nameCases(cases, summaries)}: goodput ${direction} by ${cases.length > 1 ? 'up to ' : ''}${formatPercent(Math.abs(worst.change))} from the first half of the rounds to the second`,
    remedy: steadying(worst.summary, worst.change > 0),
    cells: cellsOf(cases),
  }
}

/** Warm-up helps what speeds up on its own, not what another program slowed down. */
function steadying({ records }: CaseSummary, rose: boolean): string {
  const known = records.filter(each => each.goodput_bps !== undefined)
  const half = Math.floor(known.length / 2)
  const [before, after] = [known.slice(0, half), known.slice(-half)]
  const other = rose ? disturbanceOf(before, after) : disturbanceOf(after, before)
  if (other) return `${other.cause}: ${other.remedy}`
  return rose
    ? 'more warm-up: --warmup 3'
    : 'look for another program, or a CPU that overheats and slows down; then run again'
}

function largest<T>(items: readonly T[], by: (item: T) => number): T | undefined {
  return items.toSorted((a, b) => by(b) - by(a))[0]
}
