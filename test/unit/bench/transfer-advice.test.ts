/** What `send` and `receive` advise comes of the rules of a run, and a whole transfer needs no advice. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { receiveAdvice, sendAdvice } from '../../../bench/cli/transfers/advice.ts'
import { watchDrops } from '../../../bench/cli/transfers/drops.ts'
import type { ReceiveReport, SendReport } from '../../../transports/contract/reports.ts'
import type { Transport } from '../../../transports/contract/transport.ts'
import { udpHeader } from '../../../transports/protocols/udp-header.ts'
import { udpMarker } from '../../../transports/protocols/udp-marker.ts'

const AT = { host: '127.0.0.1', port: 9999, family: 4 } as const

function received(
  report: Partial<ReceiveReport>,
  count: number | undefined,
  transport = udpHeader,
  shared = false,
) {
  const drops = count === undefined ? undefined : { count, shared }
  const asked = { transport, engine: 'node', socket: { rcvbufBytes: 4 << 20 } }
  const counts = { delivered: 100, duplicated: 0, reordered: 0, corrupt: 0, stray: 0 }
  const announced = transport === udpHeader ? { announcedBytes: 102_400 } : {}
  const whole = {
    ...{ ...announced, bytesDelivered: 102_400, datagrams: counts, complete: true, from: AT },
    longestBytes: 1024,
  }
  return receiveAdvice(asked, { ...whole, ...report }, { endpoint: AT, state: { rcvbufBytes: 4096 } }, drops)
}

test('receive: a whole transfer needs no advice, whatever buffer there is', () => {
  assert.deepEqual(received({}, 0), [])
  assert.deepEqual(received({}, undefined), [])
})

test('receive: what its socket dropped, and what was lost before it, are two causes', () => {
  const half = { announcedBytes: 204_800, complete: false }
  const codes = (drops: number | undefined) => received(half, drops).map(each => each.code)
  assert.deepEqual(codes(100), ['rcvbuf-not-honoured', 'loss-receive-buffer'])
  assert.deepEqual(codes(0), ['rcvbuf-not-honoured', 'loss-elsewhere'])
  assert.deepEqual(codes(30), ['rcvbuf-not-honoured', 'loss-receive-buffer', 'loss-elsewhere'])
  assert.match(received(half, 100).at(-1)?.remedy ?? '', /^pace with --rate at the sender$/)
})

test('receive: what did not come may never have been sent, which only the sender knows', () => {
  const half = { announcedBytes: 204_800, complete: false }
  const missing = (drops: number | undefined, report: Partial<ReceiveReport> = {}) =>
    received({ ...half, ...report }, drops).at(-1)
  const { message, remedy } = missing(0) ?? assert.fail()
  assert.equal(
    message,
    'udp-header: 50.0 % of what was announced neither arrived nor was dropped at this socket: lost on the path, or never sent',
  )
  assert.equal(remedy, 'check that the sender sent it all; if it did, pace with --rate at the sender')
  assert.match(
    missing(undefined)?.message ?? '',
    /50\.0 % of what was announced did not arrive: lost, or never sent/,
  )
  // What a socket dropped has been sent.
  assert.doesNotMatch(missing(100)?.message ?? '', /announced|never sent/)
})

test('receive: the share of what was announced is one of bytes', () => {
  const shareOf = (announcedBytes: number, bytesDelivered: number, delivered: number, drops = 0) => {
    const datagrams = { delivered, duplicated: 0, reordered: 0, corrupt: 0, stray: 0 }
    const words = received({ announcedBytes, bytesDelivered, datagrams, complete: false }, drops)
    return /([\d.]+ %) of what was announced/.exec(words.at(-1)?.message ?? '')?.[1]
  }
  assert.equal(shareOf(10_248, 9224, 10), '9.99 %', 'the third of eleven, of which the last has 8 B')
  assert.equal(shareOf(2049, 2048, 2), '0.0488 %', 'a last one of 1 B')
  assert.equal(shareOf(4096, 1024, 1), '75.0 %')
  assert.equal(shareOf(4096, 1024, 1, 2), '25.0 %', 'two of the three were dropped at this socket')
})

test('receive: the rest of a transfer that this end cut short was not lost', () => {
  const failure = { code: 'TOO_SLOW', message: '6 B in 5 s', phase: 'transfer' } as const
  for (const why of [{ interrupted: true }, { failure }] as const) {
    const half = { announcedBytes: 204_800, complete: false, ...why }
    assert.deepEqual(received(half, 0), [])
    assert.deepEqual(received(half, undefined), [])
    assert.match(received(half, 7).at(-1)?.message ?? '', /7 datagrams lost in the receive buffer/)
  }
})

test('receive: what its socket dropped while several senders used it is put down to none of them', () => {
  const half = { announcedBytes: 204_800, complete: false }
  const shared = (report: Partial<ReceiveReport>, count: number, transport = udpHeader) =>
    received(report, count, transport, true)
  assert.deepEqual(
    shared(half, 1870).map(each => each.code),
    ['rcvbuf-not-honoured', 'loss'],
  )
  const { message, remedy } = shared(half, 1870).at(-1) ?? assert.fail()
  assert.equal(
    message,
    'udp-header: 50.0 % of what was announced did not arrive: lost, or never sent; meanwhile this socket dropped up to 1,870 datagrams of all senders together',
  )
  assert.equal(remedy, 'check that the sender sent it all; if it did, pace with --rate at the sender')
  // Nothing is nothing, whoever sends.
  assert.match(shared(half, 0).at(-1)?.message ?? '', /neither arrived nor was dropped at this socket/)
  assert.deepEqual(shared({}, 7), [], 'a whole transfer')
  assert.match(
    shared({}, 7, udpMarker).at(-1)?.message ?? '',
    /up to 7 datagrams lost in the receive buffer: meanwhile this socket dropped as many of all senders together$/,
  )
})

test('receive: the drops of a transfer are those since the last reading before it began', () => {
  let now = 0
  let drops = 0
  const dropsOf = watchDrops(
    {
      endpoint: AT,
      get info() {
        return { drops }
      },
    },
    () => now,
  )
  const ended = (at: number, total: number, report: Partial<ReceiveReport>) => {
    now = at
    drops = total
    return dropsOf({ bytesDelivered: 0, complete: false, ...report })
  }
  assert.deepEqual(ended(10, 5, { begunAt: 1, alone: true }), { count: 5, shared: false })
  assert.deepEqual(ended(20, 5, { begunAt: 15, alone: true }), { count: 0, shared: false })
  assert.deepEqual(ended(30, 9, { begunAt: 21 }), { count: 4, shared: true })
  // It began before the one above ended, and what that one saw may be its own.
  assert.deepEqual(ended(31, 9, { begunAt: 22 }), { count: 4, shared: true })
  assert.deepEqual(ended(40, 12, { begunAt: 35, alone: true }), { count: 3, shared: false })
  assert.deepEqual(ended(41, 12, {}), { count: 12, shared: true }, 'a plug-in says nothing')
})

test('receive: a datagram that came in fragments shows that the path takes them', () => {
  const from = { ...AT, host: '192.0.2.1' }
  const counts = { delivered: 1, duplicated: 0, reordered: 0, corrupt: 0, stray: 0 }
  const one = {
    ...{ announcedBytes: 81_920, bytesDelivered: 8192, datagrams: counts, complete: false, from },
    longestBytes: 8192,
  }
  assert.deepEqual(
    received(one, 0).map(each => each.code),
    ['rcvbuf-not-honoured', 'loss-elsewhere'],
  )
})

test('receive: drops behind a marker that tells no length are named, in datagrams', () => {
  const told = received({}, 7, udpMarker)
  assert.match(told.at(-1)?.message ?? '', /7 datagrams lost in the receive buffer/)
})

function sent(
  report: Partial<SendReport>,
  hostSndbufErrors: number,
  {
    transport = udpMarker,
    hostNoPorts = 0,
  }: { transport?: Transport; hostNoPorts?: number | undefined } = {},
) {
  const asked = {
    transport,
    engine: 'node',
    to: '192.0.2.1',
    ipFamily: 4,
    sizeBytes: 102_400,
    chunkBytes: 1024,
    socket: {},
  } as const
  const whole = {
    ...{ datagramsOffered: 100, datagramsAccepted: 100, datagramsRefused: 0, bytesAccepted: 102_400 },
    ...{ startedAt: 1, totalMs: 5, acknowledged: false, state: {}, info: {}, ...report },
  }
  return sendAdvice(asked, whole, { hostSndbufErrors, hostNoPorts })
}

test('send: what the queue of this host dropped is known without an answer', () => {
  assert.deepEqual(sent({}, 0), [])
  const [queue] = sent({}, 40)
  assert.match(queue?.message ?? '', /up to 40 datagrams lost in the send queue/)
  assert.doesNotMatch(queue?.remedy ?? '', /rcvbuf/)
})

const SILENCE = { phase: 'ack', code: 'TIMEOUT', message: 'no acknowledgement within 10,000 ms' } as const
const STALL = { paceLatenessMs: 38, paceBurst: 90 }
const codesOf = (...words: Parameters<typeof sent>) => sent(...words).map(each => each.code)

test('send: a pacer that stood still is named where something was lost for all that is known', () => {
  const header = { transport: udpHeader }
  assert.deepEqual(codesOf({ ...STALL, failure: SILENCE }, 0, header), ['trial-timed-out', 'pacer-stalled'])
  assert.deepEqual(codesOf({ ...STALL }, 40), ['loss-send-queue', 'pacer-stalled'])
  assert.match(sent({ ...STALL }, 40)[1]?.message ?? '', /was stalled for up to 38\.0 ms and then sent 90/)
})

test('send: a pacer that stood still is not named where nothing was lost, or something else ended the transfer', () => {
  const header = { transport: udpHeader }
  assert.deepEqual(codesOf({ ...STALL, acknowledged: true }, 0, header), [])
  assert.deepEqual(codesOf({ ...STALL }, 0), [], 'nobody tells what became of it')
  assert.deepEqual(codesOf({ paceLatenessMs: 2, paceBurst: 90, failure: SILENCE }, 0, header), [
    'trial-timed-out',
  ])
  assert.deepEqual(codesOf({ paceLatenessMs: 38, paceBurst: 3 }, 40), ['loss-send-queue'])
  const gone = { phase: 'ack', code: 'ECONNREFUSED', message: 'nobody listens' } as const
  assert.deepEqual(codesOf({ ...STALL, failure: gone }, 0, header), ['trial-failed'])
})

test('send: an answer that came to no port of this host may be from another address of the peer', () => {
  const silent = (hostNoPorts: number | undefined) =>
    sent({ failure: SILENCE }, 0, { transport: udpHeader, hostNoPorts })
  const [timeOut, elsewhere] = silent(1)
  assert.equal(elsewhere?.code, 'answer-elsewhere')
  assert.match(elsewhere?.message ?? '', /1 UDP datagram arrived at ports .* another address of the peer/)
  assert.doesNotMatch(timeOut?.remedy ?? '', /not received/)
  assert.deepEqual(
    silent(0).map(each => each.code),
    ['trial-timed-out'],
  )
  assert.doesNotMatch(silent(0)[0]?.remedy ?? '', /not received/)
  assert.deepEqual(codesOf({ acknowledged: true }, 0, { transport: udpHeader, hostNoPorts: 3 }), [])
  assert.deepEqual(codesOf({}, 0, { hostNoPorts: 3 }), [], 'udp-marker is not answered')
})

test('send: where no kernel counts them, the possibility is named', () => {
  const [timeOut] = sendAdvice(
    {
      ...{ transport: udpHeader, engine: 'node', to: '192.0.2.1', ipFamily: 4 },
      ...{ sizeBytes: 1024, chunkBytes: 1024, socket: {} },
    },
    {
      ...{ datagramsOffered: 1, datagramsAccepted: 1, datagramsRefused: 0, bytesAccepted: 1024 },
      ...{ startedAt: 1, totalMs: 5, acknowledged: false, state: {}, info: {}, failure: SILENCE },
    },
    undefined,
  )
  assert.match(
    timeOut?.remedy ?? '',
    /answers from the address that it receives on, since an answer from another one is not received$/,
  )
})

test('send: a refused header is told with the remedy of a run, and nothing of it where none was refused', () => {
  const refusal = { code: 'EPERM', datagramBytes: 8, emulated: false }
  const nothing = { datagramsOffered: 0, datagramsAccepted: 0, bytesAccepted: 0 }
  const [only, ...others] = sent({ ...nothing, refusal }, 0, { transport: udpHeader })
  assert.equal(only?.code, 'refused')
  assert.match(only?.remedy ?? '', /^a firewall on the sender’s host blocks it/)
  assert.deepEqual([others, codesOf({}, 0)], [[], []])
})
