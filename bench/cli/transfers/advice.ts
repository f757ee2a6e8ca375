/** Advice of `bench send` and `bench receive`: the rules of `bench run`, applied to the row that a run would have written. */

import { isLoopback } from '../../../base/addresses.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import { summarize } from '../../../results/statistics/summary.ts'
import { SEE_ROWS } from '../../../results/warnings/trouble.ts'
import { findWarnings, type Warning } from '../../../results/warnings/warnings.ts'
import { askedColumns } from '../../../scenarios/asked.ts'
import type { ReceiveReport, SendReport } from '../../../transports/contract/reports.ts'
import type { Endpoint, SocketOptions } from '../../../transports/contract/socket-facts.ts'
import type { Receiver, Transport } from '../../../transports/contract/transport.ts'
import type { Stalls } from '../../fleet/agent/stall-watch.ts'
import type { SendSide } from '../../fleet/calls/agent-calls.ts'
import { environment } from '../../fleet/facts/environment.ts'
import { lossCauses } from '../../workloads/loss-causes.ts'
import { outcomeColumns } from '../../workloads/outcomes.ts'
import { givenColumns } from '../../workloads/report-columns.ts'
import { measuresOf, outcomeOf } from '../../workloads/transfer/accounting.ts'
import type { Drops } from './drops.ts'

/** What was asked of a transfer, as in a row of its case. */
interface Asked {
  readonly transport: Transport
  readonly engine: string
  /** What is sent. */
  readonly file?: string
  readonly ipFamily: 4 | 6
  readonly sizeBytes: number
  readonly chunkBytes: number
  readonly rateBps?: number | undefined
  readonly socket: SocketOptions
}

/** @param asked with the destination address @param drops what this host's queues dropped meanwhile, if its kernel counts that */
export function sendAdvice(
  asked: Asked & { readonly to: string },
  report: SendReport,
  drops: SendSide['report']['drops'],
): readonly Warning[] {
  const { traits } = asked.transport
  const sender: SendSide = { type: 'send-report', trial: 1, cpuMs: 0, report: { ...report, drops } }
  const ends = { sender, foreign: true, clockErrorMs: 0 }
  const outcome = outcomeOf(asked.sizeBytes, traits, ends)
  const row: TrialRecord = {
    ...baseRow(asked, 'send'),
    ...outcomeColumns(outcome),
    ...measuresOf(asked.chunkBytes, traits, outcome, ends),
    ...givenColumns(sender, undefined),
    receiver_address: asked.to,
    sender_os: process.platform,
  }
  return findWarnings(summarize([row]), 'sender')
}

/** What to add to the message of what ended a transfer: its remedies, and anything else that is odd. */
export function adviceWords(warnings: readonly Warning[]): readonly string[] {
  return warnings
    .filter(({ remedy }) => remedy !== SEE_ROWS)
    .map(({ code, message, remedy }) => (SAID.has(code) ? remedy : `${message}: ${remedy}`))
}
const SAID = new Set<Warning['code']>([
  ...(['trial-failed', 'trial-timed-out', 'refused-header', 'refused-emsgsize', 'refused'] as const),
])

/**
 * @param drops at this socket meanwhile; undefined if its kernel does not count them
 * @param stalls what kept this program from running since the transfer began
 */
export function receiveAdvice(
  asked: Pick<Asked, 'transport' | 'engine' | 'socket'>,
  report: ReceiveReport,
  receiver: Pick<Receiver, 'endpoint' | 'state'>,
  drops: Drops | undefined,
  stalls: Partial<Stalls> = {},
): readonly Warning[] {
  // Nothing dropped is nothing dropped of anybody.
  const own = drops?.shared && drops.count > 0 ? undefined : drops?.count
  const shared = own === undefined ? drops?.count : undefined
  // A whole transfer needs no advice, such as about a smaller buffer than was asked for; what a marker ends may lack something.
  const lacksNothing = report.complete && (report.announcedBytes !== undefined || !shared)
  const { traits } = asked.transport
  if (traits.socket === 'stream' || (lacksNothing && !own)) return []
  // What would have come after that was not lost; nor is what a sender that sends again what is lost has given up.
  const cutShort = report.interrupted || report.failure !== undefined || traits.reliable
  if (cutShort && !own && !shared) return []
  const { announcedBytes, bytesDelivered, datagrams, longestBytes } = report
  const delivered = datagrams?.delivered ?? 0
  // What is missing, in datagrams as long as those that came. udp-marker has no length.
  const lost =
    announcedBytes === undefined || longestBytes === undefined || cutShort
      ? undefined
      : Math.ceil(Math.max(0, announcedBytes - bytesDelivered) / longestBytes)
  const sizeBytes = announcedBytes ?? bytesDelivered
  const { state, endpoint } = receiver
  const counted = { ...report, state, info: {}, drops: { socketDrops: own } }
  const row: TrialRecord = {
    ...baseRow(
      { ...asked, ipFamily: endpoint.family, sizeBytes, chunkBytes: longestBytes ?? 1 },
      directionFrom(report.from),
    ),
    outcome: 'incomplete',
    datagrams_delivered: delivered,
    bytes_delivered: bytesDelivered,
    ...(lost === undefined
      ? { lost_receive_buffer: own }
      : { datagrams_accepted: delivered + lost, datagrams_lost: lost }),
    ...(lost === undefined
      ? {}
      : lossCauses(lost, { receiver: { type: 'receive-report', trial: 1, cpuMs: 0, report: counted } })),
    socket_drops: shared,
    receive_ms: (report.lastAt ?? 0) - (report.firstAt ?? 0),
    receiver_stall_ms: stalls.stallMs,
    receiver_cpu_wait_ms: stalls.cpuWaitMs,
    rcvbuf_bytes: state.rcvbufBytes,
    rcvbuf_forced: state.rcvbufForced,
    receiver_os: process.platform,
  }
  return findWarnings(summarize([row]), 'receiver')
}

function directionFrom(from: Endpoint | undefined): TrialRecord['direction'] {
  return from && isLoopback(from.host) ? 'local' : 'reverse'
}

function baseRow(asked: Asked, direction: TrialRecord['direction']): TrialRecord {
  return {
    ...{ run_id: '', started_at: '', scenario: 'custom', round: 1, trial: 1, outcome: 'failed' },
    ...{ engine: asked.engine, direction },
    ...askedColumns({ ...asked, transport: asked.transport.name, seed: 0 }),
    limit_emulated: false,
    ...environment(),
  }
}
