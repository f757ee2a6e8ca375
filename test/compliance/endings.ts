/** Whatever becomes of a transfer, it ends, says how, and leaves nothing behind. */
import assert from 'node:assert/strict'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { SendReport, SentCounts } from '../../transports/contract/reports.ts'
import type { Endpoint } from '../../transports/contract/socket-facts.ts'
import type { Expectation } from '../../transports/contract/transport.ts'
import { GeneratedPayload } from '../../transports/payload/generated.ts'
import {
  deliver,
  loopback,
  NEVER,
  nobodyOf,
  receiveOptions,
  sendOptions,
  transfer,
} from '../support/transfers.ts'
import type { Cases, Subject } from './suite.ts'

const ONE_DATAGRAM_BYTES = 1000
/** Larger than all the buffers between both ends. */
const LONG_BYTES = 64 << 20
/** At this rate it takes minutes. */
const SLOW_BPS = 1e6
const FOREVER_MS = 600_000

export function abortCases(subject: Subject): Cases {
  return {
    'a transfer called off beforehand does not begin': () => abortedBefore(subject),
    'a transfer called off in the middle ends at once': () => abortedInTheMiddle(subject),
    'a transfer called off at any moment is called off or done': () => abortedAtAnyMoment(subject),
    'a receiver called off while it waits tells what it has': () => receiverAborted(subject),
    'a receiver called off beforehand is not made': async () => {
      const signal = AbortSignal.abort()
      await assert.rejects(
        subject.transport.transfer.receive(subject.sockets, receiveOptions(subject.family, { signal })),
      )
    },
  }
}

export function silenceCases(subject: Subject): Cases {
  return {
    'a peer that says nothing ends the wait for its answer': () => silentPeer(subject),
    'nobody at the address is told as such': () => nobodyThere(subject),
    'without any transfer the report has zero counts': () => nothingCame(subject),
  }
}

export function lifetimeCases(subject: Subject): Cases {
  return {
    'a receiver is disposed of twice, and its port is free again': () => disposedTwice(subject),
    'a port in use is an error with its code': () => portInUse(subject),
    'transfer after transfer leaves nothing behind': () => again(subject),
  }
}

async function abortedBefore(subject: Subject): Promise<void> {
  const { transport, sockets, family } = subject
  await using receiver = await transport.transfer.receive(sockets, receiveOptions(family))
  const payload = new GeneratedPayload(5000, ONE_DATAGRAM_BYTES, 7)
  const { sent, received } = await deliver(transport, sockets, receiver, payload, {
    family,
    send: { signal: AbortSignal.abort() },
    quietMs: 20,
  })
  assert.equal(sent.failure?.code, 'ABORTED')
  assert.equal(sent.bytesAccepted, 0)
  assert.equal(received.bytesDelivered, 0)
}

async function abortedInTheMiddle(subject: Subject): Promise<void> {
  const { transport, sockets, family } = subject
  const off = new AbortController()
  const payload = longPayload(subject)
  const expected: Expectation = {
    sizeBytes: payload.sizeBytes,
    chunkBytes: payload.chunkBytes,
    indexOf: (...datagram) => payload.indexOf(...datagram),
    matches: (...bytes) => {
      off.abort()
      return payload.matches(...bytes)
    },
  }
  const { sent, received } = await transfer(transport, sockets, payload, {
    family,
    receive: { expected },
    send: { signal: off.signal, rateBps: SLOW_BPS, answerTimeoutMs: FOREVER_MS },
    quietMs: 20,
  })
  assert.equal(sent.failure?.code, 'ABORTED')
  assert.equal(sent.acknowledged, false)
  assert.ok(received.bytesDelivered > 0)
}

async function abortedAtAnyMoment(subject: Subject): Promise<void> {
  const { transport, sockets, family } = subject
  for (let turns = 0; turns < 25; turns++) {
    const off = new AbortController()
    const payload = new GeneratedPayload(ONE_DATAGRAM_BYTES, 100, 7)
    const transferring = transfer(transport, sockets, payload, {
      family,
      receive: { expected: payload },
      send: { signal: off.signal, answerTimeoutMs: FOREVER_MS },
      quietMs: 5,
    })
    for (let turn = 0; turn < turns; turn++) await nextTurn()
    off.abort()
    const { sent } = await transferring
    assert.ok(sent.failure === undefined || sent.failure.code === 'ABORTED', sent.failure?.code)
  }
}

