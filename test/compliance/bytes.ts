/** What arrives is what was sent, whatever its size. */
import assert from 'node:assert/strict'
import type { ReceiveReport, SendReport } from '../../transports/contract/reports.ts'
import type { Payload } from '../../transports/contract/transport.ts'
import { FilePayload, GeneratedPayload } from '../../transports/payload/generated.ts'
import { chunkCount } from '../../transports/payload/reception.ts'
import { heldBytes, type Transferred, transfer } from '../support/transfers.ts'
import type { Cases, Subject } from './suite.ts'

const CHUNK = 1024
const LARGE_BYTES = 10 << 20
/** Not a divisor of the large size: its last chunk is short. */
const LARGE_CHUNK = 8000
const LARGE_RATE_BPS = 500e6
const SIZES = {
  'no byte': 0,
  'one byte': 1,
  'a byte less than a chunk': CHUNK - 1,
  'a chunk': CHUNK,
  'a byte more than a chunk': CHUNK + 1,
  'some chunks and a short one': 20 * CHUNK + 77,
}

export function byteCases(subject: Subject): Cases {
  const cases: Record<string, () => Promise<void>> = {}
  for (const [name, sizeBytes] of Object.entries(SIZES)) {
    cases[`${name}, generated, arrives exactly`] = () => generatedArrives(subject, sizeBytes)
    cases[`${name}, of a file, arrives exactly`] = () => fileArrives(subject, sizeBytes)
  }
  if (subject.transport.traits.limit !== 'one-datagram')
    cases['10 MiB arrive exactly, or what is lost is counted'] = () => largeArrives(subject)
  return cases
}

async function generatedArrives(subject: Subject, sizeBytes: number): Promise<void> {
  const { transport, sockets, family } = subject
  const payload = new GeneratedPayload(sizeBytes, CHUNK, 7)
  const receive = { expected: payload, holdBytes: sizeBytes }
  const transferred = await transfer(transport, sockets, payload, { family, receive })
  assertWhole(subject, payload, transferred)
  assert.equal(transferred.received.intact, true)
  assert.deepEqual(heldBytes(transferred.received), payload.whole())
}

async function fileArrives(subject: Subject, sizeBytes: number): Promise<void> {
  const { transport, sockets, family } = subject
  // Every chunk of these bytes is different, and so is each byte from its neighbours.
  const bytes = Buffer.from(Array.from({ length: sizeBytes }, (_, at) => (at * 31 + (at >> 8)) & 0xff))
  const payload = new FilePayload(bytes, CHUNK)
  const receive = { holdBytes: sizeBytes }
  const transferred = await transfer(transport, sockets, payload, { family, receive })
  assertWhole(subject, payload, transferred)
  assert.deepEqual(heldBytes(transferred.received), bytes)
}

async function largeArrives({ transport, sockets, family }: Subject): Promise<void> {
  const payload = new GeneratedPayload(LARGE_BYTES, LARGE_CHUNK, 7)
  const receive = { expected: payload, holdBytes: LARGE_BYTES }
  const send = { rateBps: LARGE_RATE_BPS }
  const { sent, received } = await transfer(transport, sockets, payload, { family, receive, send })
  assert.equal(sent.bytesAccepted, LARGE_BYTES)
  // A system may drop datagrams whenever it likes: then the counts say so. What is reliable has no such excuse.
  if (transport.traits.reliable) assert.equal(received.bytesDelivered, LARGE_BYTES)
  const everything = received.bytesDelivered === LARGE_BYTES
  assert.equal(received.intact, everything)
  if (everything) assert.deepEqual(heldBytes(received), payload.whole())
  else assert.equal(sent.datagramsAccepted, chunkCount(payload))
}

function assertWhole({ transport }: Subject, payload: Payload, { sent, received }: Transferred): void {
  const { traits } = transport
  assert.equal(sent.failure, undefined)
  assert.equal(received.failure, undefined)
  assert.equal(sent.acknowledged, traits.acknowledged)
  assert.equal(sent.bytesAccepted, payload.sizeBytes)
  assert.equal(received.bytesDelivered, payload.sizeBytes)
  assert.equal(received.complete, true)
  assert.equal(received.missing, undefined)
  if (payload.sizeBytes > 0) {
    assert.ok(received.firstAt !== undefined && received.firstAt >= sent.startedAt)
    assert.ok(received.lastAt !== undefined && received.lastAt >= received.firstAt)
  }
  if (traits.socket === 'stream') return
  if (traits.reliable) {
    assertResent(payload, sent, received)
    return
  }
  const isPlaced = transport.transfer.datagrams === undefined
  // A format whose datagrams say where they belong is not cut anywhere else.
  const windows = [...(transport.transfer.datagrams?.(payload) ?? payload.windows())]
  const datagrams = windows.reduce(
    (sum, { bytes, chunkBytes }) =>
      sum + Math.max(isPlaced ? 0 : 1, chunkCount({ sizeBytes: bytes.length, chunkBytes })),
    0,
  )
  assert.equal(sent.datagramsAccepted, datagrams)
  const counts = { delivered: datagrams, duplicated: 0, reordered: 0, corrupt: 0, stray: 0 }
  assert.deepEqual(received.datagrams, counts)
  if (!isPlaced) assert.equal(received.held?.lengths?.length, datagrams)
}

/** On a busy machine a datagram may be sent again needlessly, and is one more. */
function assertResent(payload: Payload, sent: SendReport, received: ReceiveReport): void {
  const { datagramsAccepted, datagramsResent = 0 } = sent
  assert.equal(datagramsAccepted, Math.max(1, chunkCount(payload)) + datagramsResent)
  const { delivered = 0, ...others } = received.datagrams ?? {}
  assert.equal(delivered, datagramsAccepted)
  assert.deepEqual(others, { duplicated: 0, reordered: 0, corrupt: 0, stray: 0 })
  // What is held is in order, so nothing has to be recognized.
  assert.equal(received.held?.lengths, undefined)
}
