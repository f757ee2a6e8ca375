/** A datagram with the payload's length (a C long), then the payload in chunks; answered when the length is reached. */
import { receiveDatagrams } from './datagram-receiver.ts'
import { sendDatagrams } from './datagram-sender.ts'
import type { Transport } from './transport.ts'

export const ACKNOWLEDGEMENT = Buffer.from('get message!!!', 'ascii')

export const udpHeader: Transport = {
  name: 'udp-header',
  summary: 'UDP: a datagram with the length, then chunks; acknowledged once all have come',
  traits: { socket: 'datagram', reliable: false, acknowledged: true },
  port: 9999,
  datagrams: payload => payload.windows(),

  receive: (sockets, options) =>
    receiveDatagrams(sockets, options, {
      beginning: 'header',
      endMarker: false,
      acknowledgement: ACKNOWLEDGEMENT,
      meaning(memory, start, end, open) {
        // Existing senders emit one extra empty datagram when the length is a multiple of 1,024.
        if (end === start) return { kind: 'ignored' }
        if (open) return { kind: 'payload' }
        const announcedBytes = decodeLength(memory, start, end)
        return announcedBytes === undefined ? { kind: 'ignored' } : { kind: 'begin', announcedBytes }
      },
    }),

  send: (sockets, to, payload, options) =>
    sendDatagrams(sockets, to, payload, options, {
      begin: ({ sizeBytes }) => encodeLength(sizeBytes),
      acknowledgement: ACKNOWLEDGEMENT,
      datagrams: each => each.windows(),
    }),
}

/** The length as Linux and macOS write it: a signed C long of 8 bytes, little-endian. */
export function encodeLength(sizeBytes: number): Buffer {
  const header = Buffer.alloc(8)
  header.writeBigInt64LE(BigInt(sizeBytes))
  return header
}

/** Reads a length of 8 bytes, or 4 as Windows writes it; undefined when it is none (another length, negative). */
function decodeLength(memory: Buffer, start: number, end: number): number | undefined {
  if (end - start === 4) {
    const value = memory.readInt32LE(start)
    return value < 0 ? undefined : value
  }
  if (end - start !== 8) return undefined
  const value = memory.readBigInt64LE(start)
  return value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER) ? undefined : Number(value)
}
