/** What became of a flow, in columns. Pure. */
import { unreachable } from '../../base/errors.ts'
import { harmless } from '../../base/foreign-text.ts'
import { isForbidden } from '../../base/system-errors.ts'
import { formatBytes } from '../../base/units.ts'
import type { TrialRecord } from '../../results/schema/columns.ts'
import type { Outcome } from '../../results/schema/outcome.ts'
import type { Failure } from '../../transports/contract/reports.ts'
import type { Reports } from './workload.ts'

/** What a reliable transport delivered is damaged. */
export const DAMAGED: Outcome = {
  ...{ kind: 'failed', phase: 'transfer', code: 'DAMAGED' },
  message: 'the bytes that arrived are not those sent',
}

/** How a flow ended that neither workload nor protocol could help; undefined if it went well. */
export function troubleOf({ problem, sender, receiver }: Reports): Outcome | undefined {
  const trouble = problem ?? failureOf(sender?.report.failure, receiver?.report.failure)
  if (trouble?.code === 'TIMEOUT')
    return { kind: 'timed-out', phase: trouble.phase, message: trouble.message }
  if (trouble) return { kind: 'failed', ...trouble }
  const refusal = sender?.report.refusal
  if (!refusal) return undefined
  const phase = sender.report.datagramsOffered === 0 ? 'handshake' : 'transfer'
  return { kind: 'refused', phase, ...refusal }
}

/** The columns derived from the outcome. */
export function outcomeColumns(outcome: Outcome): Partial<TrialRecord> & Pick<TrialRecord, 'outcome'> {
  switch (outcome.kind) {
    case 'completed':
    case 'incomplete':
      return { outcome: outcome.kind, error_code: outcome.note }
    case 'refused':
      return {
        outcome: 'refused',
        error_code: outcome.code,
        error_phase: outcome.phase,
        refused_datagram_bytes: outcome.datagramBytes,
        error_message: `${refuserOf(outcome)} refused a datagram of ${formatBytes(outcome.datagramBytes)}`,
      }
    case 'timed-out':
    case 'failed':
      return {
        outcome: outcome.kind,
        error_code: outcome.kind === 'failed' ? outcome.code : 'TIMEOUT',
        error_phase: outcome.phase,
        error_message: harmless(outcome.message),
      }
    default:
      return unreachable(outcome)
  }
}

function refuserOf({ emulated, code }: Extract<Outcome, { kind: 'refused' }>): string {
  if (emulated) return 'the emulated limit'
  return isForbidden(code) ? 'a firewall of the sender’s host' : 'the system'
}

/** Prefers the end that says what went wrong to the one that only saw the other close. */
function failureOf(sender: Failure | undefined, receiver: Failure | undefined): Failure | undefined {
  return receiver && receiver.code !== 'CLOSED' ? receiver : (sender ?? receiver)
}
