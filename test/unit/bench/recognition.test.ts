/** What a receiver makes of the bytes that it held: counts, and how much of a picture can be decoded. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PayloadStore } from '../../../bench/workloads/transfer/ends/payload-store.ts'
import { missingOf, recognize } from '../../../bench/workloads/transfer/ends/recognition.ts'
import { BUILT_IN, carrierOf } from '../../../transports/catalog.ts'
import type { ReceiveReport } from '../../../transports/contract/reports.ts'
import type { Carrier } from '../../../transports/contract/transport.ts'
import type { MadeKind } from '../../../transports/payload/made.ts'

const CHUNK = 1000
const CHUNKS = 21

function carrier(name: string): Carrier {
  const transport = BUILT_IN.transports.get(name)
  const found = transport && carrierOf(transport)
  assert(found)
  return found
}

function madeOf(kind: MadeKind, transport: string) {
  const spec = { kind: 'made', made: kind, sizeBytes: 20_480, chunkBytes: CHUNK, seed: 1 } as const
  return new PayloadStore().made(spec, carrier(transport))
}

const COUNTS = { delivered: 0, duplicated: 0, reordered: 0, corrupt: 0, stray: 0 }

/** What a receiver of these chunks, in this order, says; `damaged` ones differ in a bit. */
async function received(kind: MadeKind, indices: readonly number[], damaged: readonly number[] = []) {
  const made = await madeOf(kind, 'udp-header')
  const parts = indices.map(index => {
    const bytes = Buffer.from(made.payload.whole().subarray(index * CHUNK, (index + 1) * CHUNK))
    if (damaged.includes(index)) bytes[0] = (bytes[0] ?? 0) ^ 1
    return bytes
  })
  const report: ReceiveReport = {
    bytesDelivered: Buffer.concat(parts).length,
    complete: indices.length === CHUNKS,
    datagrams: COUNTS,
    held: { parts, lengths: parts.map(each => each.length) },
  }
  const { picture, intact, datagrams } = await recognize(
    report,
    { bytesAccepted: 20_480, datagramsAccepted: CHUNKS },
    made.fingerprint,
    made,
    carrier('udp-header'),
  )
  return { picture, intact, ...datagrams }
}

const ALL = Array.from({ length: CHUNKS }, (_, index) => index)
const without = (...lost: number[]) => ALL.filter(each => !lost.includes(each))

for (const kind of ['png', 'jpeg', 'bmp'] as const)
  test(`a ${kind}: whole, with a chunk lost, damaged or out of order, and without its beginning`, async () => {
    assert.equal((await received(kind, ALL)).picture, 'whole')
    const part = await received(kind, without(12))
    assert.deepEqual([part.picture, part.intact, part.delivered], ['partly', false, 20])
    const damaged = await received(kind, ALL, [12])
    assert.deepEqual([damaged.picture, damaged.delivered, damaged.corrupt], ['partly', 20, 1])
    const swapped = await received(kind, [1, 0, ...without(0, 1)])
    assert.deepEqual([swapped.picture, swapped.intact, swapped.reordered], ['whole', false, 1])
    assert.equal((await received(kind, without(0))).picture, 'not')
    assert.equal((await received(kind, [])).picture, 'not')
  })

test('of chunks with numbers each has its place, whatever is missing before it', async () => {
  const made = await madeOf('jpeg', 'udp-multicast')
  const of = async (numbers: readonly number[]) => {
    const bytes = made.payload.whole()
    const parts = numbers.map(index => bytes.subarray(index * CHUNK, (index + 1) * CHUNK))
    const report = { bytesDelivered: 0, complete: false, datagrams: COUNTS, held: { parts, numbers } }
    const sent = { bytesAccepted: 20_480, datagramsAccepted: CHUNKS }
    return recognize(report, sent, made.fingerprint, made, carrier('udp-multicast'))
  }
  assert.deepEqual([(await of(ALL)).picture, (await of(ALL)).intact], ['whole', true])
  // What follows the first hole is drawn, too.
  assert.deepEqual([(await of(without(2))).picture, (await of(without(2))).intact], ['partly', false])
  assert.equal((await of(without(0))).picture, 'not')
})

test('equal chunks: how many arrived is told; which, in what order and how often is not', async () => {
  const { delivered, corrupt, alike, picture } = await received('zeros', [...without(3), 4])
  assert.deepEqual([delivered, corrupt, alike, picture], [CHUNKS, 0, true, undefined])
  assert.equal((await received('text', ALL)).alike, undefined)
})

test('over a stream, a picture is decoded up to where it ends or differs', async () => {
  const tcp = carrier('tcp')
  const made = await madeOf('bmp', 'tcp')
  const of = async (bytes: Buffer) => {
    const report = { bytesDelivered: bytes.length, complete: false, held: { parts: [bytes] } }
    return (await recognize(report, { bytesAccepted: 20_480 }, made.fingerprint, made, tcp)).picture
  }
  const whole = made.payload.whole()
  assert.equal(await of(whole), 'whole')
  assert.equal(await of(whole.subarray(0, 9000)), 'partly')
  assert.equal(await of(Buffer.from(whole).fill(0, 9000, 9001)), 'partly')
  assert.equal(await of(whole.subarray(0, 50)), 'not')
})

test('what is missing is where its datagrams were', async () => {
  const { payload } = await madeOf('bmp', 'udp-header')
  assert.deepEqual(missingOf(payload.windows(), new Set(without(0, 3, 4, 20))), [
    { start: 0, end: 1000 },
    { start: 3000, end: 5000 },
    { start: 20_000, end: 20_480 },
  ])
})
