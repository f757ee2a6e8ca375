/** The end that takes load, says how much has arrived, and answers requests. */
import { monotonic } from '../../base/clock.ts'
import type { Load } from '../contract/load.ts'
import type { StreamSocket } from '../contract/sockets.ts'
import { acceptStreams } from '../stream/accepting.ts'
import { ANSWER, arrivedFrame, FrameReader, frameOf, REQUEST } from './frames.ts'

/** How often a loaded connection is told what has arrived. */
const ARRIVED_EVERY_MS = 20
/** Who leaves so many frames unread is hung up on. */
const MOST_WAITING = 10_000

export const serveLoad: Load['serve'] = async (sockets, options) => {
  let bytesDelivered = 0
  const accepting = await acceptStreams(sockets, options, stream =>
    takeLoad(stream, bytes => {
      bytesDelivered += bytes
    }),
  )
  return {
    endpoint: accepting.endpoint,
    report() {
      const { first } = accepting
      return { bytesDelivered, from: first?.remote, state: first?.state ?? {}, info: first?.info() ?? {} }
    },
    [Symbol.asyncDispose]: () => accepting[Symbol.asyncDispose](),
  }
}

function takeLoad(stream: StreamSocket, arrived: (bytes: number) => void): void {
  let waiting = 0
  // One frame after the other: a write that the system takes in parts must not be interrupted by another.
  let written = Promise.resolve()
  const say = (frame: Buffer) => {
    if (++waiting > MOST_WAITING) void stream[Symbol.asyncDispose]()
    written = written
      .then(() => stream.write(frame, frame.length))
      .then(() => void waiting--)
      // `closed` reports a client that has gone.
      .catch(() => {})
  }
  const reader = new FrameReader(type => {
    if (type === REQUEST) say(frameOf(ANSWER, 1))
  })
  let toldAt = 0
  // Without saying what is still to come: an engine would wait for that, and an answer with it.
  stream.read(bytes => {
    const before = reader.loadBytes
    const fine = reader.take(bytes)
    arrived(reader.loadBytes - before)
    if (!fine) void stream[Symbol.asyncDispose]()
    const now = monotonic()
    if (reader.loadBytes === 0 || now - toldAt < ARRIVED_EVERY_MS) return
    toldAt = now
    say(arrivedFrame(reader.loadBytes))
  })
}
