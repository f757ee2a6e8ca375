/** Answers what it reads with the same bytes, connection by connection. */
import { monotonic } from '../../base/clock.ts'
import type { Answerer, ServeOptions } from '../contract/exchange.ts'
import type { Endpoint } from '../contract/socket-facts.ts'
import type { Sockets } from '../contract/sockets.ts'
import { acceptStreams } from '../stream/accepting.ts'
import { Arrivals } from './arrivals.ts'
import type { MessageFormat } from './format.ts'

/** Who does not read its answers is hung up on when so many bytes of them wait; in a trial, which has one client, so many. */
const MOST_WAITING_BYTES = 1024 * 1024
const MOST_IN_TRIAL_BYTES = 256 * 1024 * 1024

export async function answerStreams(
  sockets: Sockets,
  { sizeBytes, served, ...options }: ServeOptions,
  format: MessageFormat,
  writeBytes: number,
): Promise<Answerer> {
  const arrivals = new Arrivals()
  const mostWaiting = sizeBytes === undefined ? MOST_WAITING_BYTES : MOST_IN_TRIAL_BYTES
  let source: Endpoint | undefined
  let bytes = 0
  let answers = 0
  const accepting = await acceptStreams(sockets, options, stream => {
    const lengthOf = format.message(sizeBytes ?? format.usualBytes).lengthOf
    let number = 1
    let arrived = 0
    let waitingBytes = 0
    stream.read(
      chunk => {
        const at = monotonic()
        source ??= stream.remote
        bytes += chunk.length
        arrived += chunk.length
        for (let length = lengthOf(number); arrived >= length; length = lengthOf(number)) {
          arrived -= length
          arrivals.take(number++, at)
          answers++
        }
        // Where requests end only their sender knows: what was read at once counts as one.
        served?.(stream.remote)
        // The memory is valid during the call only, and the peer may read slowly.
        const reply = Buffer.from(chunk)
        waitingBytes += reply.length
        if (waitingBytes > mostWaiting) void stream[Symbol.asyncDispose]()
        const written = () => {
          waitingBytes -= reply.length
        }
        stream.write(reply, writeBytes).then(written, written)
      },
      () => 1,
    )
  })
  return {
    endpoint: accepting.endpoint,
    get state() {
      return accepting.first?.state ?? {}
    },
    get info() {
      return accepting.first?.info() ?? {}
    },
    async settle({ bytesAccepted }, quietMs, deadlineMs) {
      await arrivals.settle(() => bytes >= bytesAccepted, quietMs, deadlineMs, options.signal)
      const { firstAt, lastAt } = arrivals
      return {
        ...(source ? { from: source } : {}),
        bytesDelivered: bytes,
        ...(firstAt === undefined ? {} : { firstAt, lastAt }),
        complete: bytes >= bytesAccepted,
        exchange: { answers, arrived: arrivals.times() },
      }
    },
    [Symbol.asyncDispose]: () => accepting[Symbol.asyncDispose](),
  }
}
