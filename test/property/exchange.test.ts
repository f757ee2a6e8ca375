/** Requests over a network that loses, doubles, reorders and delays datagrams, and lets strangers in: what the asking end counts. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Latencies } from '../../base/latencies.ts'
import { seededRandom } from '../../base/random.ts'
import { exchangeColumns, exchangeOutcome } from '../../bench/workloads/exchange/accounting.ts'
import type { Case } from '../../scenarios/plan.ts'
import type { SentCounts } from '../../transports/contract/reports.ts'
import { decodeTimes } from '../../transports/contract/times.ts'
import type { Asker } from '../../transports/contract/transport.ts'
import { echoUdp } from '../../transports/protocols/echo.ts'
import { messagesUdp } from '../../transports/protocols/messages.ts'
import { stamp } from '../../transports/protocols/stamp.ts'
import { type Arrival, type Link, MemorySockets } from '../support/memory-sockets.ts'
import { loopback, NEVER } from '../support/transfers.ts'

const ANSWER_MS = 40
const SERVED_PORT = 9

interface Weather {
  readonly seed: number
  /** Shares of datagrams, each way. */
  readonly lost: number
  readonly doubled: number
  readonly kept: number
  readonly foreign: number
}

const weather = fc.record({
  seed: fc.integer({ min: 1, max: 2 ** 30 }),
  ...{ lost: share(), doubled: share(), kept: share(), foreign: share() },
})

/** Each other port waits for an answer that does not come, and answers come twice: the port that is free again has one more to come. */
const LAST_FREE_PORT: Weather = { seed: 38_339_137, lost: 0.5, doubled: 0.5, kept: 0, foreign: 0 }

function share() {
  return fc.constantFrom(0, 0.1, 0.5)
}

/** What the network did, so that it is known what the ends may say. */
interface Deeds {
  /** Answers that were handed to the asking end. */
  answers: number
  /** Datagrams from nobody that asked. */
  foreign: number
  /** The requests whose answers were handed to it. */
  readonly answered: Set<number>
}

/** Which request a datagram is, or answers; undefined where an answer does not say so, and its port does. */
const NUMBER_OF: Readonly<Record<string, (bytes: Buffer, isAnswer: boolean) => number | undefined>> = {
  [echoUdp.name]: bytes => bytes.readUInt32LE(0),
  [messagesUdp.name]: (bytes, isAnswer) => (isAnswer ? undefined : JSON.parse(bytes.toString()).at(-1)),
  [stamp.name]: (bytes, isAnswer) => bytes.readUInt32BE(isAnswer ? 24 : 0) + 1,
}

/** Datagrams that are kept back come with the next one of their direction, after it: reordered, and the later the slower requests leave. */
function hostile(name: string, { seed, lost, doubled, kept, foreign }: Weather, deeds: Deeds): Link {
  const random = seededRandom(seed)
  const back = { there: [] as Arrival[], home: [] as Arrival[] }
  const ofPort = new Map<number, number>()
  return (bytes, from, to) => {
    const direction = to.port === SERVED_PORT ? 'there' : 'home'
    const number = NUMBER_OF[name]?.(bytes, direction === 'home') ?? ofPort.get(to.port)
    if (direction === 'there' && number !== undefined) ofPort.set(from.port, number)
    const arrivals: Arrival[] = []
    const isLost = random() < lost
    if (!isLost) arrivals.push({ bytes })
    if (!isLost && random() < doubled) arrivals.push({ bytes: Buffer.from(bytes) })
    // For the next one, whose port may be another: what is kept comes to where it was sent to.
    const late = back[direction].splice(0)
    if (arrivals.length > 0 && random() < kept && direction === 'there')
      back[direction].push({ ...(arrivals.pop() ?? assert.fail()), from })
    arrivals.push(...late)
    if (random() < foreign && direction === 'there') {
      deeds.foreign++
      arrivals.push({ bytes: Buffer.from('[0, 0, 0, 3]'), from: { ...from, host: '192.0.2.9' } })
    }
    if (direction === 'home') deeds.answers += arrivals.length
    if (direction === 'home' && arrivals.length > 0 && number !== undefined) deeds.answered.add(number)
    return arrivals
  }
}

