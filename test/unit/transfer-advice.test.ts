/** What `send` and `receive` advise comes of the rules of a run, and a whole transfer needs no advice. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { receiveAdvice, sendAdvice } from '../../bench/commands/transfer-advice.ts'
import type { ReceiveReport, SendReport } from '../../transports/transport.ts'
import { udpHeader } from '../../transports/udp-header.ts'
import { udpMarker } from '../../transports/udp-marker.ts'

const AT = { host: '127.0.0.1', port: 9999, family: 4 } as const

function received(report: Partial<ReceiveReport>, drops: number | undefined, transport = udpHeader) {
  const asked = { transport, engine: 'node', socket: { rcvbufBytes: 4 << 20 } }
  const counts = { delivered: 100, duplicated: 0, reordered: 0, corrupt: 0, stray: 0 }
  const announced = transport === udpHeader ? { announcedBytes: 102_400 } : {}
  const whole = { ...announced, bytesDelivered: 102_400, datagrams: counts, complete: true, from: AT }
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

test('receive: drops behind a marker that tells no length are named, in datagrams', () => {
  const told = received({}, 7, udpMarker)
  assert.match(told.at(-1)?.message ?? '', /7 datagrams lost in the receive buffer/)
})

function sent(report: Partial<SendReport>, hostSndbufErrors: number) {
  const asked = {
    transport: udpMarker,
    engine: 'node',
    ipFamily: 4,
    sizeBytes: 102_400,
    chunkBytes: 1024,
    socket: {},
  } as const
  const whole = {
    ...{ datagramsOffered: 100, datagramsAccepted: 100, datagramsRefused: 0, bytesAccepted: 102_400 },
    ...{ startedAt: 1, totalMs: 5, acknowledged: false, state: {}, info: {}, ...report },
  }
  return sendAdvice(asked, whole, { hostSndbufErrors })
}

test('send: what the queue of this host dropped is known without an answer', () => {
  assert.deepEqual(sent({}, 0), [])
  const [queue] = sent({}, 40)
  assert.match(queue?.message ?? '', /up to 40 datagrams lost in the send queue/)
  assert.doesNotMatch(queue?.remedy ?? '', /rcvbuf/)
})
