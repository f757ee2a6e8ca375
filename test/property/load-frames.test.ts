/** Frames of a load: read in any pieces as they were written, and nothing else is read as frames. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  ANSWER,
  ARRIVED,
  arrivedFrame,
  FrameReader,
  frameOf,
  LOAD,
  REQUEST,
} from '../../transports/load/frames.ts'

const small = fc
  .constantFrom(REQUEST, ANSWER)
  .map(type => ({ bytes: frameOf(type, 1), type, value: 0, load: 0 }))
const load = fc.nat(300).map(length => ({ bytes: frameOf(LOAD, length), type: LOAD, value: 0, load: length }))
const arrived = fc.maxSafeNat().map(value => ({ bytes: arrivedFrame(value), type: ARRIVED, value, load: 0 }))
const frames = fc.array(fc.oneof(small, load, arrived), { maxLength: 30 })

test('frames come out as they went in, in whatever pieces they arrive', () => {
  fc.assert(
    fc.property(frames, fc.infiniteStream(fc.integer({ min: 1, max: 40 })), (sent, sizes) => {
      const read: unknown[] = []
      const reader = new FrameReader((type, value) => read.push([type, value]))
      const wire = Buffer.concat(sent.map(each => each.bytes))
      for (let at = 0; at < wire.length; ) {
        const size = sizes.next().value ?? 1
        assert.equal(reader.take(wire.subarray(at, at + size)), true)
        at += size
      }
      assert.deepEqual(
        read,
        sent.filter(({ type }) => type !== LOAD).map(({ type, value }) => [type, value]),
      )
      assert.equal(
        reader.loadBytes,
        sent.reduce((sum, each) => sum + each.load, 0),
      )
    }),
  )
})

test('an unknown type, and a length that its type does not have, are no frames', () => {
  const broken = fc
    .tuple(fc.integer({ min: 1, max: 255 }), fc.integer({ min: 0, max: 2 ** 32 - 1 }))
    .filter(
      ([type, length]) =>
        length !== ({ [REQUEST]: 1, [ANSWER]: 1, [ARRIVED]: 8 } as const)[type as 1 | 2 | 3],
    )
  fc.assert(
    fc.property(broken, ([type, length]) => {
      const bytes = Buffer.alloc(5)
      bytes.writeUInt8(type, 0)
      bytes.writeUInt32BE(length, 1)
      assert.equal(new FrameReader(() => assert.fail('a frame')).take(bytes), false)
    }),
  )
})

test('the wire is as docs/wire.md says', () => {
  assert.equal(frameOf(REQUEST, 1).toString('hex'), '010000000100')
  assert.equal(arrivedFrame(258).toString('hex'), '03000000080000000000000102')
})
