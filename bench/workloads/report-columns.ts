/**
 * Maps each value of a report to its column. A value added to the contract does not compile until it is mapped here; one named after a
 * column then appears in the row. Pure.
 */
import type { ColumnName, TrialRecord } from '../../results/schema/columns.ts'
import { ROWS, type SettingName } from '../../scenarios/settings/rows.ts'
import type { SETTINGS } from '../../scenarios/settings/settings.ts'
import type { SocketInfo, SocketState } from '../../transports/contract/socket-facts.ts'
import type { RelayReport } from '../../transports/impairment/relay.ts'
import type { LinkCounts } from '../../transports/impairment/spec.ts'
import type { ReceiveSide, SendSide, ThreadFacts } from '../fleet/calls/agent-calls.ts'
import type { Role } from '../fleet/host.ts'
import type { Reports } from './workload.ts'

type Columns = Partial<TrialRecord>
/** A column, or the column that this value contributes to. */
type Destination = ColumnName | { readonly madeInto: ColumnName }
type Destinations<Report> = Readonly<Record<keyof Report & string, Destination>>
type Counts = NonNullable<ReceiveSide['report']['datagrams']>
type SenderDrops = NonNullable<SendSide['report']['drops']>
type ReceiverDrops = NonNullable<ReceiveSide['report']['drops']>

const SOCKET = { madeInto: 'sndbuf_bytes' } as const

const SENT: Destinations<SendSide['report']> = {
  bytesAccepted: { madeInto: 'outcome' },
  startedAt: { madeInto: 'delivery_ms' },
  totalMs: 'total_ms',
  connectMs: 'connect_ms',
  tlsMs: 'tls_ms',
  tlsVersion: 'tls_version',
  tlsCipher: 'tls_cipher',
  tlsResumed: 'tls_resumed',
  handshakeMs: 'handshake_ms',
  transferMs: 'transfer_ms',
  ackMs: 'ack_ms',
  acknowledged: { madeInto: 'error_code' },
  refusal: { madeInto: 'refused_datagram_bytes' },
  failure: { madeInto: 'error_code' },
  exchange: { madeInto: 'requests' },
  polled: { madeInto: 'tcp_buffer_delay_ratio' },
  responsiveness: { madeInto: 'rpm' },
  frames: { madeInto: 'frames_due' },
  state: SOCKET,
  info: SOCKET,
  drops: { madeInto: 'lost_send_queue' },
  datagramsOffered: 'datagrams_offered',
  datagramsAccepted: 'datagrams_accepted',
  datagramsRefused: 'datagrams_refused',
  datagramsResent: 'datagrams_resent',
  sendsRepeated: 'sends_repeated',
  paceLatenessMs: 'pace_lateness_ms',
  paceBurst: 'pace_burst',
  longestBytes: 'datagram_bytes',
}

/** Counts that do not require checking the datagrams, and those that do. */
const CAME = {
  late: 'datagrams_late',
  stray: 'datagrams_stray',
  strayFrom: 'datagrams_stray_from',
} as const satisfies Partial<Destinations<Counts>>
const SEEN: Destinations<Omit<Counts, keyof typeof CAME>> = {
  delivered: 'datagrams_delivered',
  duplicated: 'datagrams_duplicated',
  reordered: 'datagrams_reordered',
  corrupt: 'datagrams_corrupt',
  alike: { madeInto: 'datagrams_reordered' },
}

const SENDER_DROPS: Destinations<SenderDrops> = {
  hostSndbufErrors: 'host_sndbuf_errors',
  hostNoPorts: 'host_no_ports',
}
const RECEIVER_DROPS: Destinations<ReceiverDrops> = {
  socketDrops: 'socket_drops',
  hostRcvbufErrors: 'host_rcvbuf_errors',
  hostInErrors: 'host_in_errors',
}

const OFFLOAD = { madeInto: 'offload' } as const
/** State shared by both ends is taken from the sender, except for the interface and the receive buffer. */
const RECEIVER_STATE = {
  device: 'receiver_interface',
  rcvbufBytes: 'rcvbuf_bytes',
  rcvbufForced: 'rcvbuf_forced',
} as const satisfies Partial<Destinations<SocketState>>
type Settings = typeof SETTINGS
/** The options that a row of the settings gives a column. */
type Given = {
  [Name in SettingName]: Settings[Name] extends { stored: { option: infer Option; given: string } }
    ? Option
    : never
}[SettingName]
const SENDER_STATE: Destinations<Omit<SocketState, Given | 'rcvbufBytes' | 'rcvbufForced'>> = {
  ...Object.fromEntries(ROWS.flatMap(([, { option, given }]) => (given ? [[option, given]] : []))),
  mssBytes: { madeInto: 'mss_bytes' },
  gso: OFFLOAD,
  gro: OFFLOAD,
}