async function receiverAborted(subject: Subject): Promise<void> {
  const { transport, sockets, family } = subject
  const off = new AbortController()
  await using receiver = await transport.transfer.receive(
    sockets,
    receiveOptions(family, { signal: off.signal }),
  )
  const counts: SentCounts = {
    datagramsOffered: 1,
    datagramsAccepted: 1,
    datagramsRefused: 0,
    bytesAccepted: 1,
  }
  const settled = receiver.settle(counts, FOREVER_MS, FOREVER_MS)
  off.abort()
  const report = await settled
  assert.equal(report.bytesDelivered, 0)
  assert.equal(report.complete, false)
}

async function silentPeer(subject: Subject): Promise<void> {
  const { transport, sockets, family } = subject
  const { traits } = transport
  const request = { signal: NEVER, local: loopback(family) }
  await using peer =
    traits.socket === 'stream'
      ? await sockets.listen(request, stream => stream.read(() => {}))
      : await sockets.bindDatagram(request)
  const report = await sendTo(subject, peer.local, 100)
  if (traits.acknowledged) assert.equal(report.failure?.code, 'TIMEOUT')
  else assert.equal(report.failure, undefined)
  assert.equal(report.acknowledged, false)
}

async function nobodyThere(subject: Subject): Promise<void> {
  const { transport, family } = subject
  const report = await sendTo(subject, nobodyOf(family), FOREVER_MS)
  // Without an answer to wait for, all may have been sent before the refusal came back.
  if (transport.traits.acknowledged || report.failure) assert.equal(report.failure?.code, 'ECONNREFUSED')
  assert.equal(report.acknowledged, false)
}

async function nothingCame(subject: Subject): Promise<void> {
  const { transport, sockets, family } = subject
  const expected = new GeneratedPayload(5000, ONE_DATAGRAM_BYTES, 7)
  await using receiver = await transport.transfer.receive(sockets, receiveOptions(family, { expected }))
  const counts = { datagramsOffered: 5, datagramsAccepted: 5, datagramsRefused: 0, bytesAccepted: 5000 }
  const report = await receiver.settle(counts, 20, 1000)
  assert.equal(report.bytesDelivered, 0)
  assert.equal(report.complete, false)
  assert.equal(report.firstAt, undefined)
  assert.equal(report.lastAt, undefined)
  assert.notEqual(report.intact, true)
  if (transport.traits.socket === 'stream') return
  const none = { delivered: 0, duplicated: 0, reordered: 0, corrupt: 0, stray: 0 }
  assert.deepEqual(report.datagrams, none)
  // Where every datagram says what it belongs to, no beginning could be missing.
  const { limit, headerBytes } = transport.traits
  assert.equal(report.missing === undefined, limit !== undefined || headerBytes !== undefined)
}

async function disposedTwice(subject: Subject): Promise<void> {
  const { transport, sockets, family } = subject
  const first = await transport.transfer.receive(sockets, receiveOptions(family))
  await Promise.all([first[Symbol.asyncDispose](), first[Symbol.asyncDispose]()])
  await first[Symbol.asyncDispose]()
  const second = await transport.transfer.receive(sockets, receiveOptions(family, { local: first.endpoint }))
  assert.deepEqual(second.endpoint, first.endpoint)
  await second[Symbol.asyncDispose]()
}

async function portInUse(subject: Subject): Promise<void> {
  const { transport, sockets, family } = subject
  await using receiver = await transport.transfer.receive(sockets, receiveOptions(family))
  const local = receiver.endpoint
  await assert.rejects(transport.transfer.receive(sockets, receiveOptions(family, { local })), {
    code: 'EADDRINUSE',
  })
}

async function again(subject: Subject): Promise<void> {
  const { transport, sockets, family } = subject
  for (let time = 0; time < 10; time++) {
    const payload = new GeneratedPayload(4096, 4096, time)
    const receive = { expected: payload }
    const { received } = await transfer(transport, sockets, payload, { family, receive })
    assert.equal(received.intact, true)
  }
}

function sendTo({ transport, sockets }: Subject, to: Endpoint, answerTimeoutMs: number): Promise<SendReport> {
  const payload = new GeneratedPayload(500, 100, 7)
  return transport.transfer.send(sockets, to, payload, sendOptions({ answerTimeoutMs }))
}

function longPayload({ transport }: Subject): GeneratedPayload {
  const sizeBytes = transport.traits.limit === 'one-datagram' ? ONE_DATAGRAM_BYTES : LONG_BYTES
  return new GeneratedPayload(sizeBytes, ONE_DATAGRAM_BYTES, 7)
}
