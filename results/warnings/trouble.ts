/** Warnings about trials that went wrong, and about payloads that arrived damaged. */
import { given } from '../../base/given.ts'
import { bySize, maximum, sumOf } from '../../base/groups.ts'
import { counted, formatCount } from '../../base/units.ts'
import type { TrialRecord } from '../schema/columns.ts'
import { type CaseSummary, known } from '../statistics/summary.ts'
import { isUnanswered } from './answers.ts'
import { faultRemedy } from './faults.ts'
import { tooSlowForTimeout } from './pacing.ts'
import { isPartLost } from './parts.ts'
import { isFragmented, isTranslated } from './path.ts'
import { type AdvisedEnds, LET_BACK, pace, paceHelps } from './remedies.ts'
import { type Rule, ruleOfTrials } from './warning.ts'

/** The remedy where the reason says all that is known: not for a command that writes no rows. */
export const SEE_ROWS = 'see error_code and error_phase in the rows'

const failed = ruleOfTrials(
  'trial-failed',
  each => each.outcome === 'failed',
  (trials, cases) => {
    const reasons = byFrequency(
      trials.map(each => each.error_message ?? each.error_code ?? 'no reason known'),
    )
    const others = reasons.length - 1
    const more = others > 0 ? ` (and ${counted(others, 'more reason')})` : ''
    return {
      what: `${amongAll(trials, cases)} failed: ${oneLine(reasons[0] ?? '')}${more}`,
      remedy: byFrequency(known(trials, faultRemedy))[0] ?? SEE_ROWS,
    }
  },
)

const timedOut = ruleOfTrials(
  'trial-timed-out',
  // That one has a warning of its own, which says why.
  each => each.outcome === 'timed-out' && !isTranslated(each),
  (trials, cases, { advised }) => {
    const phases = [...new Set(known(trials, each => each.error_phase))].join(', ')
    return {
      what: `${amongAll(trials, cases)} timed out${phases ? ` (phase: ${phases})` : ''}`,
      remedy: timeOutRemedy(trials, cases, advised),
    }
  },
)

/** `2 of 20 trials` */
function amongAll(trials: readonly TrialRecord[], cases: readonly CaseSummary[]): string {
  const all = sumOf(cases, each => each.records.length)
  return `${formatCount(trials.length)} of ${counted(all, 'trial')}`
}

/** Datagrams without an acknowledgement are lost rather than slow. */
function timeOutRemedy(
  trials: readonly TrialRecord[],
  cases: readonly CaseSummary[],
  advised: AdvisedEnds,
): string {
  const unanswered = trials.every(isUnanswered)
  if (trials.every(each => each.error_phase === 'prepare'))
    return 'an end was not ready in time: a longer --timeout, or hosts that are less busy'
  const tooSlow = tooSlowForTimeout(trials)
  if (tooSlow !== undefined) return tooSlow
  if (trials.every(isHeardThere)) return LET_BACK
  if (!unanswered || advised === 'both') return 'a longer --timeout, or check that the other end is there'
  const lengths = known(cases, each => each.datagrams?.bytes)
  // The programs that these wire formats originate from read so many bytes of a datagram; the rest is discarded.
  const cut = maximum(lengths) > READ_BYTES
  const why = `many receivers read no more than that of a datagram${cases.some(isFragmented) ? ', and many firewalls drop fragments' : ''}`
  const whole = cases.every(each => each.datagrams?.whole)
  return given(
    'a datagram may be lost or cut short',
    cut && `${whole ? `at most ${READ_BYTES} B` : `--chunk ${READ_BYTES}`}, since ${why}`,
    !whole && paceHelps(cases) && pace(cases, advised),
    `or check that the other end is there${trials.some(each => each.host_no_ports === undefined) ? ', and answers from the address that it receives on, since an answer from another one is not received' : ''}`,
  ).join('; ')
}
const READ_BYTES = 1024

/** Everything that was sent got there, and its sender still waits. */
function isHeardThere({ direction, datagrams_delivered: count, datagrams_lost: lost }: TrialRecord): boolean {
  return direction !== 'local' && count !== undefined && count > 0 && lost === 0
}

/** Damage that loss does not explain: bytes that changed or arrived in another order. */
const damaged = ruleOfTrials('payload-damaged', isDamaged, trials => {
  const reordered = trials.every(each => !each.datagrams_corrupt && (each.datagrams_reordered ?? 0) > 0)
  const ofWay = trials.every(each => (each.relay_up_corrupted ?? 0) > 0)
  return {
    what: `${reordered ? 'reordered datagrams damaged' : 'damage to'} the payload of ${counted(trials.length, 'trial')}, and not by loss`,
    remedy: reordered
      ? 'the format has no sequence numbers to put them in order: send it over TCP, or at a lower --rate'
      : ofWay
        ? 'the emulated way turned bits (corrupt=), under checksums that are right; --impair-with tun lets the kernel notice'
        : 'bytes changed on the path: suspect the network card’s offload, the path or the memory; keep what arrived with --keep DIR',
  }
})

export const troubleRules: readonly Rule[] = [failed, timedOut, damaged]

function isDamaged(record: TrialRecord): boolean {
  if ((record.datagrams_corrupt ?? 0) > 0) return true
  const ran = record.outcome === 'completed' || record.outcome === 'incomplete'
  const whole =
    record.bytes_delivered === record.size_bytes &&
    !record.datagrams_lost &&
    !record.datagrams_refused &&
    !(isPartLost(record) && record.error_code !== 'ACK_LOST')
  return ran && whole && record.payload_intact === false
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').slice(0, 200)
}

/** Distinct texts, the most frequent first. */
function byFrequency(texts: readonly string[]): readonly string[] {
  return bySize(texts, text => text).map(([text]) => text)
}
