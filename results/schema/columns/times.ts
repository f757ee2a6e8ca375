/** Rates and times. */
import { BITS_PER_SECOND, MS, measured, SHARE, SWITCH } from './column.ts'

export const TIME_COLUMNS = {
  goodput_bps: measured(
    BITS_PER_SECOND,
    'The headline: 8 x bytes_delivered / delivery_ms (of a stream, of what arrived within `--duration`: docs/streams.md); 0 when the trial ran and nothing arrived; empty when a part of the payload was refused (the rest is not a transfer of it), and when it cannot be known (a foreign receiver).',
  ),
  fairness: measured(
    { ...SHARE, derivable: true, over: 'first' },
    'How evenly the streams of a trial (`--streams`) shared its goodput, the same in each of its rows of a direction: Jain’s index, (sum x)² / (n sum x²) of their goodput_bps. 1: all alike; 1 / n: one had everything. Empty for a single stream, and if goodput is unknown for one, or 0 for all.',
  ),
  delivery_ms: measured(
    MS,
    'From the start of the protocol at the sender (the connect call, or the first datagram) until the receiver holds the last payload byte; on one clock.',
  ),
  payload_delivery_ms: measured(
    MS,
    'TCP: delivery_ms without connect_ms, tls_ms and handshake_ms, from the first payload byte offered until the receiver holds the last one.',
  ),
  receive_ms: measured(
    MS,
    'First to last payload byte at the receiver. Not suitable for a rate: a burst that waited in the socket buffer would look infinitely fast.',
  ),
  clock_error_ms: measured(MS, 'Uncertainty of the offset between both ends’ clocks; 0 on one host.'),
  total_ms: measured(
    MS,
    'On the sender’s clock: from the start of the protocol to its acknowledgement or, if it has none or none came, to the last accepted send.',
  ),
  connect_ms: measured(
    MS,
    'TCP: the connect call as this program saw it, until the engine reports that there is a connection. Over a network it is a round trip; over loopback it is mostly work of the kernel and of this harness (native: system calls; node: turns of the event loop), which says nothing about a path.',
  ),
  tls_ms: measured(
    MS,
    'TLS: from a TCP connection to the end of the sender’s handshake, checking the certificate included, so that its next byte leaves inside TLS.',
  ),
  handshake_ms: measured(MS, 'TCP: SIZE to GOT SIZE.'),
  transfer_ms: measured(MS, 'First payload byte offered to last payload byte accepted.'),
  ack_ms: measured(
    MS,
    'Last payload byte accepted to the acknowledgement (GOT IMAGE, get message!!!); empty without one, and if it came before the call that sent the last datagram had returned (the receiver’s CPU was quicker): total_ms then ends before transfer_ms does, and there was no such phase.',
  ),
  payload_intact: measured(
    SWITCH,
    'Whether the receiver would save exactly the payload: every byte, undamaged, in order and once. Reordering damages a UDP format without sequence numbers even when nothing is lost.',
  ),
  sender_cpu_ms: measured(
    { ...MS, end: 'sender', over: 'sum' },
    'User and system time of the sender’s process over the trial.',
  ),
  receiver_cpu_ms: measured(
    { ...MS, end: 'receiver', over: 'sum' },
    'User and system time of the receiver’s process over the trial.',
  ),
  control_rtt_ms: measured(
    MS,
    'The lowest round-trip time of the control channel to the other host (with two, the larger one); empty on one host.',
  ),
}
