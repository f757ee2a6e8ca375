/** A payload without an end: indices that begin again, a memory of the latest ones, and the size header that names none. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { ENDLESS_BYTES } from '../../../transports/contract/transport.ts'
import { GeneratedPayload } from '../../../transports/payload/generated.ts'
import { Reception } from '../../../transports/payload/reception.ts'
import { readSizeHeader, sizeHeader } from '../../../transports/stream/messages.ts'

/** Of 4 bytes, which are its index. */
function chunkOf(index: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(index % 2 ** 32)
  return bytes
}

describe('an endless payload', () => {
  const payload = new GeneratedPayload(ENDLESS_BYTES, 4, 1)

  test('counts on where 32 bits end', () => {
    for (const index of [2 ** 32 - 1, 2 ** 32, 2 ** 32 + 5, 3 * 2 ** 32 + 7]) {
      const bytes = chunkOf(index)
      assert.equal(payload.indexOf(bytes, 0, 4, index - 1), index)
      assert.equal(payload.indexOf(bytes, 0, 4, index + 3), index)
      assert.ok(payload.matches(bytes, 0, 4, index * 4))
      assert.ok(!payload.matches(chunkOf(index + 1), 0, 4, index * 4))
    }
  })

  test('its windows go on, each with the next indices', () => {
    const windows = payload.windows()
    let next = 0
    for (let count = 0; count < 3; count++) {
      const { value } = windows.next()
      assert.equal(value.bytes.readUInt32LE(0), next)
      next += value.bytes.length / 4
      assert.equal(value.bytes.readUInt32LE(value.bytes.length - 4), next - 1)
    }
  })
})

describe('a reception without an end', () => {
  const take = (reception: Reception, index: number) => reception.take(chunkOf(index), 0, 4)

  test('knows duplicates among the latest, as a set of all would', () => {
    const payload = new GeneratedPayload(ENDLESS_BYTES, 4, 1)
    const steps = fc.array(
      fc.oneof(fc.integer({ min: -9, max: 9 }), fc.integer({ min: 0, max: 6_000_000 })),
      {
        maxLength: 50,
      },
    )
    fc.assert(
      fc.property(steps, moves => {
        const reception = new Reception(payload, undefined, false)
        const seen = new Set<number>()
        let at = 0
        for (const move of moves) {
          at = Math.max(0, at + move)
          assert.equal(take(reception, at), !seen.has(at))
          seen.add(at)
        }
        assert.equal(reception.counts.delivered, seen.size)
      }),
      { numRuns: 30 },
    )
  })

  test('one far below the highest is never counted again', () => {
    const reception = new Reception(new GeneratedPayload(ENDLESS_BYTES, 4, 1), undefined, false)
    assert.ok(take(reception, 5))
    assert.ok(take(reception, 10_000_000))
    assert.ok(!take(reception, 5))
    assert.deepEqual(reception.counts, { delivered: 2, duplicated: 1, reordered: 0, corrupt: 0 })
  })
})

describe('SIZE without a number', () => {
  const text = sizeHeader(ENDLESS_BYTES)

  test('is read whole, or awaited', () => {
    assert.equal(text, 'SIZE *\n')
    assert.deepEqual(readSizeHeader(Buffer.from(`${text}abc`)), {
      kind: 'whole',
      sizeBytes: ENDLESS_BYTES,
      length: text.length,
    })
    for (let length = 0; length < text.length; length++)
      assert.equal(readSizeHeader(Buffer.from(text.slice(0, length))).kind, 'incomplete')
  })

  test('a number as large is none', () => {
    assert.equal(readSizeHeader(Buffer.from(`SIZE ${ENDLESS_BYTES}\n`)).kind, 'bad')
    assert.equal(readSizeHeader(Buffer.from('SIZE *x\n')).kind, 'bad')
  })
})
