/** Requests and their answers. */
import assert from 'node:assert/strict'
import { Latencies } from '../../base/latencies.ts'
import type { AskOptions, Exchange, ServeOptions } from '../../transports/contract/exchange.ts'
import type { SendReport, SentCounts } from '../../transports/contract/reports.ts'
import type { Sockets } from '../../transports/contract/sockets.ts'
import { decodeTimes } from '../../transports/contract/times.ts'
import type { Asker } from '../../transports/contract/transport.ts'
import { loopback, NEVER, nobodyOf } from '../support/transfers.ts'
import type { Cases } from './suite.ts'

/** A transport that answers requests, over an engine. */
export interface Talk {
  readonly transport: Asker
  readonly sockets: Sockets
  readonly family: 4 | 6
}

/** Longer than a busy machine takes for an answer. */
const PATIENT_MS = 10_000
/** Nothing answers: so long a test waits for it. Connections have to be there in that time, too. */
const SILENT_MS = { datagram: 60, stream: 250 }

export function exchangeCases(talk: Talk): Cases {
  const { usualBytes, leastBytes } = talk.transport.exchange
  return {
    'requests at intervals are all answered, each on its own': () => atIntervals(talk),
    'each request follows the answer to the one before': () => pingPong(talk),
    'a single request is answered': () => sized(talk, usualBytes, 1),
    'requests of the least size are answered': () => sized(talk, leastBytes, 30),
    'requests of 1,400 B are answered': () => sized(talk, 1400, 30),
    'a duration ends a closed loop': () => forAWhile(talk),
    'a peer that says nothing leaves every request unanswered': () => silent(talk),
    'nobody at the address is a failure': () => nobody(talk),
    'an exchange called off in the middle ends at once': () => calledOff(talk, 1),
    'one that is hopelessly late is answered meanwhile, and called off at once': () =>
      calledOff(talk, 0.0001),
    'two clients are answered at once': () => twoClients(talk),
    'nobody but the peer is answered': () => otherPeer(talk),
    'a port in use is an error with its code': () => taken(talk),
  }
}

async function atIntervals(talk: Talk): Promise<void> {
  const { sent, received } = await exchange(talk, { requests: 40, intervalMs: 0.5 })
  assertWhole(talk, sent, received, 40)
  const lateness = Latencies.from(sent.exchange?.lateness ?? assert.fail('no lateness'))
  assert.equal(lateness.count, 40)
  // The schedule is that of the intervals, whatever the machine did.
  const due = decodeTimes(sent.exchange?.due ?? assert.fail('no times'))
  for (const [index, ms] of due.entries()) assert.ok(Math.abs(ms - 0.5 * index) < 0.001, `${index}: ${ms}`)
}

async function pingPong(talk: Talk): Promise<void> {
  const { sent, received } = await exchange(talk, { requests: 100 })
  assertWhole(talk, sent, received, 100)
  assert.equal(sent.exchange?.lateness, undefined)
  const [due, back] = [sent.exchange?.due, sent.exchange?.back].map(text => decodeTimes(text ?? ''))
  for (let index = 1; index < 100; index++)
    assert.ok((due?.[index] ?? 0) >= (back?.[index - 1] ?? Number.NaN), `${index} left before its turn`)
}

async function sized(talk: Talk, sizeBytes: number, requests: number): Promise<void> {
  const { sent, received } = await exchange(talk, { sizeBytes, requests })
  assertWhole(talk, sent, received, requests)
}

async function forAWhile(talk: Talk): Promise<void> {
  const { sent, received } = await exchange(talk, { requests: Number.POSITIVE_INFINITY, durationMs: 30 })
  const made = sent.exchange?.made ?? 0
  assert.ok(made > 0)
  assertWhole(talk, sent, received, made)
}

async function silent({ transport, sockets, family }: Talk): Promise<void> {
  const local = loopback(family)
  const isStream = transport.traits.socket === 'stream'
  await using deaf = isStream
    ? await sockets.listen({ signal: NEVER, local }, stream => stream.read(() => {}))
    : await sockets.bindDatagram({ signal: NEVER, local })
  for (const intervalMs of [undefined, 1]) {
    const options = askOptions(transport.exchange, {
      ...{ requests: 3, intervalMs },
      answerTimeoutMs: SILENT_MS[transport.traits.socket],
    })
    const report = await transport.exchange.ask(sockets, deaf.local, options)
    assert.equal(report.failure, undefined)
    assert.equal(report.acknowledged, false)
    const { made, answered, late, rtt = '' } = report.exchange ?? {}
    assert.deepEqual([made, answered, late], [3, 0, 0])
    assert.equal(Latencies.from(rtt).count, 0)
  }
}

