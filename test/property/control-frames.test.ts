/** However a stream is cut, the same frames come out of it. */
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { encodeFrame, FrameReader, ProtocolError } from '../../bench/fleet/link/frames.ts'
import { anyBytesAsFrames } from '../fuzz/targets.ts'

const payloads = fc.array(
  fc.uint8Array({ maxLength: 300 }).map(bytes => Buffer.from(bytes)),
  { maxLength: 8 },
)

test('any cut of the bytes gives the same frames', () => {
  fc.assert(
    fc.property(
      payloads,
      fc.array(fc.nat({ max: 50 }), { maxLength: 200 }),
      fc.boolean(),
      (frames, cuts, eager) => {
        const reader = new FrameReader(300)
        const bytes = Buffer.concat(frames.map(encodeFrame))
        const out: Buffer[] = []
        const take = () => {
          for (let frame = reader.next(); frame; frame = reader.next()) out.push(frame)
        }
        let at = 0
        for (const cut of cuts) {
          reader.push(bytes.subarray(at, at + cut))
          at += cut
          if (eager) take()
        }
        reader.push(bytes.subarray(at))
        take()
        assert.deepEqual(out, frames)
        assert.equal(reader.heldBytes, 0)
      },
    ),
    { numRuns: 500 },
  )
})

test('an over-long frame ends the stream where it begins: all before it come out, nothing after it does', () => {
  fc.assert(
    fc.property(
      payloads,
      fc.integer({ min: 301, max: 0xffff_ffff }),
      fc.nat({ max: 20 }),
      (frames, length, more) => {
        const reader = new FrameReader(300)
        const head = Buffer.alloc(4 + more)
        head.writeUInt32BE(length)
        reader.push(Buffer.concat([...frames.map(encodeFrame), head]))
        for (const frame of frames) assert.deepEqual(reader.next(), frame)
        assert.throws(() => reader.next(), ProtocolError)
      },
    ),
  )
})

test('whatever comes, frames are within the limit, and nothing else is thrown', () => {
  fc.assert(anyBytesAsFrames(), { numRuns: 300 })
})
