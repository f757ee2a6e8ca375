/** Bytes that may be a picture: decoders give one within bounds, or nothing. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { decodePicture, kindOf, PICTURE_KINDS, sizeOf } from '../../base/pictures/pictures.ts'
import { MOST_PIXELS } from '../../base/pictures/pixels.ts'
import { makePayload } from '../../transports/payload/made.ts'
import { bytes, type Target } from './arbitraries.ts'

export const anyPicture: Target = () => {
  const real = PICTURE_KINDS.map(kind => makePayload(kind, 3000, 1))
  const near = fc
    .record({
      of: fc.constantFrom(...real),
      end: fc.oneof(fc.constant(3000), fc.nat({ max: 3000 })),
      // Most of what decides is in the headers.
      flips: fc.array(fc.tuple(fc.oneof(fc.nat({ max: 120 }), fc.nat({ max: 2999 })), fc.nat({ max: 255 })), {
        maxLength: 5,
      }),
    })
    .map(({ of, end, flips }) => {
      const copy = Buffer.from(of)
      for (const [at, value] of flips) copy[at] = value
      return copy.subarray(0, end)
    })
  return fc.asyncProperty(
    fc.constantFrom(...PICTURE_KINDS),
    fc.oneof({ weight: 5, arbitrary: near }, { weight: 1, arbitrary: bytes(300) }),
    async (kind, some) => {
      const size = sizeOf(kind, some)
      assert.ok(!size || (size.width > 0 && size.height > 0 && size.width * size.height <= MOST_PIXELS))
      const found = await decodePicture(kind, some)
      if (!found) return
      assert.equal(kindOf(some) ?? kind, kind)
      assert.deepEqual(size, { width: found.width, height: found.height })
      assert.equal(found.rgba.length, found.width * found.height * 4)
      assert.ok(found.decoded >= 0 && found.decoded <= found.width * found.height)
    },
  )
}