async function nobody({ transport, sockets, family }: Talk): Promise<void> {
  const report = await transport.exchange.ask(
    sockets,
    nobodyOf(family),
    askOptions(transport.exchange, { requests: 5, answerTimeoutMs: SILENT_MS[transport.traits.socket] }),
  )
  // A system without ICMP says nothing of a port that is closed.
  if (sockets.engine !== 'memory' || transport.traits.socket === 'stream')
    assert.equal(report.failure?.code, 'ECONNREFUSED')
  assert.equal(report.exchange?.answered, 0)
}

async function calledOff({ transport, sockets, family }: Talk, intervalMs: number): Promise<void> {
  const off = new AbortController()
  let served = 0
  await using answerer = await transport.exchange.serve(
    sockets,
    serveOptions(family, {
      served: () => {
        if (++served === 2) off.abort()
      },
    }),
  )
  const options = { requests: 10_000_000, signal: off.signal, intervalMs }
  const asking = transport.exchange.ask(sockets, answerer.endpoint, askOptions(transport.exchange, options))
  const report = await asking
  assert.equal(report.failure?.code, 'ABORTED')
}

async function twoClients({ transport, sockets, family }: Talk): Promise<void> {
  await using answerer = await transport.exchange.serve(sockets, serveOptions(family))
  const ask = () =>
    transport.exchange.ask(
      sockets,
      answerer.endpoint,
      askOptions(transport.exchange, { requests: 30, intervalMs: 0.2 }),
    )
  for (const { exchange } of await Promise.all([ask(), ask()])) assert.equal(exchange?.answered, 30)
}

async function otherPeer({ transport, sockets, family }: Talk): Promise<void> {
  await using answerer = await transport.exchange.serve(
    sockets,
    serveOptions(family, { peer: family === 6 ? '2001:db8::1' : '192.0.2.1' }),
  )
  const report = await transport.exchange.ask(
    sockets,
    answerer.endpoint,
    askOptions(transport.exchange, { requests: 2, answerTimeoutMs: SILENT_MS[transport.traits.socket] }),
  )
  assert.equal(report.exchange?.answered, 0)
}

async function taken({ transport, sockets, family }: Talk): Promise<void> {
  await using answerer = await transport.exchange.serve(sockets, serveOptions(family))
  await assert.rejects(
    transport.exchange.serve(sockets, serveOptions(family, { local: answerer.endpoint })),
    { code: 'EADDRINUSE' },
  )
}

/** A whole exchange with a fresh answerer. */
async function exchange({ transport, sockets, family }: Talk, over: Partial<AskOptions>) {
  const options = askOptions(transport.exchange, over)
  const { sizeBytes } = options
  await using answerer = await transport.exchange.serve(sockets, serveOptions(family, { sizeBytes }))
  let counts: SentCounts | undefined
  const sent = await transport.exchange.ask(sockets, answerer.endpoint, {
    ...options,
    sent: each => {
      assert.equal(counts, undefined, 'counts twice')
      counts = each
    },
  })
  assert.ok(counts)
  const received = await answerer.settle(counts, 200, PATIENT_MS)
  return { sent, received }
}

function assertWhole(
  { transport: { traits } }: Talk,
  sent: SendReport,
  received: Awaited<ReturnType<typeof exchange>>['received'],
  requests: number,
): void {
  assert.equal(sent.failure, undefined)
  const { made, answered, late, duplicated, damaged, rtt = '' } = sent.exchange ?? {}
  assert.deepEqual([made, answered, late, duplicated, damaged], [requests, requests, 0, 0, 0])
  assert.equal(Latencies.from(rtt).count, requests)
  assert.equal(sent.acknowledged, true)
  assert.equal(received.complete, true)
  assert.equal(received.bytesDelivered, sent.bytesAccepted)
  assert.equal(received.exchange?.answers, requests)
  const arrived = received.exchange?.arrived
  // Requests of a byte do not say which they are.
  if (arrived !== undefined) assert.equal(decodeTimes(arrived).filter(Number.isFinite).length, requests)
  if (traits.socket === 'stream') return
  const { datagramsOffered, datagramsAccepted, datagramsRefused } = sent
  assert.deepEqual([datagramsOffered, datagramsAccepted, datagramsRefused], [requests, requests, 0])
  const { delivered, corrupt, stray } = received.datagrams ?? {}
  assert.deepEqual([delivered, received.datagrams?.duplicated, corrupt, stray], [requests, 0, 0, 0])
}

function askOptions({ usualBytes }: Exchange, over: Partial<AskOptions>): AskOptions {
  return {
    signal: NEVER,
    sizeBytes: usualBytes,
    requests: 10,
    answerTimeoutMs: PATIENT_MS,
    sent: () => {},
    ...over,
  }
}

function serveOptions(family: 4 | 6, over: Partial<ServeOptions> = {}): ServeOptions {
  return { signal: NEVER, local: loopback(family), ...over }
}
