/**
 * A plug-in with a protocol of its own: every datagram says which transfer it belongs to, how long that is, and which chunk it carries. So a
 * datagram is 16 bytes longer than its chunk, no chunk can be taken for a marker, and there is no first datagram that must not be lost.
 *
 *     0       4       8               16
 *     | id    | index | payload bytes | chunk …      unsigned, big-endian
 *
 * The receiver answers `have it all` once it has that many bytes.
 */
import { randomInt } from 'node:crypto'
import { datagramSender, receiveDatagrams } from 'tcp-udp-bench/transports'

const HEADER_BYTES = 16
const ACKNOWLEDGEMENT = Buffer.from('have it all')

/** The chunks of a payload; of an empty one a single empty chunk, since the header has to arrive. */
const chunksOf = payload =>
  payload.sizeBytes === 0 ? [{ bytes: Buffer.alloc(0), chunkBytes: 1 }] : payload.windows()

/** @type {import('tcp-udp-bench/transports').Transport} */
const udpSequence = {
  name: 'udp-sequence',
  summary: 'UDP: every datagram with its transfer, its length and its place; acknowledged once all have come',
  traits: { socket: 'datagram', reliable: false, acknowledged: true, headerBytes: HEADER_BYTES },
  port: 7777,
  transfer: {
    receive: (sockets, options) =>
      receiveDatagrams(sockets, options, {
        beginning: undefined,
        endMarker: false,
        headerBytes: HEADER_BYTES,
        acknowledgement: ACKNOWLEDGEMENT,
        meaning,
      }),

    ...datagramSender({
      acknowledgement: ACKNOWLEDGEMENT,
      datagrams: chunksOf,
      header(payload) {
        const id = randomInt(2 ** 32)
        const write = (memory, at, index) => {
          memory.writeUInt32BE(id, at)
          memory.writeUInt32BE(index, at + 4)
          memory.writeBigUInt64BE(BigInt(payload.sizeBytes), at + 8)
        }
        return { bytes: HEADER_BYTES, write }
      },
    }),
  },
}

/** @returns {import('tcp-udp-bench/transports').Meaning} */
function meaning(memory, start, end) {
  if (end - start < HEADER_BYTES) return { kind: 'foreign' }
  const announcedBytes = Number(memory.readBigUInt64BE(start + 8))
  if (!Number.isSafeInteger(announcedBytes))
    return { kind: 'foreign', what: 'a header with an impossible length (over 2^53)' }
  return { kind: 'payload', begins: { announcedBytes, id: memory.readUInt32BE(start) } }
}

/** @type {import('tcp-udp-bench').Plugin} */
export default { name: 'udp-sequence', version: '1.0.0', transports: [udpSequence] }
