/** Rates and times. */
import type { Column } from './column.ts'

export const TIME_COLUMNS = [
  {
    name: 'goodput_bps',
    role: 'measured',
    type: 'number',
    unit: 'bit/s',
    meaning:
      'The headline: 8 x bytes_delivered / delivery_ms; 0 when the trial ran and nothing arrived; empty when a part of the payload was refused (what is left is no transfer of it), and when nobody can tell (a foreign receiver).',
  },
  {
    name: 'delivery_ms',
    role: 'measured',
    type: 'number',
    unit: 'ms',
    meaning:
      'From the sender’s start of the protocol (the connect call, or the first datagram) to the moment when the receiver holds the last payload byte; one clock.',
  },
  {
    name: 'payload_delivery_ms',
    role: 'measured',
    type: 'number',
    unit: 'ms',
    meaning:
      'TCP: delivery_ms without connect_ms and handshake_ms, from the first payload byte offered to the last one held by the receiver.',
  },
  {
    name: 'receive_ms',
    role: 'measured',
    type: 'number',
    unit: 'ms',
    meaning:
      'First to last payload byte at the receiver. Not a base for a rate: a burst that waited in the socket buffer would look infinitely fast.',
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
      'Sender’s clock: start of the protocol to its acknowledgement or, where it has none (or none came), to the last send accepted.',
  },
  {
    name: 'connect_ms',
    role: 'measured',
    type: 'number',
    unit: 'ms',
    meaning:
      'TCP: the connect call as this program saw it, from before it to the moment when the engine tells that there is a connection. Over a network it is a round trip; over loopback mostly the kernel’s and the harness’s own work (native: system calls; node: turns of the event loop), which is no property of a path.',
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
      'Last payload byte accepted to the acknowledgement (GOT IMAGE, get message!!!); empty without one, and where it came before the call that sent the last datagram had returned (the receiver’s CPU was quicker): total_ms then ends before transfer_ms does, and there was no such phase.',
  },
  {
    name: 'payload_intact',
    role: 'measured',
    type: 'boolean',
    meaning:
      'What the receiver would save is the payload: every byte, undamaged, in order and once. A UDP format without sequence numbers is damaged by reordering even when nothing is lost.',
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
      'The least round-trip time of the control channel to the other host (of both, the longer one); empty on one host.',
  },
] as const satisfies readonly Column[]
