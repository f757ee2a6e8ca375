/** A warning about a paced sender that stood still and made up for it at once, where datagrams were lost. */
import { formatCount, formatMs, formatRate, formatSpan } from '../../base/units.ts'
import type { TrialRecord } from '../schema/columns.ts'
import { isUnanswered } from './answers.ts'
import { adviceOf, disturbanceOfSender } from './disturbance.ts'
import { linuxTruesize } from './loss.ts'
import type { AdvisedEnds } from './remedies.ts'
import { largest, ruleOfTrials } from './warning.ts'

/** Timers are that late without anything being wrong. */
const LATE_MS = 5
/** A default receive buffer of Linux holds 92 datagrams of 1,024 B. */
const BURST = 32
const BURSTS_THAT_FIT = 4

export const pacerStalled = ruleOfTrials('pacer-stalled', isStalled, (trials, _, { advised }) => {
  const { pace_lateness_ms: lateMs = 0, pace_burst: burst = 0 } = largest(
    trials,
    each => each.pace_burst ?? 0,
  )
  return {
    what: `the sender was stalled for up to ${formatMs(lateMs)} and then sent ${formatCount(burst)} datagrams in one burst, which may be what was lost`,
    remedy: `${undisturbed(trials, advised)}; a lower --rate makes its bursts smaller`,
  }
})

/** What else ran, where it is known; `bench send` has no --pin. */
function undisturbed(trials: readonly TrialRecord[], advised: AdvisedEnds): string {
  const pins = advised === 'both' && trials.some(each => each.pinned_cpus === undefined)
  return (
    adviceOf(disturbanceOfSender(trials)) ?? `nothing else running at the sender${pins ? ', or --pin' : ''}`
  )
}

/** `at 1.00 bit/s the payload takes 19 h: …`, where trials that timed out could not have ended in their time; else undefined. */
export function tooSlowForTimeout(trials: readonly TrialRecord[]): string | undefined {
  const begun = trials.filter(each => each.error_phase !== 'prepare')
  const [slowest] = begun.toSorted((a, b) => (paceMs(b) ?? 0) - (paceMs(a) ?? 0))
  const cutShort = (each: TrialRecord) =>
    isUnderWay(each) && (paceMs(each) ?? 0) > (each.total_ms ?? Number.POSITIVE_INFINITY)
  if (!slowest || !begun.every(cutShort)) return undefined
  const { flag, bps } = paceOf(slowest)
  return `at ${formatRate(bps ?? 0)} the payload takes ${formatSpan(paceMs(slowest) ?? 0)}: a longer --timeout, a higher ${flag}, or a smaller --size`
}

/** What the kernel paces is still in its buffer when the sender waits for the answer. */
function isUnderWay({ error_phase: phase, rate_bps: rate }: TrialRecord): boolean {
  return phase === 'transfer' || (phase === 'ack' && rate === undefined)
}

/** How long a paced payload takes by its rate alone. */
function paceMs(record: TrialRecord): number | undefined {
  const { bps } = paceOf(record)
  const { size_bytes: bytes } = record
  return bps === undefined || bytes === undefined ? undefined : (bytes * 8000) / bps
}

/** Datagrams are paced by their sender, and a stream by the kernel. */
function paceOf({ rate_bps: rate, max_pacing_bps: given, max_pacing_asked_bps: asked }: TrialRecord) {
  return rate === undefined
    ? ({ flag: '--max-pacing', bps: given ?? asked } as const)
    : ({ flag: '--rate', bps: rate } as const)
}

/**
 * Lost at the receiver's socket or in an unknown place, in a trial with a burst. Where it is unknown what was lost, the queue of the
 * sender's host and an acknowledgement that did not come speak for it.
 */
function isStalled(record: TrialRecord): boolean {
  const { pace_lateness_ms: late, pace_burst: burst, loss_cause } = record
  const lost = record.datagrams_lost ?? (record.lost_send_queue || Number(isUnanswered(record)))
  const explains = loss_cause === undefined || loss_cause === 'receive buffer' || loss_cause === 'send queue'
  return (late ?? 0) >= LATE_MS && (burst ?? 0) >= BURST && lost > 0 && explains && !fitsEasily(record)
}

/** The receive buffer that lost datagrams had room for several such bursts: then it was not the sender that stood still. */
function fitsEasily({
  loss_cause,
  pace_burst = 0,
  rcvbuf_bytes: bytes,
  chunk_bytes: chunk,
}: TrialRecord): boolean {
  if (loss_cause !== 'receive buffer' || bytes === undefined) return false
  return pace_burst * BURSTS_THAT_FIT < bytes / linuxTruesize(chunk)
}
