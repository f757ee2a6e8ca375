/** Any bytes, answered with the same bytes: a datagram each, or over TCP as they are read. */
import type { Asker } from '../contract/transport.ts'
import { datagramExchange, streamExchange } from '../exchange/exchanges.ts'
import type { MessageFormat } from '../exchange/format.ts'

/** What latency tools send where nothing else is asked for. */
const USUAL_BYTES = 64
/** Bytes of a request's number (little-endian). Its complement follows if there is room, so that a damaged number is recognised. */
const NUMBER_BYTES = 4
/** What the original reads at once. */
const READ_BYTES = 8000

const bytes: MessageFormat = {
  usualBytes: USUAL_BYTES,
  leastBytes: 1,
  message(sizeBytes) {
    const memory = Buffer.from(Array.from({ length: sizeBytes }, (_, index) => index % 251))
    const numbered = sizeBytes >= NUMBER_BYTES
    return {
      bytes: memory,
      numbered,
      lengthOf: () => sizeBytes,
      become(number) {
        if (numbered) memory.writeUInt32LE(number, 0)
        if (sizeBytes >= 2 * NUMBER_BYTES) memory.writeUInt32LE(~number >>> 0, NUMBER_BYTES)
        return sizeBytes
      },
    }
  },
  numberOf: (memory, start, end) => (end - start < NUMBER_BYTES ? 0 : memory.readUInt32LE(start)),
}

export const echoUdp: Asker = {
  name: 'echo-udp',
  summary: 'UDP: each datagram is answered with the same bytes',
  traits: { socket: 'datagram', reliable: false, acknowledged: true },
  port: 12345,
  exchange: datagramExchange(bytes, () => bytes),
}

export const echoTcp: Asker = {
  name: 'echo-tcp',
  summary: 'TCP: what is read is answered with the same bytes',
  traits: { socket: 'stream', reliable: true, acknowledged: true },
  port: 12345,
  exchange: streamExchange(bytes, READ_BYTES),
}
