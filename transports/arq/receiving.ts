/** How a receiver of datagrams understands the reliable formats. */
import { FOREIGN, type Meaning, PAYLOAD, type ReceivingFormat } from '../datagram/format.ts'
import { ArqAssembly, lastAnswer } from './assembly.ts'
import { encodeRefusal, HEADER_BYTES, readOpening, transmissionAt } from './wire.ts'

export const ARQ_FORMAT: ReceivingFormat = {
  beginning: undefined,
  endMarker: false,
  headerBytes: HEADER_BYTES,

  meaning(memory, start, end, open): Meaning {
    if (open?.assembly?.isOf(memory, start, end)) return PAYLOAD
    const opening = readOpening(memory, start, end)
    // The same transfer with another length or chunk: it contradicts itself.
    if (!opening || open?.id === opening.id) return FOREIGN
    return { kind: 'payload', begins: { announcedBytes: opening.sizeBytes, id: opening.id } }
  },

  assemble(memory, start, end, rcvbufBytes) {
    const opening = readOpening(memory, start, end)
    return opening && new ArqAssembly(opening, rcvbufBytes)
  },

  afterwards(memory, start, end, whole) {
    const opening = readOpening(memory, start, end)
    if (!opening) return undefined
    return whole ? lastAnswer(opening, transmissionAt(memory, start)) : encodeRefusal(opening.id)
  },
}
