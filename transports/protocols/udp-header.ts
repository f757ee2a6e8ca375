/** A datagram with the payload's length (a C long), then the payload in chunks; the receiver replies once it has that many bytes. */
import { formatBytes } from '../../base/units.ts'
import type { Carrier } from '../contract/transport.ts'
import { AGAIN, FOREIGN, IGNORED, type Meaning, PAYLOAD, type ReceivingFormat } from '../datagram/format.ts'
import { receiveDatagrams } from '../datagram/receiver.ts'
import { datagramSender } from '../datagram/sender.ts'
import { LONGEST_SIGNAL_BYTES, type OpenTransfer } from '../datagram/transfer.ts'

export const ACKNOWLEDGEMENT = Buffer.from('get message!!!', 'ascii')

export const udpHeader: Carrier = {
  name: 'udp-header',
  summary: 'UDP: a datagram with the length, then chunks; acknowledged once all have come',
  traits: { socket: 'datagram', reliable: false, acknowledged: true },
  port: 9999,
  transfer: {
    receive: (sockets, options) =>
      receiveDatagrams(sockets, options, {
        beginning: 'header',
        endMarker: false,
        acknowledgement: ACKNOWLEDGEMENT,
        meaning: headerMeaning,
        remark: otherOrder,
      }),

    ...datagramSender({
      begin: ({ sizeBytes }) => encodeLength(sizeBytes),
      acknowledgement: ACKNOWLEDGEMENT,
      datagrams: payload => payload.windows(),
    }),
  },
}

/** Encodes the length as Linux and macOS do: a signed 8-byte C long, little-endian. */
export function encodeLength(sizeBytes: number): Buffer {
  const header = Buffer.alloc(8)
  header.writeBigInt64LE(BigInt(sizeBytes))
  return header
}

const headerMeaning: ReceivingFormat['meaning'] = (memory, start, end, open, maxSizeBytes) => {
  const length = end - start
  // Existing senders emit one extra empty datagram when the length is a multiple of 1,024.
  if (length === 0) return IGNORED
  const fits = length === 8 || length === 4
  if (!open) return fits ? beginning(memory, start, end, maxSizeBytes) : FOREIGN
  return fits ? headerOrChunk(memory, start, end, open, maxSizeBytes) : PAYLOAD
}

function beginning(memory: Buffer, start: number, end: number, maxSizeBytes: number | undefined): Meaning {
  const announcedBytes = decodeLength(memory, start, end)
  if (announcedBytes !== undefined && announcedBytes <= (maxSizeBytes ?? announcedBytes))
    return { kind: 'begin', announcedBytes }
  const swapped = decodeLength(Buffer.from(memory.subarray(start, end)).reverse(), 0, end - start)
  if (swapped !== undefined && swapped > 0 && swapped <= (maxSizeBytes ?? Number.MAX_SAFE_INTEGER)) {
    const what = `a length header in the other byte order (${formatBytes(swapped)} if read so); it has to be little-endian`
    return { kind: 'foreign', what }
  }
  if (announcedBytes !== undefined) return { kind: 'begin', announcedBytes }
  return { kind: 'foreign', what: 'a length header with an impossible length (negative, or over 2^53)' }
}

/** Interprets a datagram of 8 or 4 bytes in mid-transfer. If undecided it is payload, and the transfer is never acknowledged. */
function headerOrChunk(
  memory: Buffer,
  start: number,
  end: number,
  open: OpenTransfer,
  maxSizeBytes: number | undefined,
): Meaning {
  const { announcedBytes = 0, bytes, longestBytes, tail } = open
  const announced = decodeLength(memory, start, end)
  const repeats = announced === announcedBytes && announcedBytes > LONGEST_SIGNAL_BYTES
  if (repeats && bytes === 0) return AGAIN
  if (maxSizeBytes === undefined || announced === undefined || announced < 1 || announced > maxSizeBytes)
    return PAYLOAD
  const undecidable = announced === announcedBytes - bytes - (end - start)
  if (longestBytes > 0 && longestBytes <= LONGEST_SIGNAL_BYTES)
    return undecidable ? { kind: 'payload', undecidable } : PAYLOAD
  if (repeats && open.isFresh) return { kind: 'again', doubtful: true }
  const [missing, length] = [announcedBytes - bytes, end - start]
  const lastChunk = longestBytes === 0 ? missing === length : announcedBytes % longestBytes === length
  if (lastChunk && missing === length) return { kind: 'payload', last: announced }
  if (longestBytes === 0 && missing > length)
    return { kind: 'payload', nextBytes: announced, ...(undecidable ? { undecidable } : {}) }
  if (lastChunk && (tail === undefined || tail.compare(memory, start, end) === 0))
    return { kind: 'payload', tail: true }
  return { kind: 'begin', announcedBytes: announced }
}

/** A 4-byte length read in the wrong byte order is also a valid length. */
function otherOrder(announcedBytes: number, bytes: number): string | undefined {
  if (announcedBytes > 0x7fff_ffff) return undefined
  const header = Buffer.alloc(4)
  header.writeUInt32LE(announcedBytes)
  const swapped = header.readUInt32BE()
  const near = bytes > 0 && swapped < announcedBytes && swapped >= bytes && swapped <= bytes * 1.25
  return near
    ? `in the other byte order its header says ${formatBytes(swapped)}: it has to be little-endian`
    : undefined
}

/** Decodes a length of 8 bytes, or 4 as Windows writes it; undefined if it is not one (another size, negative). */
function decodeLength(memory: Buffer, start: number, end: number): number | undefined {
  if (end - start === 4) {
    const value = memory.readInt32LE(start)
    return value < 0 ? undefined : value
  }
  if (end - start !== 8) return undefined
  const value = memory.readBigInt64LE(start)
  return value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER) ? undefined : Number(value)
}