for (const transport of [echoUdp, messagesUdp, stamp])
  test(`${transport.name}: every answer counts once, for its own request, and the law of counts holds`, async () => {
    await fc.assert(
      fc.asyncProperty(
        weather,
        fc.integer({ min: 1, max: 30 }),
        fc.constantFrom(undefined, 0.2, 2),
        async (sky, requests, intervalMs) => {
          const deeds: Deeds = { answers: 0, foreign: 0, answered: new Set() }
          const { sent, received } = await asked(
            transport,
            hostile(transport.name, sky, deeds),
            requests,
            intervalMs,
          )
          const { made = 0, answered = 0, late = 0, duplicated = 0, damaged = 0 } = sent.exchange ?? {}
          const what = JSON.stringify({ sky, deeds, exchange: sent.exchange, datagrams: received.datagrams })
          assert.ok(made <= requests && answered + late <= made, what)
          // A closed loop that hears nothing gives up.
          if (sent.failure === undefined) assert.equal(made, requests, what)
          else assert.equal(sent.failure.code, 'TIMEOUT', what)
          assert.equal(damaged, 0, what)
          // Whatever reached it is one of these, but for what came after its end.
          assert.ok(answered + late + duplicated <= deeds.answers, what)
          assert.equal(Latencies.from(sent.exchange?.rtt ?? '').count, answered, what)
          assertOwnAnswers(sent.exchange, answered + late, deeds.answered, what)
          const { delivered = 0, stray = 0 } = received.datagrams ?? {}
          assert.equal(stray, deeds.foreign, what)
          assert.ok(delivered <= made, what)
          // Rows: offered = accepted + refused, accepted = delivered + lost.
          const reports = {
            sender: { type: 'send-report', trial: 1, cpuMs: 0, report: sent },
            receiver: {
              type: 'receive-report',
              trial: 1,
              cpuMs: 0,
              report: { ...received, state: {}, info: {} },
            },
            ...{ foreign: false, clockErrorMs: 0 },
          } as const
          const row = exchangeColumns({ chunkBytes: 64 } as Case, transport.traits, reports)
          assert.equal(
            row.datagrams_offered,
            (row.datagrams_accepted ?? 0) + (row.datagrams_refused ?? 0),
            what,
          )
          assert.equal(
            row.datagrams_accepted,
            (row.datagrams_delivered ?? 0) + (row.datagrams_lost ?? 0),
            what,
          )
          const outcome = exchangeOutcome(transport.traits, reports).kind
          if (sent.failure === undefined)
            assert.equal(outcome, answered === made ? 'completed' : 'incomplete', what)
        },
      ),
      { numRuns: 40, examples: [[LAST_FREE_PORT, 26, undefined]] },
    )
  })

/** Requests with an answer are those that got one, and none is there before its request was due. */
function assertOwnAnswers(
  exchange: Awaited<ReturnType<typeof asked>>['sent']['exchange'],
  answers: number,
  handed: ReadonlySet<number>,
  what: string,
): void {
  const [due, back] = [exchange?.due, exchange?.back].map(text => decodeTimes(text ?? ''))
  const tripsMs = Array.from(back ?? [], (at, index) => at - (due?.[index] ?? Number.NaN))
  const own = tripsMs.flatMap((ms, index) => (Number.isNaN(ms) ? [] : [index + 1]))
  assert.equal(own.length, answers, what)
  for (const number of own) {
    assert.ok(handed.has(number), `${number} was not answered: ${what}`)
    assert.ok((tripsMs[number - 1] ?? -1) >= 0, what)
  }
}

async function asked(transport: Asker, link: Link, requests: number, intervalMs: number | undefined) {
  const sockets = new MemorySockets(link)
  const { usualBytes: sizeBytes } = transport.exchange
  const local = { ...loopback(4), port: SERVED_PORT }
  const options = { signal: NEVER, local, sizeBytes, peer: local.host }
  await using answerer = await transport.exchange.serve(sockets, options)
  let counts: SentCounts = { bytesAccepted: 0 }
  const sent = await transport.exchange.ask(sockets, answerer.endpoint, {
    ...{ signal: NEVER, sizeBytes, requests, intervalMs, answerTimeoutMs: ANSWER_MS },
    sent: each => {
      counts = each
    },
  })
  return { sent, received: await answerer.settle(counts, 5, 1000) }
}
