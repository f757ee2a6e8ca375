/** One transfer does not disturb another. */
import assert from 'node:assert/strict'
import { newTally } from '../../transports/engines/tally.ts'
import { GeneratedPayload } from '../../transports/payload/generated.ts'
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
  if (subject.transport.traits.socket === 'stream')
    return Object.fromEntries(
      Object.entries(STRAYS).map(([name, stray]) => [
        `a stray client that comes first and ${name} is not taken for the trial's`,
        () => strayClient(subject, stray),
      ]),
    )
  return { 'datagrams of another source are stray, and count as nothing else': () => intruder(subject) }
}

async function twoReceivers({ transport, sockets, family }: Subject): Promise<void> {
  const payloads = [1, 2].map(seed => new GeneratedPayload(sizeFor(transport.traits.limit), CHUNK, seed))
  const both = await Promise.all(
    payloads.map(async payload => {
      await using receiver = await transport.transfer.receive(
        sockets,
        receiveOptions(family, { expected: payload }),
      )
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
  await using receiver = await transport.transfer.receive(tap, receiveOptions(family, { expected: payload }))
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

/** What a client says that is not the sender, and whether it leaves before the sender comes. */
interface Stray {
  readonly says: string
  readonly leaves?: true
}

const TRIAL_BYTES = sizeFor(undefined)
const STRAYS: Readonly<Record<string, Stray>> = {
  'says nothing': { says: '' },
  'leaves without a word': { says: '', leaves: true },
  'brings another size whole': { says: 'SIZE 5\nfivesBYE BYE ', leaves: true },
  'announces another size and is silent': { says: 'SIZE 5\n' },
  'announces the size and leaves': { says: `SIZE ${TRIAL_BYTES}\nfew`, leaves: true },
  'announces the size and is silent': { says: `SIZE ${TRIAL_BYTES}\nfew` },
  'brings the size in other bytes': {
    says: `SIZE ${TRIAL_BYTES}\n${'x'.repeat(TRIAL_BYTES)}BYE BYE `,
    leaves: true,
  },
  'says what is no SIZE': { says: 'GET / HTTP/1.1\r\n\r\n', leaves: true },
}

async function strayClient({ transport, sockets, family }: Subject, { says, leaves }: Stray): Promise<void> {
  const payload = new GeneratedPayload(TRIAL_BYTES, CHUNK, 1)
  await using receiver = await transport.transfer.receive(
    sockets,
    receiveOptions(family, { expected: payload }),
  )
  const stray = await sockets.connect({ signal: NEVER, to: receiver.endpoint })
  await using _stray = stray
  stray.read(() => {})
  const bytes = Buffer.from(says, 'latin1')
  if (bytes.length > 0) await stray.write(bytes, bytes.length).catch(() => {})
  if (leaves) {
    stray.end()
    await stray.closed
  }
  const { sent, received } = await deliver(transport, sockets, receiver, payload, { family })
  assert.deepEqual([sent.acknowledged, sent.failure], [true, undefined])
  assert.deepEqual([received.complete, received.intact, received.failure], [true, true, undefined])
  assert.equal(received.bytesDelivered, TRIAL_BYTES)
}

function sizeFor(limit: 'one-datagram' | undefined): number {
  return limit === 'one-datagram' ? 2 * CHUNK : 40 * CHUNK + 3
}
