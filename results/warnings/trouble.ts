/** Warnings about trials that went wrong, and about payloads that arrived damaged. */
import { counted, formatCount } from '../../base/units.ts'
import type { TrialRecord } from '../schema/columns.ts'
import { type CaseSummary, known } from '../statistics/summary.ts'
import { isUnanswered } from './answers.ts'
import { faultRemedy } from './faults.ts'
import { tooSlowForTimeout } from './pacing.ts'
import { isPartLost } from './parts.ts'
import { largestUnfragmented } from './path.ts'
import { type AdvisedEnds, pace } from './remedies.ts'
import { cellsOf, nameCases, type Rule, type Warning } from './warning.ts'

export const troubleRules: readonly Rule[] = [failed, timedOut, damaged]

/** The remedy where the reason says all that is known: not for a command that writes no rows. */
export const SEE_ROWS = 'see error_code and error_phase in the rows'

function failed(summaries: readonly CaseSummary[]): Warning | undefined {
  return outcomeWarning('trial-failed', 'failed', summaries, trials => {
    const reasons = byFrequency(
      trials.map(each => each.error_message ?? each.error_code ?? 'no reason known'),
    )
    const more =
      reasons.length > 1
        ? ` (and ${reasons.length - 1} more ${reasons.length === 2 ? 'reason' : 'reasons'})`
        : ''
    const remedies = known(trials, faultRemedy)
    return {
      verb: 'failed',
      reason: `: ${oneLine(reasons[0] ?? '')}${more}`,
      remedy: byFrequency(remedies)[0] ?? SEE_ROWS,
    }
  })
}

function timedOut(summaries: readonly CaseSummary[], advised: AdvisedEnds): Warning | undefined {
  return outcomeWarning('trial-timed-out', 'timed-out', summaries, (trials, cases) => {
    const phases = [...new Set(known(trials, each => each.error_phase))].join(', ')
    return {
      verb: 'timed out',
      reason: phases ? ` (phase: ${phases})` : '',
      remedy: timeOutRemedy(trials, cases, advised),
    }
  })
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
  if (!unanswered || advised === 'both') return 'a longer --timeout, or check that the other end is there'
  const lengths = known(cases, each => each.datagrams?.bytes)
  // The programs that these wire formats originate from read so many bytes of a datagram; the rest is discarded.
  const cut = Math.max(...lengths) > READ_BYTES
  const why = `many receivers read no more than that of a datagram${cases.some(isFragmented) ? ', and many firewalls drop fragments' : ''}`
  const whole = cases.every(each => each.datagrams?.whole)
  return [
    'a datagram may be lost or cut short',
    ...(cut ? [`${whole ? `at most ${READ_BYTES} B` : `--chunk ${READ_BYTES}`}, since ${why}`] : []),
    ...(whole ? [] : [pace(cases, advised)]),
    `or check that the other end is there${trials.some(each => each.host_no_ports === undefined) ? ', and answers from the address that it receives on, since an answer from another one is not received' : ''}`,
  ].join('; ')
}
const READ_BYTES = 1024

/** True if its datagrams exceed the path MTU. */
function isFragmented(each: CaseSummary): boolean {
  const fits = largestUnfragmented(each)
  return fits !== undefined && (each.datagrams?.bytes ?? 0) > fits
}

function outcomeWarning(
  code: Warning['code'],
  outcome: TrialRecord['outcome'],
  summaries: readonly CaseSummary[],
  explain: (
    trials: readonly TrialRecord[],
    cases: readonly CaseSummary[],
  ) => { verb: string; reason: string; remedy: string },
): Warning | undefined {
  const cases = summaries.filter(each => each.outcomes[outcome] > 0)
  if (cases.length === 0) return undefined
  const all = cases.flatMap(each => each.records)
  const trials = all.filter(each => each.outcome === outcome)
  const { verb, reason, remedy } = explain(trials, cases)
  return {
    code,
    message: `${nameCases(cases, summaries)}: ${formatCount(trials.length)} of ${counted(all.length, 'trial')} ${verb}${reason}`,
    remedy,
    cells: cellsOf(cases),
  }
}

/** Damage that loss does not explain: bytes that changed or arrived in another order. */
function damaged(summaries: readonly CaseSummary[]): Warning | undefined {
  const cases = summaries.filter(each => each.records.some(isDamaged))
  if (cases.length === 0) return undefined
  const trials = cases.flatMap(each => each.records.filter(isDamaged))
  const reordered = trials.every(each => !each.datagrams_corrupt && (each.datagrams_reordered ?? 0) > 0)
  return {
    code: 'payload-damaged',
    message: `${nameCases(cases, summaries)}: ${reordered ? 'reordered datagrams damaged' : 'damage to'} the payload of ${counted(trials.length, 'trial')}, and not by loss`,
    remedy: reordered
      ? 'the format has no sequence numbers to put them in order: send it over TCP, or at a lower --rate'
      : 'bytes changed on the path: suspect the network card’s offload, the path or the memory; keep what arrived with --keep DIR',
    cells: cellsOf(cases),
  }
}

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
  const counts = new Map<string, number>()
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1]).map(([text]) => text)
}
