/** Datagrams and bytes: offered = accepted + refused, accepted = delivered + lost. */
import { LOSS_CAUSES } from '../outcome.ts'
import { BYTES, COUNT, MS, measured, SHARE, SWITCH, TEXT } from './column.ts'

/** What can be decoded of a picture. */
export const PICTURE_STATES = ['whole', 'partly', 'not'] as const

/** Counted once for all flows. */
const OF_HOST = { ...COUNT, over: 'most' } as const

export const COUNT_COLUMNS = {
  datagrams_offered: measured(
    COUNT,
    'Payload datagrams given to the system; offered = accepted + refused. Empty for TCP. Markers and headers are not counted.',
  ),
  datagrams_accepted: measured(COUNT, 'Those that the system accepted; accepted = delivered + lost.'),
  datagrams_refused: measured(
    COUNT,
    'Those for which the system returned an error (EMSGSIZE, ENOBUFS, EPERM, EHOSTUNREACH) twice. A refusal is not a loss. Of a header or marker that was refused, `outcome` says it: it is `refused`, and this is 0.',
  ),
  datagrams_resent: measured(
    COUNT,
    'Of those offered, retransmissions of chunks that had been offered before. Each is a datagram of its own in the counts beside it: one that was lost is in `datagrams_lost`, and one that was needless is in `datagrams_delivered`. Empty where the transport sends nothing twice, and for TCP (`tcp_retransmits`).',
  ),
  sends_repeated: measured(
    COUNT,
    'Datagrams, markers and headers included, for which the system returned such an error and which it accepted on the second attempt. If a batch ended early with room in the send buffer, the system does not say which error it was.',
  ),
  sends_waited: measured(
    COUNT,
    'Send calls for datagrams that found the send buffer full, and waited for room: the interface, or a queue before it, took no more at that moment. Empty for TCP.',
  ),
  pace_lateness_ms: measured(
    MS,
    'Paced: the longest that a datagram was behind its schedule. The sender catches up by at most 20 ms of the rate; the rest of the schedule is postponed.',
  ),
  pace_burst: measured(
    { ...COUNT, over: 'most' },
    'Paced: the most datagrams offered in a row at twice the rate or more, to catch up after a delay. A sender that is too slow for its rate never catches up.',
  ),
  datagram_bytes: measured(
    { ...BYTES, derivable: true, over: 'most' },
    'Size of the longest payload datagram: `chunk_bytes` and what the wire format adds to a chunk, or the whole payload where the transport sends it as one. Empty for TCP, when none was offered, and in files of older versions.',
  ),
  refused_datagram_bytes: measured(
    { ...BYTES, over: 'worst' },
    'Size of the first datagram that was refused: a chunk or, with `error_phase` `handshake`, the header or marker before the payload; the marker behind it, where nothing of the payload was refused.',
  ),
  datagrams_delivered: measured(
    COUNT,
    'Unique, undamaged datagrams of this trial that the receiver read before the drain ended. Of a payload whose datagrams are not all different (`--payload zeros`, many files), one that came twice counts in the place of an equal one.',
  ),
  datagrams_lost: measured(
    COUNT,
    'Accepted and not delivered, the tail included: the sender’s count against the receiver’s, never gaps in a sequence.',
  ),
  beginning_arrived: measured(
    { ...SWITCH, derivable: true },
    'Whether the header or marker before the payload arrived. Empty where the transport sends none, when the receiver did not report, and in files of older versions.',
  ),
  datagrams_arrived: measured(
    COUNT,
    'Payload datagrams that the receiver read, whatever they contained: delivered, duplicated and corrupt together. With `--verify none` this is the only count of them.',
  ),
  datagrams_duplicated: measured(
    COUNT,
    'Arrived more than once. A duplicate never cancels a loss. A retransmission is a datagram of its own, not a duplicate. Empty where datagrams of the payload have the same bytes, so that nobody can tell.',
  ),
  datagrams_reordered: measured(
    COUNT,
    'Arrived after a datagram that follows it in the payload or, of a reliable transport, that was sent after it. Empty where datagrams of the payload have the same bytes.',
  ),
  datagrams_corrupt: measured(COUNT, 'Arrived damaged; counted as lost, not as delivered.'),
  datagrams_late: measured(
    COUNT,
    'Arrived within another quiet time after the drain had ended; counted as lost. Empty if the receiver did not wait that long.',
  ),
  datagrams_stray: measured(COUNT, 'Ignored: from another source, or before the transfer began.'),
  datagrams_stray_from: measured(
    { ...TEXT, perTrial: true },
    'Address from which datagrams of this trial came, if it is not the sender’s address on the control connection: a NAT on the path rewrites the source of UDP, and the receiver ignores them.',
  ),
  bytes_delivered: measured(BYTES, 'Unique payload bytes that the receiver read.'),
  picture: measured(
    { ...TEXT, values: PICTURE_STATES },
    'Of a made picture (`--payload png`, `jpeg`, `bmp`), decoded at the receiver after the clock had stopped from what arrived undamaged, each chunk at its place: `whole`, every pixel; `partly`; `not`, no pixel. A PNG ends at the first missing byte; a JPEG of ours loses the rows of 8 pixels in which bytes are missing, a BMP these pixels. Empty for other payloads and a foreign receiver, with `--verify none`, and where it cannot be known which of equal chunks are missing.',
  ),
  loss_ratio: measured(
    { ...SHARE, over: { part: 'datagrams_lost', of: 'datagrams_accepted' } },
    'datagrams_lost / datagrams_accepted; empty for TCP and if none was accepted.',
  ),
  loss_cause: measured(
    { ...TEXT, values: LOSS_CAUSES },
    'Why most of the missing bytes are missing: `receive buffer` (the kernel’s own drop counter of the receiving socket), `send queue` (SndbufErrors of the sender’s host), `refused by the system`, `emulated way` (`--impair`), `late`, `damaged`, `elsewhere`. Empty when nothing is missing or the kernel does not say. The next columns count each cause.',
  ),
  lost_send_queue: measured(
    COUNT,
    'Lost datagrams that a queue of the sender’s host dropped before they left it (SndbufErrors); an upper bound while other programs send too. Empty when that host does not count them, or with `--offload` when the causes cannot be separated.',
  ),
  lost_receive_buffer: measured(
    COUNT,
    'Lost datagrams that were dropped at the receiving socket. Empty when its host does not count them.',
  ),
  lost_emulated: measured(
    COUNT,
    'Lost datagrams that the emulated way lost by chance, or dropped in its queue (`--impair`); an upper bound where a header or marker may be one of them.',
  ),
  lost_elsewhere: measured(
    COUNT,
    'Lost datagrams that no queue of either host dropped, and that arrived neither late nor damaged: lost on the path. Empty when the receiver’s host does not count its drops.',
  ),
  socket_drops: measured(
    COUNT,
    'Datagrams that the kernel dropped at the receiving socket (Linux: SO_MEMINFO, or drops in /proc/net/udp). With `gso,gro`, several datagrams dropped as one count once, here and in the next columns.',
  ),
  rxq_overflow: measured(
    COUNT,
    'The same counter when the last datagram that was read arrived (SO_RXQ_OVFL): the difference to socket_drops was dropped after it, at the tail.',
  ),
  host_sndbuf_errors: measured(
    OF_HOST,
    'UDP datagrams that were accepted and then dropped by a queue of the sender’s host, from all its programs, over the trial (Linux: SndbufErrors in /proc/net/snmp, less the sends of this socket that only waited for room); markers and headers included.',
  ),
  host_no_ports: measured(
    OF_HOST,
    'UDP datagrams that arrived at ports of the sender’s host on which nothing listens, over the trial (Linux: NoPorts in /proc/net/snmp). An acknowledgement from an address other than the one that was sent to is one of them.',
  ),
  host_rcvbuf_errors: measured(
    OF_HOST,
    'UDP datagrams dropped because a receive buffer was full, on the receiver’s whole host over the trial (Linux: RcvbufErrors in /proc/net/snmp).',
  ),
  host_in_errors: measured(
    OF_HOST,
    'UDP datagrams that the receiver’s whole host could not deliver over the trial (Linux: InErrors; it includes RcvbufErrors).',
  ),
}
