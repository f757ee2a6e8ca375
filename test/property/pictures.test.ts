/** Made payloads and the decoders of pictures: exact sizes, the same bytes again, and what is missing is never drawn. */
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { decodePicture, PICTURE_KINDS } from '../../base/pictures/pictures.ts'
import { encodePng } from '../../base/pictures/png.ts'
import { boundsOf, MADE_KINDS, makePayload } from '../../transports/payload/made.ts'
import { anyPicture } from '../fuzz/picture-target.ts'

const seed = fc.nat({ max: 2 ** 32 - 1 })
const made = fc.constantFrom(...MADE_KINDS).chain(kind => {
  const { leastBytes } = boundsOf(kind)
  const sizeBytes = fc.oneof(
    fc.integer({ min: leastBytes, max: leastBytes + 300 }),
    fc.integer({ min: leastBytes, max: 40_000 }),
    // Over the stored blocks of deflate and the comments of a JPEG.
    fc.constantFrom(65_535, 66_000, 131_100),
  )
  return fc.record({ kind: fc.constant(kind), sizeBytes, seed })
})

test('made payloads have exactly their size, and the same bytes each time', () => {
  fc.assert(
    fc.property(made, ({ kind, sizeBytes, seed }) => {
      const bytes = makePayload(kind, sizeBytes, seed)
      assert.equal(bytes.length, sizeBytes)
      assert.ok(bytes.equals(makePayload(kind, sizeBytes, seed)))
    }),
    { numRuns: 150 },
  )
})

test('sizes that a kind cannot have are refused', () => {
  for (const kind of MADE_KINDS) {
    const { leastBytes, mostBytes } = boundsOf(kind)
    for (const sizeBytes of [leastBytes - 1, mostBytes + 1])
      assert.throws(() => makePayload(kind, sizeBytes, 1), /has \d+ to \d+ B/)
    assert.equal(makePayload(kind, leastBytes, 1).length, leastBytes)
  }
})

const pictures = fc.constantFrom(...PICTURE_KINDS).chain(kind =>
  fc.record({
    kind: fc.constant(kind),
    sizeBytes: fc.integer({ min: boundsOf(kind).leastBytes, max: 30_000 }),
    seed,
    from: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.integer({ min: 1, max: 3000 }),
  }),
)

test('a picture with a hole shows what it has at its place, and nothing else', async () => {
  await fc.assert(
    fc.asyncProperty(pictures, async ({ kind, sizeBytes, seed, from, length }) => {
      const bytes = makePayload(kind, sizeBytes, seed)
      const whole = await decodePicture(kind, bytes)
      assert.ok(whole && whole.decoded === whole.width * whole.height)
      assert.ok(whole.rgba.every((value, at) => at % 4 !== 3 || value === 255))
      const start = Math.min(sizeBytes - 1, Math.floor(from * sizeBytes))
      const hole = { start, end: Math.min(sizeBytes, start + length) }
      const some = await decodePicture(kind, bytes, [hole])
      // It may hold anything; of a JPEG, it tells where the next interval is.
      if (kind !== 'jpeg') bytes.fill(0x5a, hole.start, hole.end)
      const other = await decodePicture(kind, bytes, [hole])
      assert.deepEqual(other?.decoded ?? 0, some?.decoded ?? 0)
      if (!some) return
      let drawn = 0
      for (let at = 0; at < some.rgba.length; at += 4) {
        if (some.rgba[at + 3] === 0) continue
        drawn++
        // Of a JPEG, what a hole takes with it may be drawn only in rows that are whole.
        assert.deepEqual(some.rgba.subarray(at, at + 4), whole.rgba.subarray(at, at + 4))
      }
      assert.equal(drawn, some.decoded)
      assert.deepEqual(other?.rgba, some.rgba)
    }),
    { numRuns: 60 },
  )
})

test('what fills a picture up can be missing', async () => {
  for (const [kind, from, to] of [
    ['png', -30, -12],
    ['jpeg', 10, 20],
    ['bmp', 54, 60],
  ] as const) {
    // Of a size that leaves much to be filled.
    const sizes = Array.from({ length: 40 }, (_, at) => 5000 + at * 7)
    const found = await Promise.all(
      sizes.map(async sizeBytes => {
        const bytes = makePayload(kind, sizeBytes, 1)
        const at = (place: number) => (place < 0 ? sizeBytes + place : place)
        const picture = await decodePicture(kind, bytes, [{ start: at(from), end: at(to) }])
        return picture && picture.decoded === picture.width * picture.height
      }),
    )
    assert.ok(found.some(Boolean), kind)
  }
})

test('whatever bytes a decoder gets, it gives a picture within bounds or nothing', () =>
  fc.assert(anyPicture(), { numRuns: 300 }))

test('pixels that are encoded are decoded as they were, their opacity too', async () => {
  const pixels = fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 })).chain(size => {
    const [width, height] = size
    const length = width * height * 4
    return fc
      .uint8Array({ minLength: length, maxLength: length })
      .map(rgba => ({ width, height, rgba: new Uint8Array(rgba) }))
  })
  await fc.assert(
    fc.asyncProperty(pixels, async picture => {
      const found = await decodePicture('png', encodePng(picture))
      assert.deepEqual(found, { ...picture, decoded: picture.width * picture.height })
    }),
    { numRuns: 60 },
  )
})

test('however many parts are missing, what comes before them is decoded', async () => {
  const bytes = makePayload('png', 1_000_000, 1)
  const missing = Array.from({ length: 200_000 }, (_, at) => ({
    start: 200_000 + 4 * at,
    end: 200_002 + 4 * at,
  }))
  const found = await decodePicture('png', bytes, missing)
  assert.ok(found && found.decoded > 0 && found.decoded < found.width * found.height)
})

test('a PNG whose samples have more bits than any has is not inflated', async () => {
  const bytes = encodePng({ width: 10, height: 10, rgba: new Uint8Array(400).fill(255) })
  assert.ok(await decodePicture('png', bytes))
  for (const depth of [0, 3, 32, 255]) {
    // Behind the signature, the length and name of IHDR, width and height.
    bytes[24] = depth
    assert.equal(await decodePicture('png', bytes), undefined, String(depth))
  }
})
