/** One transfer does not disturb another. */
import assert from 'node:assert/strict'
import { GeneratedPayload } from '../../bench/payload.ts'
import { newTally } from '../../transports/sockets/tally.ts'
import { tapped } from '../support/tapped-sockets.ts'
import { deliver, loopback, NEVER, receiveOptions, transfer } from '../support/transfers.ts'
import type { Cases, Subject } from './suite.ts'

const CHUNK = 500

export function isolationCases(subject: Subject): Cases {
  return {
    'two receivers at once each get their own payload': () => twoReceivers(subject),
    'two transfers to one receiver of an engine do not share their counts': () => oneAfterTheOther(subject),
  }
}

export function intruderCases(subject: Subject): Cases {
  if (subject.transport.traits.socket === 'stream') return {}
  return { 'datagrams of another source are stray, and count as nothing else': () => intruder(subject) }
}

async function twoReceivers({ transport, sockets, family }: Subject): Promise<void> {
  const payloads = [1, 2].map(seed => new GeneratedPayload(sizeFor(transport.traits.limit), CHUNK, seed))
  const both = await Promise.all(
    payloads.map(async payload => {
      await using receiver = await transport.receive(sockets, receiveOptions(family, { expected: payload }))
      return await deliver(transport, sockets, receiver, payload, { family })
    }),
  )
  for (const { received } of both) assert.equal(received.intact, true)
}

async function oneAfterTheOther({ transport, sockets, family }: Subject): Promise<void> {
  const payload = new GeneratedPayload(sizeFor(transport.traits.limit), CHUNK, 1)
  const other = new GeneratedPayload(sizeFor(transport.traits.limit), CHUNK, 2)
  const right = await transfer(transport, sockets, payload, { family, receive: { expected: payload } })
  const wrong = await transfer(transport, sockets, other, {
    family,
    receive: { expected: payload },
    quietMs: 20,
  })
  assert.equal(right.received.intact, true)
  assert.equal(wrong.received.intact, false)
}

async function intruder({ transport, sockets, family }: Subject): Promise<void> {
  const payload = new GeneratedPayload(sizeFor(transport.traits.limit), CHUNK, 1)
  await using stranger = await sockets.bindDatagram({ signal: NEVER, local: loopback(family) })
  const tally = newTally()
  let intruding: Promise<void> | undefined
  let intruded = 0
  let wake = () => {}
  const bothSeen = new Promise<void>(resolve => {
    wake = resolve
  })
  const tap = tapped(sockets, from => {
    if (from.port === stranger.local.port && ++intruded === 2) wake()
    // Bytes of this very payload: only their source tells them apart.
    intruding ??= stranger.send(payload.whole(), CHUNK, 0, 2, tally, receiver.endpoint)
  })
  await using receiver = await transport.receive(tap, receiveOptions(family, { expected: payload }))
  const { sent, received } = await deliver(transport, sockets, receiver, payload, {
    family,
    beforeSettle: () => bothSeen,
  })
  await intruding
  assert.equal(tally.accepted, 2)
  assert.equal(sent.datagramsAccepted, received.datagrams?.delivered)
  assert.equal(received.datagrams?.duplicated, 0)
  assert.equal(received.datagrams?.stray, 2)
  assert.equal(received.intact, true)
}

function sizeFor(limit: 'one-datagram' | undefined): number {
  return limit === 'one-datagram' ? 2 * CHUNK : 40 * CHUNK + 3
}
