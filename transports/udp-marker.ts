/** `bin`, then the payload in chunks, then `end`: no length, no answer. */
import { type Meaning, receiveDatagrams } from './datagram-receiver.ts'
import { sendDatagrams } from './datagram-sender.ts'
import type { Payload, Transport } from './transport.ts'

const BEGIN = Buffer.from('bin', 'ascii')
const END = Buffer.from('end', 'ascii')

/** Markers are in-band: no chunk may be one, or the receiver would take it for the marker. */
const datagrams = (payload: Payload) => payload.windows([BEGIN, END])

export const udpMarker: Transport = {
  name: 'udp-marker',
  summary: 'UDP: the markers bin and end around the chunks; no length, no answer',
  traits: { socket: 'datagram', reliable: false, acknowledged: false },
  port: 8888,
  datagrams,

  receive: (sockets, options) =>
    receiveDatagrams(sockets, options, {
      beginning: 'begin',
      endMarker: true,
      meaning: (memory, start, end, open) => markerMeaning(memory, start, end, open !== undefined),
    }),

  send: (sockets, to, payload, options) =>
    sendDatagrams(sockets, to, payload, options, { begin: () => BEGIN, end: END, datagrams }),
}

function markerMeaning(memory: Buffer, start: number, end: number, open: boolean): Meaning {
  if (end === start) return { kind: 'ignored' }
  if (end - start === BEGIN.length) {
    if (BEGIN.compare(memory, start, end) === 0) return { kind: 'begin' }
    if (END.compare(memory, start, end) === 0) return { kind: 'end' }
  }
  return { kind: open ? 'payload' : 'ignored' }
}
