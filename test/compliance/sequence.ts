/** One payload after the other from one sender. */
import assert from 'node:assert/strict'
import type { ReceiveReport } from '../../transports/contract/reports.ts'
import type { Sockets } from '../../transports/contract/sockets.ts'
import { lineTo } from '../../transports/line.ts'
import { GeneratedPayload } from '../../transports/payload/generated.ts'
import { heldBytes, NEVER, receiveOptions, sendOptions } from '../support/transfers.ts'
import type { Cases, Subject } from './suite.ts'

const CHUNK = 500
/** Longer than a receiver's doubt whether a beginning is that of the next transfer. */
const APART_MS = 250

export function sequenceCases(subject: Subject): Cases {
  return {
    'one payload after the other arrives, from one sender': () => oneByOne(subject),
    'a datagram that is lost ends no sequence': () => afterLoss(subject),
  }
}

async function oneByOne(subject: Subject): Promise<void> {
  const ended = await sequence(subject, subject.sockets)
  assert.deepEqual(ended.reports.map(heldBytes), ended.payloads)
  for (const { complete, failure } of ended.reports) assert.deepEqual([complete, failure], [true, undefined])
  // Where it is one socket, it is one source.
  const ports = new Set(ended.reports.map(({ from }) => from?.port))
  if (subject.transport.traits.socket === 'datagram') assert.equal(ports.size, 1)
}

/** The last datagram with payload of the second one is lost on the way. */
async function afterLoss(subject: Subject): Promise<void> {
  const { traits } = subject.transport
  if (traits.socket === 'stream') return
  const { reports, payloads, acknowledged } = await sequence(subject, losing(subject.sockets, 2))
  const [first, , last] = payloads
  const whole = reports.filter(each => each.complete).map(heldBytes)
  assert(first && whole.some(bytes => bytes.equals(first)))
  assert(last && whole.some(bytes => bytes.equals(last)))
  if (traits.acknowledged) assert.deepEqual(acknowledged, [true, traits.reliable, true])
}

async function sequence({ transport, sockets, family }: Subject, sending: Sockets) {
  const sizeBytes = transport.traits.limit === 'one-datagram' ? CHUNK : 4 * CHUNK
  const generated = [1, 2, 3].map(seed => new GeneratedPayload(sizeBytes, CHUNK, seed))
  const payloads = generated.map(each => each.whole())
  const reports: ReceiveReport[] = []
  const ended = (report: ReceiveReport) => void reports.push(report)
  await using receiver = await transport.transfer.receive(
    sockets,
    receiveOptions(family, { ended, holdBytes: sizeBytes, quietMs: 10_000 }),
  )
  await using line = await lineTo(transport, sending, receiver.endpoint, { signal: NEVER })
  const acknowledged: boolean[] = []
  for (const payload of generated) {
    const unanswered = transport.traits.reliable ? NEVER : AbortSignal.timeout(APART_MS)
    acknowledged.push((await line.send(payload, sendOptions({ unanswered }))).acknowledged)
    if (!transport.traits.acknowledged) await line.pause(20)
  }
  if (reports.length < generated.length) await line.pause(20)
  receiver.callOff()
  return { reports, payloads, acknowledged }
}

/** Loses the last datagram of the nth payload: the first time when it is sent. */
function losing(sockets: Sockets, nth: number): Sockets {
  return {
    engine: sockets.engine,
    objection: (kind, family, options) => sockets.objection(kind, family, options),
    listen: (request, connection) => sockets.listen(request, connection),
    connect: request => sockets.connect(request),
    async bindDatagram(request) {
      const socket = await sockets.bindDatagram(request)
      let payloads = 0
      return {
        local: socket.local,
        state: socket.state,
        burst: socket.burst.bind(socket),
        info: socket.info.bind(socket),
        pause: socket.pause.bind(socket),
        read: socket.read.bind(socket),
        async send(bytes, chunkBytes, first, count, tally, to) {
          // What begins or ends a payload is shorter than a chunk.
          const ends = first + count === Math.ceil(bytes.length / chunkBytes) && bytes.length >= CHUNK
          if (ends) payloads++
          const sent = ends && payloads === nth ? count - 1 : count
          if (sent > 0) await socket.send(bytes, chunkBytes, first, sent, tally, to)
          if (sent === count) return
          tally.accepted++
          tally.acceptedBytes += Math.min(chunkBytes, bytes.length - (first + count - 1) * chunkBytes)
        },
        [Symbol.asyncDispose]: () => socket[Symbol.asyncDispose](),
      }
    },
  }
}
