/** How a receiver of datagrams understands the reliable formats. */
import type { ReceivingFormat } from '../datagram/format.ts'
import { formatOf } from '../datagram/openings.ts'
import { ArqAssembly, lastAnswer } from './assembly.ts'
import { encodeRefusal, readOpening, transmissionAt } from './wire.ts'

export const ARQ_FORMAT: ReceivingFormat = {
  ...formatOf(readOpening, (opening, rcvbufBytes) => new ArqAssembly(opening, rcvbufBytes)),

  afterwards(memory, start, end, whole) {
    const opening = readOpening(memory, start, end)
    if (!opening) return undefined
    return whole ? lastAnswer(opening, transmissionAt(memory, start)) : encodeRefusal(opening.id)
  },
}
