/** Warnings about figures that are less certain than they look. */
import { largestOf, maximum, minimum } from '../../base/groups.ts'
import { counted, formatPercent, formatRate } from '../../base/units.ts'
import type { TrialRecord } from '../schema/columns.ts'
import { isOfWine, isUntested } from '../schema/systems.ts'
import { driftOf } from '../statistics/drift.ts'
import { LEAST_FOR_INTERVAL } from '../statistics/medians.ts'
import { processesDiffer, splitBy } from '../statistics/processes.ts'
import { median } from '../statistics/quantiles.ts'
import { type CaseSummary, known } from '../statistics/summary.ts'
import { adviceOf, disturbanceOf, disturbanceOfSender } from './disturbance.ts'
import { inTwoGroups } from './placement.ts'
import { largest, type Rule, ruleOfCases, ruleOfTrials } from './warning.ts'

/** Width of the interval, as a share of the median. */
const WIDE = 0.1
const RATE_TOLERANCE = 0.02
/** Fewer datagrams take too little time to pace: one gap more or less is over 2%. */
const MIN_PACED_DATAGRAMS = 100
export const CLOCK_TOLERANCE = 0.05

/** What `--verify none` leaves unknown can be mistaken for loss. */
const unverified = ruleOfTrials(
  'unverified',
  each => each.error_code === 'UNVERIFIED',
  () => ({
    what: 'what arrived was not checked (--verify none), so whether it was everything is unknown: no trial is completed, and there is no goodput',
    remedy: '--verify index, which reads 8 bytes of each datagram',
  }),
)

const underWine = ruleOfTrials(
  'wine',
  each => [each.sender_os_release, each.receiver_os_release, each.os_release].some(isOfWine),
  () => ({
    what: 'measured under wine, not on Windows: buffers, losses and speed are those of wine and of the kernel below',
    remedy: 'measure on Windows',
  }),
)

const untestedEngine = ruleOfTrials(
  'untested-engine',
  ({ os, ...each }) =>
    isUntested(each.sender_binding, each.sender_os ?? os) ||
    isUntested(each.receiver_binding, each.receiver_os ?? os),
  () => ({
    what: 'the native engine is untested on a system where it was used: nobody has run it there, so its figures may be wrong',
    remedy: '--engine node',
  }),
)

const rateMissed = ruleOfCases(
  'rate-missed',
  ({ cell: { rate_bps: asked }, records }) => {
    const paced = records.filter(each => (each.datagrams_offered ?? 0) >= MIN_PACED_DATAGRAMS)
    const achieved = median(known(paced, each => each.rate_achieved_bps))
    if (asked === undefined || achieved === undefined) return undefined
    const miss = Math.abs(achieved / asked - 1)
    return miss > RATE_TOLERANCE && { records, asked, achieved, miss }
  },
  misses => {
    const { records, asked, achieved } = largest(misses, each => each.miss)
    return {
      what: `${formatRate(achieved)} sent where ${formatRate(asked)} was requested`,
      remedy: achieved < asked ? slower(records) : 'a larger --size, or a smaller --chunk',
    }
  },
)

/** Waits for room in the send buffer that are more than a burst now and then. */
const WAITS_A_SECOND = 10

/** A full send buffer is the reason, or what another program took may be. */
function slower(records: readonly TrialRecord[]): string {
  const full = records.filter(
    ({ sends_waited: waited = 0, total_ms: ms = 0 }) => waited > 0 && waited >= (WAITS_A_SECOND * ms) / 1000,
  )
  const most = largestOf(full, each => each.sends_waited)
  if (most !== undefined && 2 * full.length > records.length)
    return `the send buffer was full up to ${counted(most, 'time')} a trial, since the interface, or a queue before it, takes no more: a lower --rate`
  const other = adviceOf(disturbanceOfSender(records))
  return `${other === undefined ? '' : `${other}; else `}a lower --rate, or a larger --chunk`
}

const clockError = ruleOfCases(
  'clock-error',
  ({ records }) => {
    const share = largestOf(records, ({ clock_error_ms: errorMs = 0, delivery_ms: deliveryMs = 0 }) =>
      deliveryMs > 0 ? errorMs / deliveryMs : undefined,
    )
    return beyondTolerance(share)
  },
  shares => ({
    what: `the offset of the two clocks is known only to within ${formatPercent(maximum(shares))} of the delivery time`,
    remedy: 'a larger --size, so that the delivery takes longer; total_ms needs one clock only',
  }),
)

/** Of pictures in a row: whether one is on time depends on both clocks. */
const clockErrorOfPictures = ruleOfCases(
  'clock-error',
  ({ records }) => {
    const share = largestOf(records, ({ clock_error_ms: errorMs = 0, frames_on_time: onTime, fps }) =>
      onTime !== undefined && fps !== undefined ? (errorMs * fps) / 1000 : undefined,
    )
    return beyondTolerance(share)
  },
  shares => ({
    what: `the offset of the two clocks is known only to within ${formatPercent(maximum(shares))} of the time between two pictures, so some may be late that count as on time, or the other way round`,
    remedy: 'a lower --fps, or a path with shorter round trips; jitter needs one clock only',
  }),
)

