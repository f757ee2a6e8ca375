/** Frames: a length is never trusted, and what is held is what has come. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeFrame, FrameReader, ProtocolError } from '../../../bench/fleet/link/frames.ts'
import { garbageCollector } from '../../support/garbage.ts'

const LIMIT = 1000
const collectGarbage = garbageCollector()

function lengthOnly(length: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(length)
  return bytes
}

test('frames of no bytes and of as many as there may be are taken', () => {
  for (const length of [0, 1, LIMIT]) {
    const reader = new FrameReader(LIMIT)
    const payload = Buffer.alloc(length, 7)
    reader.push(encodeFrame(payload))
    assert.deepEqual(reader.next(), payload)
    assert.equal(reader.next(), undefined)
    assert.equal(reader.heldBytes, 0)
  }
})

test('a length over the limit is refused as soon as it is there, again and again', () => {
  for (const length of [LIMIT + 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]) {
    const reader = new FrameReader(LIMIT)
    reader.push(lengthOnly(length).subarray(0, 3))
    assert.equal(reader.next(), undefined)
    reader.push(lengthOnly(length).subarray(3))
    for (const _ of [1, 2]) assert.throws(() => reader.next(), ProtocolError)
  }
})

test('a limit may change between two frames', () => {
  const reader = new FrameReader(LIMIT)
  const long = encodeFrame(Buffer.alloc(LIMIT + 1))
  reader.push(Buffer.concat([encodeFrame(Buffer.from('a')), long, long]))
  assert.equal(reader.next()?.toString(), 'a')
  reader.limitBytes = LIMIT + 1
  assert.equal(reader.next()?.length, LIMIT + 1)
  reader.limitBytes = LIMIT
  assert.throws(() => reader.next(), ProtocolError)
})

test('a frame is not written over by what comes after it', () => {
  const reader = new FrameReader(LIMIT)
  reader.push(encodeFrame(Buffer.from('first')))
  const first = reader.next()
  reader.push(encodeFrame(Buffer.from('other')))
  assert.equal(reader.next()?.toString(), 'other')
  assert.equal(first?.toString(), 'first')
})

test('a long frame in pieces of one byte takes no more memory than in one', () => {
  const bytes = 512 * 1024
  const frame = encodeFrame(Buffer.alloc(bytes, 'x'))
  const reader = new FrameReader(bytes)
  collectGarbage()
  const before = memory()
  for (let at = 0; at < frame.length - 1; at++) reader.push(Buffer.from(frame.subarray(at, at + 1)))
  assert.equal(reader.next(), undefined)
  // Of this test's own buffers.
  collectGarbage()
  assert(memory() - before < 8 * bytes, `${memory() - before} bytes for a frame of ${bytes}`)
  reader.push(frame.subarray(-1))
  assert.equal(reader.next()?.length, bytes)
})

/** Of buffers: a piece kept by itself would be one, of a hundred bytes and more beside its own. */
function memory(): number {
  return process.memoryUsage().arrayBuffers
}