const RECEIVER_INFO = {
  drops: { madeInto: 'socket_drops' },
  rxqOverflow: 'rxq_overflow',
  gluedReads: OFFLOAD,
  readsPerCall: 'reads_per_call',
} as const satisfies Partial<Destinations<SocketInfo>>
const SENDER_INFO: Destinations<Omit<SocketInfo, keyof typeof RECEIVER_INFO>> = {
  mssBytes: 'mss_bytes',
  pathMtuBytes: 'path_mtu_bytes',
  segmentedSends: OFFLOAD,
  fullSends: 'sends_waited',
  zerocopySends: 'zerocopy_sends',
  zerocopyCopied: 'zerocopy_copied',
  sendsPerCall: 'sends_per_call',
  retransmits: 'tcp_retransmits',
  rttMs: 'tcp_rtt_ms',
  rttvarMs: 'tcp_rttvar_ms',
  minRttMs: 'tcp_min_rtt_ms',
  cwndSegments: 'tcp_cwnd_segments',
  deliveryRateBps: 'tcp_delivery_rate_bps',
  pacingRateBps: 'tcp_pacing_rate_bps',
  busyMs: 'tcp_busy_ms',
  rwndLimitedMs: 'tcp_rwnd_limited_ms',
  sndbufLimitedMs: 'tcp_sndbuf_limited_ms',
}

const STALLS = {
  stallMs: 'receiver_stall_ms',
  cpuWaitMs: 'receiver_cpu_wait_ms',
} as const satisfies Partial<Destinations<ThreadFacts>>
function threadDestinations(role: Role): Destinations<Omit<ThreadFacts, keyof typeof STALLS>> {
  return {
    cpuAtStart: `${role}_cpu_at_start`,
    cpuAtEnd: `${role}_cpu_at_end`,
    migrations: `${role}_migrations`,
    involuntarySwitches: `${role}_involuntary_switches`,
    voluntarySwitches: `${role}_voluntary_switches`,
    load: `${role}_load`,
    stealRatio: `${role}_steal_ratio`,
  }
}

/** Times and counts of the sender's protocol. */
export function sentColumns(sender: SendSide | undefined): Columns {
  return { ...columnsOf(sender?.report, SENT), sender_cpu_ms: sender?.cpuMs }
}

/** Counts of datagrams at the receiver, and of what both kernels dropped. @param unseen they were not checked, so only their number is known */
export function datagramColumns(
  sender: SendSide | undefined,
  receiver: ReceiveSide | undefined,
  unseen: boolean,
): Columns {
  const counts = receiver?.report.datagrams
  return {
    ...columnsOf(counts, CAME),
    ...(unseen ? {} : columnsOf(counts, SEEN)),
    ...columnsOf(sender?.report.drops, SENDER_DROPS),
    ...columnsOf(receiver?.report.drops, RECEIVER_DROPS),
  }
}

/** The columns for what the sockets had, and what their kernels counted. Empty if not reported. */
export function givenColumns(sender: SendSide | undefined, receiver: ReceiveSide | undefined): Columns {
  const { state: sending, info: sendingInfo } = sender?.report ?? {}
  const { state: receiving, info: receivingInfo } = receiver?.report ?? {}
  return {
    ...columnsOf(sending, SENDER_STATE),
    ...columnsOf(receiving, RECEIVER_STATE),
    ...columnsOf(sendingInfo, SENDER_INFO),
    ...columnsOf(receivingInfo, RECEIVER_INFO),
    offload: offload((sendingInfo?.segmentedSends ?? 0) > 0, (receivingInfo?.gluedReads ?? 0) > 0),
  }
}

/** What rows of every workload say of both ends: their sockets, engines, threads and addresses. */
export function endColumns({ sender, receiver, to }: Reports): Columns {
  return {
    ...givenColumns(sender, receiver),
    ...threadColumns('sender', sender?.thread),
    ...threadColumns('receiver', receiver?.thread),
    sender_binding: sender?.binding,
    receiver_binding: receiver?.binding,
    sender_address: receiver?.report.from?.host,
    receiver_address: to?.host,
  }
}

const link = (direction: 'up' | 'down'): Destinations<LinkCounts> => ({
  taken: `relay_${direction}_taken`,
  lost: `relay_${direction}_lost`,
  dropped: `relay_${direction}_dropped`,
  duplicated: `relay_${direction}_duplicated`,
  corrupted: `relay_${direction}_corrupted`,
  reordered: `relay_${direction}_reordered`,
  passed: `relay_${direction}_passed`,
  refused: `relay_${direction}_refused`,
})
const RELAYED: Destinations<RelayReport> = {
  up: { madeInto: 'relay_up_taken' },
  down: { madeInto: 'relay_down_taken' },
  lateMs: 'relay_late_ms',
  drops: 'relay_drops',
}

/** The truth about an emulated way. */
export function relayColumns(relay: RelayReport | undefined): Columns {
  return {
    ...columnsOf(relay, RELAYED),
    ...columnsOf(relay?.up, link('up')),
    ...columnsOf(relay?.down, link('down')),
  }
}

/** The columns for the scheduling of an end's thread over a trial. */
export function threadColumns(role: Role, facts: ThreadFacts | undefined): Columns {
  return {
    ...columnsOf(facts, threadDestinations(role)),
    ...(role === 'receiver' ? columnsOf(facts, STALLS) : {}),
  }
}

function columnsOf<Report extends object>(
  report: Report | undefined,
  destinations: Readonly<Record<string, Destination>>,
): Columns {
  const values = new Map<string, unknown>(Object.entries(report ?? {}))
  return Object.fromEntries(
    Object.entries(destinations).flatMap(([key, column]) => {
      const value = values.get(key)
      return typeof column === 'string' && value !== undefined ? [[column, value]] : []
    }),
  )
}

function offload(gso: boolean | undefined, gro: boolean | undefined): TrialRecord['offload'] {
  if (gso) return gro ? 'gso,gro' : 'gso'
  return gro ? 'gro' : undefined
}
