/** Answers each datagram to its source. */
import type { Answerer, ServeOptions } from '../contract/exchange.ts'
import type { Endpoint } from '../contract/socket-facts.ts'
import type { Sockets } from '../contract/sockets.ts'
import { newTally } from '../engines/tally.ts'
import { Arrivals } from './arrivals.ts'
import { eachDatagram, type MessageFormat } from './format.ts'

/** Sources that are remembered as noted. */
const MOST_NOTED = 1024

export async function answerDatagrams(
  sockets: Sockets,
  { signal, local, socket: options, peer, sizeBytes, noted, served }: ServeOptions,
  { numberOf, answer, reflection, leastBytes }: MessageFormat,
): Promise<Answerer> {
  const socket = await sockets.bindDatagram({ signal, local, options, hops: reflection !== undefined })
  const arrivals = new Arrivals()
  const known = new Set<string>()
  const tally = newTally()
  let stray = 0
  let strayFrom: string | undefined
  let corrupt = 0
  let bytes = 0
  let source: Endpoint | undefined
  const leastAnswer = answer?.length ?? (reflection ? leastBytes : 0)
  let reply = answer ?? Buffer.alloc(0)
  const note = (from: Endpoint, what: string) => {
    const name = `${from.host} ${from.port}`
    if (!noted || known.has(name) || known.size >= MOST_NOTED) return
    known.add(name)
    noted(from, what)
  }
  socket.read(
    eachDatagram((memory, start, end, from, at, _each, hops) => {
      if (peer !== undefined && from.host !== peer) {
        stray++
        if (end - start === sizeBytes && numberOf(memory, start, end) !== undefined) strayFrom ??= from.host
        return
      }
      // Two services that answer each other would never end, and a forged source is all that it takes.
      if (peer === undefined && from.port === socket.local.port) {
        stray++
        note(from, 'a request from the port of such a service, with which answers could go round for ever')
        return
      }
      const number = numberOf(memory, start, end)
      if (number === undefined) {
        corrupt++
        note(from, `${end - start} B that are not a request`)
        return
      }
      // An answer longer than the request would let anyone send more to others than they send themselves.
      if (leastAnswer > end - start) {
        stray++
        note(from, `a request of ${end - start} B, shorter than its answer`)
        return
      }
      source ??= from
      bytes += end - start
      // Only a trial asks when each of them came.
      arrivals.take(sizeBytes === undefined ? 0 : number, at)
      served?.(from)
      const length = end - start
      if (!answer && reply.length !== length) reply = Buffer.alloc(length)
      if (!answer) memory.copy(reply, 0, start, end)
      reflection?.reflect(reply, from, at, hops)
      const before = tally.accepted + tally.refused
      // What one source has done is nothing to the others.
      if (tally.failure) tally.failure = undefined
      void socket.send(reply, reply.length, 0, 1, tally, from)
      // The system lets it wait, so its bytes must stay.
      if (!answer && tally.accepted + tally.refused === before) reply = Buffer.alloc(length)
    }),
    undefined,
    () => true,
  )
  return {
    endpoint: socket.local,
    state: socket.state,
    get info() {
      return socket.info()
    },
    async settle({ datagramsAccepted = 0 }, quietMs, deadlineMs) {
      await arrivals.settle(() => arrivals.delivered >= datagramsAccepted, quietMs, deadlineMs, signal)
      const { reordered, firstAt, lastAt } = arrivals
      // Requests without a number do not say that they are duplicates.
      const delivered = Math.min(arrivals.delivered, datagramsAccepted)
      const duplicated = arrivals.duplicated + arrivals.delivered - delivered
      return {
        ...(source ? { from: source } : {}),
        bytesDelivered: bytes,
        datagrams: { delivered, duplicated, reordered, corrupt, stray, ...(strayFrom && { strayFrom }) },
        ...(firstAt === undefined ? {} : { firstAt, lastAt }),
        complete: delivered >= datagramsAccepted,
        exchange: { answers: tally.accepted, answersRefused: tally.refused, arrived: arrivals.times() },
      }
    },
    async [Symbol.asyncDispose]() {
      await socket[Symbol.asyncDispose]()
    },
  }
}