function beyondTolerance(share: number | undefined): number | false {
  return share !== undefined && share > CLOCK_TOLERANCE && share
}

const fewRounds = ruleOfCases(
  'few-rounds',
  // Without a figure there is no interval either; pairs that were measured alone have one all together.
  ({ cell, records }) =>
    !cell.fleet_alone &&
    records.length < LEAST_FOR_INTERVAL &&
    records.some(each => (speedOf(each) ?? 0) > 0) &&
    records.length,
  rounds => {
    const [least, most] = [minimum(rounds), maximum(rounds)]
    return {
      what: `${least < most ? `${least} to ` : ''}${counted(most, 'round gives', 'rounds give')} no 95 % interval`,
      remedy: `--repeat 20 (at least ${LEAST_FOR_INTERVAL})`,
    }
  },
)

const wideInterval = ruleOfCases(
  'wide-interval',
  summary => {
    const { goodput, exchange: { rtt } = {}, frames: { delay } = {} } = summary
    const { interval, range, trials = 0 } = goodput ?? rtt ?? delay ?? {}
    const median = goodput?.medianBps ?? rtt?.medianMs ?? delay?.medianMs ?? 0
    const ends = interval ?? range
    if (!ends || trials < LEAST_FOR_INTERVAL || median === 0) return undefined
    const share = (ends.high - ends.low) / median
    return share > WIDE && { summary, share, trials, isInterval: interval !== undefined }
  },
  (wide, cases) => {
    const { summary, share, trials, isInterval } = largest(wide, each => each.share)
    const name = isInterval ? '95 % interval' : 'range of the processes, too few for an interval,'
    return {
      what: `the ${name} is ${cases.length > 1 ? 'up to ' : ''}${formatPercent(share)} of the median wide`,
      remedy: narrowing(summary, share, trials),
    }
  },
)

/** Larger for quicker trials: the goodput, or the inverse of the round trips, or of the delay of pictures. */
function speedOf({ goodput_bps: bps, rtt_p50_ms, frame_delay_p50_ms }: TrialRecord): number | undefined {
  const ms = rtt_p50_ms ?? frame_delay_p50_ms
  return bps ?? (ms === undefined ? undefined : 1 / ms)
}

/** What would make an interval narrower: more rounds, but only if trials differ by chance. */
function narrowing(summary: CaseSummary, share: number, trials: number): string {
  const { records } = summary
  const ordered = records
    .filter(each => speedOf(each) !== undefined)
    .toSorted((a, b) => (speedOf(a) ?? 0) - (speedOf(b) ?? 0))
  const half = Math.floor(ordered.length / 2)
  const other = adviceOf(disturbanceOf(ordered.slice(0, half), ordered.slice(-half)))
  if (other !== undefined) return other
  if (inTwoGroups(summary)) return 'its trials are of two kinds: choose one with --pin'
  if (driftOf(known(records, speedOf)) !== undefined)
    return 'the level changed during the run: find out why, then run again'
  const processes = ordered.map(each => each.process ?? Number.NaN)
  const groups = splitBy(
    Float64Array.from(ordered, each => speedOf(each) ?? Number.NaN),
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

const drift = ruleOfCases(
  'drift',
  ({ records }) => {
    const change = driftOf(known(records, each => each.goodput_bps))
    return change === undefined ? undefined : { records, change }
  },
  (drifts, cases) => {
    const { records, change } = largest(drifts, each => Math.abs(each.change))
    return {
      what: `goodput ${change > 0 ? 'rose' : 'fell'} by ${cases.length > 1 ? 'up to ' : ''}${formatPercent(Math.abs(change))} from the first half of the rounds to the second`,
      remedy: steadying(records, change > 0),
    }
  },
)

/** Warm-up helps what speeds up on its own, not what another program slowed down. */
function steadying(records: readonly TrialRecord[], rose: boolean): string {
  const measured = records.filter(each => each.goodput_bps !== undefined)
  const half = Math.floor(measured.length / 2)
  const [before, after] = [measured.slice(0, half), measured.slice(-half)]
  const usual = rose
    ? 'more warm-up: --warmup 3'
    : 'look for another program, or a CPU that overheats and slows down; then run again'
  return adviceOf(rose ? disturbanceOf(before, after) : disturbanceOf(after, before)) ?? usual
}

export const trustRules: readonly Rule[] = [
  underWine,
  untestedEngine,
  unverified,
  rateMissed,
  clockError,
  clockErrorOfPictures,
  fewRounds,
  wideInterval,
  drift,
]
