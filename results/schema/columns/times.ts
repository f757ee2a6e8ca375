/** Rates and times. */
import type { Column } from './column.ts'

export const TIME_COLUMNS = [
  {
    name: 'goodput_bps',
    role: 'measured',
    type: 'number',
    unit: 'bit/s',
    meaning:
      'The headline: 8 x bytes_delivered / delivery_ms; 0 when the trial ran and nothing arrived; empty when a part of the payload was refused (the rest is not a transfer of it), and when it cannot be known (a foreign receiver).',
  },
  {
    name: 'delivery_ms',
    role: 'measured',
    type: 'number',
    unit: 'ms',
    meaning:
      'From the start of the protocol at the sender (the connect call, or the first datagram) until the receiver holds the last payload byte; on one clock.',
  },
  {
    name: 'payload_delivery_ms',
    role: 'measured',
    type: 'number',
    unit: 'ms',
    meaning:
      'TCP: delivery_ms without connect_ms and handshake_ms, from the first payload byte offered until the receiver holds the last one.',
  },
  {
    name: 'receive_ms',
    role: 'measured',
    type: 'number',
    unit: 'ms',
    meaning:
      'First to last payload byte at the receiver. Not suitable for a rate: a burst that waited in the socket buffer would look infinitely fast.',
  },
  {
    name: 'clock_error_ms',
    role: 'measured',
    type: 'number',
    unit: 'ms',
    meaning: 'Uncertainty of the offset between both ends’ clocks; 0 on one host.',
  },
  {
    name: 'total_ms',
    role: 'measured',
    type: 'number',
    unit: 'ms',
    meaning:
      'On the sender’s clock: from the start of the protocol to its acknowledgement or, if it has none or none came, to the last accepted send.',
  },
  {
    name: 'connect_ms',
    role: 'measured',
    type: 'number',
    unit: 'ms',
    meaning:
      'TCP: the connect call as this program saw it, until the engine reports that there is a connection. Over a network it is a round trip; over loopback it is mostly work of the kernel and of this harness (native: system calls; node: turns of the event loop), which says nothing about a path.',
  },
  { name: 'handshake_ms', role: 'measured', type: 'number', unit: 'ms', meaning: 'TCP: SIZE to GOT SIZE.' },
  {
    name: 'transfer_ms',
    role: 'measured',
    type: 'number',
    unit: 'ms',
    meaning: 'First payload byte offered to last payload byte accepted.',
  },
  {
    name: 'ack_ms',
    role: 'measured',
    type: 'number',
    unit: 'ms',
    meaning:
      'Last payload byte accepted to the acknowledgement (GOT IMAGE, get message!!!); empty without one, and if it came before the call that sent the last datagram had returned (the receiver’s CPU was quicker): total_ms then ends before transfer_ms does, and there was no such phase.',
  },
  {
    name: 'payload_intact',
    role: 'measured',
    type: 'boolean',
    meaning:
      'Whether the receiver would save exactly the payload: every byte, undamaged, in order and once. Reordering damages a UDP format without sequence numbers even when nothing is lost.',
  },
  {
    name: 'sender_cpu_ms',
    role: 'measured',
    end: 'sender',
    type: 'number',
    unit: 'ms',
    meaning: 'User and system time of the sender’s process over the trial.',
  },
  {
    name: 'receiver_cpu_ms',
    role: 'measured',
    end: 'receiver',
    type: 'number',
    unit: 'ms',
    meaning: 'User and system time of the receiver’s process over the trial.',
  },
  {
    name: 'control_rtt_ms',
    role: 'measured',
    type: 'number',
    unit: 'ms',
    meaning:
      'The lowest round-trip time of the control channel to the other host (with two, the larger one); empty on one host.',
  },
] as const satisfies readonly Column[]
