/** THE column table: names, order, types and meaning of every column. The CSV, the JSON Schema and docs/columns.md follow from it. */
import { LOSS_CAUSES, OUTCOMES } from './outcome.ts'

type ColumnType = 'string' | 'integer' | 'number' | 'boolean'

export interface Column {
  readonly name: string
  readonly type: ColumnType
  /** `B`, `ms`, `bit/s`, `0 to 1`; absent for counts and texts. */
  readonly unit?: string
  /** The values it can take, when they are few. */
  readonly values?: readonly string[]
  /** Never empty. */
  readonly required?: true
  readonly meaning: string
}

export const COLUMNS = [
  {
    name: 'run_id',
    type: 'string',
    required: true,
    meaning: 'One identifier for all rows of a run: its UTC time and four random letters.',
  },
  {
    name: 'started_at',
    type: 'string',
    required: true,
    meaning: 'When the trial began: UTC, ISO 8601, milliseconds.',
  },
  {
    name: 'scenario',
    type: 'string',
    required: true,
    meaning: 'Name of the scenario; `custom` when flags alone describe the run.',
  },
  {
    name: 'variant',
    type: 'string',
    meaning:
      'Label of the scenario’s variant that the case belongs to; empty for a scenario without variants.',
  },
  {
    name: 'round',
    type: 'integer',
    required: true,
    meaning:
      'Round of the trial, from 1. Every round runs each case once, in a seeded random order; rows of one round are a pair. Warm-up rounds are not recorded.',
  },
  {
    name: 'trial',
    type: 'integer',
    required: true,
    meaning: 'Position of the trial in the run, from 1, in the order in which they ran.',
  },
  { name: 'transport', type: 'string', required: true, meaning: 'Wire protocol, as in `--transport`.' },
  {
    name: 'engine',
    type: 'string',
    required: true,
    meaning: 'What the transport stood on: `native` (libc through koffi) or `node` (node:net, node:dgram).',
  },
  {
    name: 'direction',
    type: 'string',
    required: true,
    values: ['local', 'send'],
    meaning: '`local`: both ends on this host; `send`: from this host to another program (`--target`).',
  },
  { name: 'ip_family', type: 'integer', required: true, meaning: '4 or 6.' },
  { name: 'size_bytes', type: 'integer', unit: 'B', required: true, meaning: 'Size of the payload.' },
  {
    name: 'chunk_bytes',
    type: 'integer',
    unit: 'B',
    required: true,
    meaning:
      'Size of a datagram (the last one may be shorter) or, over TCP, of a write. `udp-datagram` sends the whole payload as one datagram whatever this says.',
  },
  {
    name: 'file',
    type: 'string',
    meaning:
      'Name of the file that was sent; with its folder when another file of the run has the same name; empty for a generated payload.',
  },
  {
    name: 'seed',
    type: 'integer',
    required: true,
    meaning: 'Seed of the order of trials and of the generated payload.',
  },
  {
    name: 'rate_bps',
    type: 'number',
    unit: 'bit/s',
    meaning: 'Pacing that was asked for (payload bits); empty when unpaced.',
  },
  {
    name: 'rate_achieved_bps',
    type: 'number',
    unit: 'bit/s',
    meaning:
      'Payload bits offered per second of `transfer_ms`, datagrams only: what the sender really did. Not a result of the network.',
  },
  {
    name: 'outcome',
    type: 'string',
    required: true,
    values: OUTCOMES,
    meaning:
      '`completed`: every byte arrived undamaged; `incomplete`: some were lost or damaged; `refused`: the system would not take a datagram; `timed-out`; `failed`: see `error_code`.',
  },
  {
    name: 'error_code',
    type: 'string',
    meaning:
      'Code of a refusal, failure or time-out (`EMSGSIZE`, `ECONNREFUSED`, `TIMEOUT` …), or the part of the protocol that was lost (`BEGIN_LOST`, `END_LOST`, `HEADER_LOST`, `ACK_LOST`).',
  },
  {
    name: 'error_phase',
    type: 'string',
    meaning: 'Where it happened: `prepare`, `connect`, `handshake`, `transfer`, `ack`, `drain`.',
  },
  { name: 'error_message', type: 'string', meaning: 'What happened, in words.' },
  {
    name: 'datagrams_offered',
    type: 'integer',
    meaning:
      'Payload datagrams given to the system; offered = accepted + refused. Empty for TCP. Markers and headers are not counted.',
  },
  {
    name: 'datagrams_accepted',
    type: 'integer',
    meaning: 'Those that the system took; accepted = delivered + lost.',
  },
  {
    name: 'datagrams_refused',
    type: 'integer',
    meaning: 'Those that the system returned with an error (EMSGSIZE, ENOBUFS). A refusal is not a loss.',
  },
  {
    name: 'refused_datagram_bytes',
    type: 'integer',
    unit: 'B',
    meaning:
      'Size of the first datagram that was refused: a chunk or, with `error_phase` `handshake`, the header or marker before the payload.',
  },
  {
    name: 'datagrams_delivered',
    type: 'integer',
    meaning: 'Unique, undamaged datagrams of this trial that the receiver took before the drain ended.',
  },
  {
    name: 'datagrams_lost',
    type: 'integer',
    meaning:
      'Accepted and not delivered, the tail included: the sender’s count against the receiver’s, never gaps in a sequence.',
  },
  { name: 'datagrams_duplicated', type: 'integer', meaning: 'Arrived again. Never cancels a loss.' },
  {
    name: 'datagrams_reordered',
    type: 'integer',
    meaning: 'Arrived after a datagram that follows it in the payload.',
  },
  {
    name: 'datagrams_corrupt',
    type: 'integer',
    meaning: 'Arrived damaged; counted as lost, not as delivered.',
  },
  { name: 'datagrams_late', type: 'integer', meaning: 'Arrived after the drain had ended; counted as lost.' },
  {
    name: 'datagrams_stray',
    type: 'integer',
    meaning: 'From another source, or before the transfer began: not of this trial.',
  },
  {
    name: 'bytes_delivered',
    type: 'integer',
    unit: 'B',
    meaning: 'Unique payload bytes that the receiver took.',
  },
  {
    name: 'loss_ratio',
    type: 'number',
    unit: '0 to 1',
    meaning: 'datagrams_lost / datagrams_accepted; empty for TCP and when nothing was accepted.',
  },
  {
    name: 'loss_cause',
    type: 'string',
    values: LOSS_CAUSES,
    meaning:
      'Why bytes are missing: `receive buffer` (the kernel’s own drop counter of the receiving socket), `refused by the system`, `elsewhere`. Empty when nothing is missing or the kernel tells nothing.',
  },
  {
    name: 'socket_drops',
    type: 'integer',
    meaning: 'Datagrams that the kernel dropped at the receiving socket (Linux: drops in /proc/net/udp).',
  },
  {
    name: 'host_rcvbuf_errors',
    type: 'integer',
    meaning:
      'UDP datagrams dropped for want of receive buffer on the receiver’s whole host over the trial (Linux: RcvbufErrors in /proc/net/snmp).',
  },
  {
    name: 'host_in_errors',
    type: 'integer',
    meaning:
      'UDP datagrams that the receiver’s whole host could not deliver over the trial (Linux: InErrors; it includes RcvbufErrors).',
  },
  {
    name: 'goodput_bps',
    type: 'number',
    unit: 'bit/s',
    meaning:
      'The headline: 8 x bytes_delivered / delivery_ms; 0 when the trial ran and nothing arrived; empty when a part of the payload was refused (what is left is no transfer of it), and when nobody can tell (a foreign receiver).',
  },
  {
    name: 'delivery_ms',
    type: 'number',
    unit: 'ms',
    meaning:
      'From the sender’s start of the protocol (the connect call, or the first datagram) to the moment when the receiver holds the last payload byte; one clock.',
  },
  {
    name: 'receive_ms',
    type: 'number',
    unit: 'ms',
    meaning:
      'First to last payload byte at the receiver. Not a base for a rate: a burst that waited in the socket buffer would look infinitely fast.',
  },
  {
    name: 'clock_error_ms',
    type: 'number',
    unit: 'ms',
    meaning: 'Uncertainty of the offset between both ends’ clocks; 0 on one host.',
  },
  {
    name: 'total_ms',
    type: 'number',
    unit: 'ms',
    meaning:
      'Sender’s clock: start of the protocol to its acknowledgement or, where it has none (or none came), to the last send accepted.',
  },
  { name: 'connect_ms', type: 'number', unit: 'ms', meaning: 'TCP: the connect call.' },
  { name: 'handshake_ms', type: 'number', unit: 'ms', meaning: 'TCP: SIZE to GOT SIZE.' },
  {
    name: 'transfer_ms',
    type: 'number',
    unit: 'ms',
    meaning: 'First payload byte offered to last payload byte accepted.',
  },
  {
    name: 'ack_ms',
    type: 'number',
    unit: 'ms',
    meaning: 'Last payload byte accepted to the acknowledgement (GOT IMAGE, get message!!!).',
  },
  {
    name: 'payload_intact',
    type: 'boolean',
    meaning:
      'What the receiver would save is the payload: every byte, undamaged, in order and once. A UDP format without sequence numbers is damaged by reordering even when nothing is lost.',
  },
  {
    name: 'sender_cpu_ms',
    type: 'number',
    unit: 'ms',
    meaning: 'User and system time of the sender’s process over the trial.',
  },
  {
    name: 'receiver_cpu_ms',
    type: 'number',
    unit: 'ms',
    meaning: 'User and system time of the receiver’s process over the trial.',
  },
  {
    name: 'sndbuf_asked_bytes',
    type: 'integer',
    unit: 'B',
    meaning: 'Send buffer asked for; empty for the system’s default.',
  },
  {
    name: 'sndbuf_bytes',
    type: 'integer',
    unit: 'B',
    meaning:
      'Send buffer of the sender’s socket as the system reports it (Linux doubles what is asked). Empty where the engine cannot read it.',
  },
  {
    name: 'rcvbuf_asked_bytes',
    type: 'integer',
    unit: 'B',
    meaning: 'Receive buffer asked for; empty for the system’s default.',
  },
  {
    name: 'rcvbuf_bytes',
    type: 'integer',
    unit: 'B',
    meaning:
      'Receive buffer of the receiver’s socket as the system reports it. Empty where the engine cannot read it.',
  },
  { name: 'nodelay', type: 'boolean', meaning: 'TCP_NODELAY; empty for UDP.' },
  {
    name: 'max_datagram_bytes',
    type: 'integer',
    unit: 'B',
    meaning: 'Limit of `--max-datagram` or `--os-profile`; empty for the system’s own.',
  },
  {
    name: 'limit_emulated',
    type: 'boolean',
    required: true,
    meaning: 'Whether that limit was emulated at the socket port rather than the system’s.',
  },
  {
    name: 'pinned_cpus',
    type: 'string',
    meaning:
      'CPUs that the sender’s and the receiver’s threads were bound to (`--pin`), as `0,1`; empty when the system chose.',
  },
  { name: 'os', type: 'string', required: true, meaning: '`linux`, `darwin`, `win32`, `freebsd` …' },
  { name: 'os_release', type: 'string', required: true, meaning: 'Release of the kernel.' },
  { name: 'arch', type: 'string', required: true, meaning: '`x64`, `arm64` …' },
  { name: 'cpu_model', type: 'string', required: true, meaning: 'Model of the first CPU.' },
  { name: 'cpu_count', type: 'integer', required: true, meaning: 'CPUs that this process may use.' },
  { name: 'node_version', type: 'string', required: true, meaning: 'Version of Node, without the v.' },
  { name: 'bench_version', type: 'string', required: true, meaning: 'Version of this program.' },
  { name: 'host', type: 'string', required: true, meaning: 'Host name.' },
] as const satisfies readonly Column[]

type Row = (typeof COLUMNS)[number]
export type ColumnName = Row['name']

type Value<C extends Column> = C extends { values: readonly (infer V)[] }
  ? V
  : C extends { type: 'string' }
    ? string
    : C extends { type: 'boolean' }
      ? boolean
      : number

/** One trial: a key for each column, undefined where unknown. */
export type TrialRecord = {
  readonly [C in Row as C extends { required: true } ? C['name'] : never]: Value<C>
} & {
  readonly [C in Row as C extends { required: true } ? never : C['name']]?: Value<C> | undefined
}
