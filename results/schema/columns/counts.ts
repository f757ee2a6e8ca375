/** Datagrams and bytes: offered = accepted + refused, accepted = delivered + lost. */
import { LOSS_CAUSES } from '../outcome.ts'
import type { Column } from './column.ts'

export const COUNT_COLUMNS = [
  {
    name: 'datagrams_offered',
    role: 'measured',
    type: 'integer',
    meaning:
      'Payload datagrams given to the system; offered = accepted + refused. Empty for TCP. Markers and headers are not counted.',
  },
  {
    name: 'datagrams_accepted',
    role: 'measured',
    type: 'integer',
    meaning: 'Those that the system accepted; accepted = delivered + lost.',
  },
  {
    name: 'datagrams_refused',
    role: 'measured',
    type: 'integer',
    meaning:
      'Those for which the system returned an error (EMSGSIZE, ENOBUFS, EPERM, EHOSTUNREACH) twice. A refusal is not a loss.',
  },
  {
    name: 'sends_repeated',
    role: 'measured',
    type: 'integer',
    meaning:
      'Datagrams, markers and headers included, for which the system returned such an error and which it accepted on the second attempt. If a batch ended early with room in the send buffer, the system does not say which error it was.',
  },
  {
    name: 'pace_lateness_ms',
    role: 'measured',
    type: 'number',
    unit: 'ms',
    meaning:
      'Paced: the longest that a datagram was behind its schedule. The sender catches up by at most 20 ms of the rate; the rest of the schedule is postponed.',
  },
  {
    name: 'pace_burst',
    role: 'measured',
    type: 'integer',
    meaning:
      'Paced: the most datagrams offered in a row at twice the rate or more, to catch up after a delay. A sender that is too slow for its rate never catches up.',
  },
  {
    name: 'datagram_bytes',
    role: 'measured',
    derivable: true,
    type: 'integer',
    unit: 'B',
    meaning:
      'Size of the longest payload datagram: `chunk_bytes` and what the wire format adds to a chunk, or the whole payload where the transport sends it as one. Empty for TCP, when none was offered, and in files of older versions.',
  },
  {
    name: 'refused_datagram_bytes',
    role: 'measured',
    type: 'integer',
    unit: 'B',
    meaning:
      'Size of the first datagram that was refused: a chunk or, with `error_phase` `handshake`, the header or marker before the payload.',
  },
  {
    name: 'datagrams_delivered',
    role: 'measured',
    type: 'integer',
    meaning: 'Unique, undamaged datagrams of this trial that the receiver read before the drain ended.',
  },
  {
    name: 'datagrams_lost',
    role: 'measured',
    type: 'integer',
    meaning:
      'Accepted and not delivered, the tail included: the sender’s count against the receiver’s, never gaps in a sequence.',
  },
  {
    name: 'beginning_arrived',
    role: 'measured',
    derivable: true,
    type: 'boolean',
    meaning:
      'Whether the header or marker before the payload arrived. Empty where the transport sends none, when the receiver did not report, and in files of older versions.',
  },
  {
    name: 'datagrams_arrived',
    role: 'measured',
    type: 'integer',
    meaning:
      'Payload datagrams that the receiver read, whatever they contained: delivered, duplicated and corrupt together. With `--verify none` this is the only count of them.',
  },
  {
    name: 'datagrams_duplicated',
    role: 'measured',
    type: 'integer',
    meaning: 'Arrived more than once. A duplicate never cancels a loss.',
  },
  {
    name: 'datagrams_reordered',
    role: 'measured',
    type: 'integer',
    meaning: 'Arrived after a datagram that follows it in the payload.',
  },
  {
    name: 'datagrams_corrupt',
    role: 'measured',
    type: 'integer',
    meaning: 'Arrived damaged; counted as lost, not as delivered.',
  },
  {
    name: 'datagrams_late',
    role: 'measured',
    type: 'integer',
    meaning:
      'Arrived within another quiet time after the drain had ended; counted as lost. Empty if the receiver did not wait that long.',
  },
  {
    name: 'datagrams_stray',
    role: 'measured',
    type: 'integer',
    meaning: 'Ignored: from another source, or before the transfer began.',
  },
  {
    name: 'datagrams_stray_from',
    role: 'measured',
    perTrial: true,
    type: 'string',
    meaning:
      'Address from which datagrams of this trial came, if it is not the sender’s address on the control connection: a NAT on the path rewrites the source of UDP, and the receiver ignores them.',
  },
  {
    name: 'bytes_delivered',
    role: 'measured',
    type: 'integer',
    unit: 'B',
    meaning: 'Unique payload bytes that the receiver read.',
  },
  {
    name: 'loss_ratio',
    role: 'measured',
    type: 'number',
    unit: '0 to 1',
    meaning: 'datagrams_lost / datagrams_accepted; empty for TCP and if none was accepted.',
  },
  {
    name: 'loss_cause',
    role: 'measured',
    type: 'string',
    values: LOSS_CAUSES,
    meaning:
      'Why most of the missing bytes are missing: `receive buffer` (the kernel’s own drop counter of the receiving socket), `send queue` (SndbufErrors of the sender’s host), `refused by the system`, `late`, `damaged`, `elsewhere`. Empty when nothing is missing or the kernel does not say. The next columns count each cause.',
  },
  {
    name: 'lost_send_queue',
    role: 'measured',
    type: 'integer',
    meaning:
      'Lost datagrams that a queue of the sender’s host dropped before they left it (SndbufErrors); an upper bound while other programs send too. Empty when that host does not count them, or with `--offload` when the causes cannot be separated.',
  },
  {
    name: 'lost_receive_buffer',
    role: 'measured',
    type: 'integer',
    meaning:
      'Lost datagrams that were dropped at the receiving socket. Empty when its host does not count them.',
  },
  {
    name: 'lost_elsewhere',
    role: 'measured',
    type: 'integer',
    meaning:
      'Lost datagrams that no queue of either host dropped, and that arrived neither late nor damaged: lost on the path. Empty when the receiver’s host does not count its drops.',
  },
  {
    name: 'socket_drops',
    role: 'measured',
    type: 'integer',
    meaning:
      'Datagrams that the kernel dropped at the receiving socket (Linux: SO_MEMINFO, or drops in /proc/net/udp). With `gso,gro`, several datagrams dropped as one count once, here and in the next columns.',
  },
  {
    name: 'rxq_overflow',
    role: 'measured',
    type: 'integer',
    meaning:
      'The same counter when the last datagram that was read arrived (SO_RXQ_OVFL): the difference to socket_drops was dropped after it, at the tail.',
  },
  {
    name: 'host_sndbuf_errors',
    role: 'measured',
    type: 'integer',
    meaning:
      'UDP datagrams that were accepted and then dropped by a queue of the sender’s host, from all its programs, over the trial (Linux: SndbufErrors in /proc/net/snmp); markers and headers included.',
  },
  {
    name: 'host_no_ports',
    role: 'measured',
    type: 'integer',
    meaning:
      'UDP datagrams that arrived at ports of the sender’s host on which nothing listens, over the trial (Linux: NoPorts in /proc/net/snmp). An acknowledgement from an address other than the one that was sent to is one of them.',
  },
  {
    name: 'host_rcvbuf_errors',
    role: 'measured',
    type: 'integer',
    meaning:
      'UDP datagrams dropped because a receive buffer was full, on the receiver’s whole host over the trial (Linux: RcvbufErrors in /proc/net/snmp).',
  },
  {
    name: 'host_in_errors',
    role: 'measured',
    type: 'integer',
    meaning:
      'UDP datagrams that the receiver’s whole host could not deliver over the trial (Linux: InErrors; it includes RcvbufErrors).',
  },
] as const satisfies readonly Column[]
