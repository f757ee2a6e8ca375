/** Payloads, for every size and chunk: the bytes describe themselves, and no datagram is a marker. */
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import type { Payload } from '../../transports/contract/transport.ts'
import { FilePayload, GeneratedPayload } from '../../transports/payload/generated.ts'
import { chunkCount } from '../../transports/payload/reception.ts'

const MARKERS = [Buffer.from('bin'), Buffer.from('end')]
const PAGE = 1 << 20

const seed = fc.nat({ max: 2 ** 32 - 1 })
const chunkBytes = fc.oneof(
  fc.integer({ min: 1, max: 16 }),
  fc.integer({ min: 1, max: 2000 }),
  fc.constantFrom(1024, 9216, 65_507),
)
const small = fc.record({ sizeBytes: fc.nat({ max: 5000 }), chunkBytes, seed })
const large = fc.record({
  sizeBytes: fc.integer({ min: PAGE - 10, max: 4 * PAGE }),
  chunkBytes: fc.oneof(fc.constantFrom(8, 1000, 1024, 65_507, PAGE - 1, PAGE, PAGE + 1, 3 * PAGE)),
  seed,
})

function generated({ sizeBytes, chunkBytes, seed }: { sizeBytes: number; chunkBytes: number; seed: number }) {
  return new GeneratedPayload(sizeBytes, chunkBytes, seed)
}

/** Each datagram as it is sent, in order: copies. */
function datagramsOf(payload: Payload, markers: readonly Buffer[] = []): Buffer[] {
  const datagrams: Buffer[] = []
  for (const { bytes, chunkBytes } of payload.windows(markers))
    for (let at = 0; at < bytes.length; at += chunkBytes)
      datagrams.push(Buffer.from(bytes.subarray(at, at + chunkBytes)))
  return datagrams
}

for (const [name, shape, numRuns] of [
  ['within a page', small, 300],
  ['over pages', large, 6],
] as const) {
  test(`generated, ${name}: the windows are the whole, in whole chunks but the last`, () => {
    fc.assert(
      fc.property(shape, spec => {
        const payload = generated(spec)
        const whole = payload.whole()
        const datagrams = datagramsOf(payload)
        assert.equal(whole.length, spec.sizeBytes)
        assert.ok(Buffer.concat(datagrams).equals(whole))
        assert.equal(datagrams.length, chunkCount(spec))
        assert.ok(datagrams.slice(0, -1).every(each => each.length === spec.chunkBytes))
        // The other end makes the same bytes of the same specification.
        assert.ok(generated(spec).whole().equals(whole))
      }),
      { numRuns },
    )
  })
}

test('generated: no datagram is a marker', () => {
  const likely = fc.record({
    sizeBytes: fc.nat({ max: 250_000 }),
    chunkBytes: fc.integer({ min: 1, max: 4 }),
    seed,
  })
  fc.assert(
    fc.property(fc.oneof(likely, small), spec => {
      for (const datagram of datagramsOf(generated(spec)))
        assert.ok(!MARKERS.some(marker => marker.equals(datagram)))
    }),
    { numRuns: 20 },
  )
})

test('generated: every slice matches where it is from, and with one bit flipped nowhere there', () => {
  fc.assert(
    fc.property(fc.oneof(small, large), fc.gen(), (spec, gen) => {
      fc.pre(spec.sizeBytes > 0)
      const payload = generated(spec)
      const whole = payload.whole()
      const offset = gen(() => fc.nat({ max: spec.sizeBytes - 1 }))
      const length = 1 + gen(() => fc.nat({ max: Math.min(spec.sizeBytes - offset - 1, 3000) }))
      const margin = gen(() => fc.nat({ max: 9 }))
      const memory = Buffer.alloc(margin + length + 5, 0xaa)
      whole.copy(memory, margin, offset, offset + length)
      const at = (place: number) => payload.matches(memory, margin, margin + length, place)
      assert.equal(at(offset), true)
      const bit = gen(() => fc.nat({ max: length * 8 - 1 }))
      flip(memory, margin + (bit >> 3), bit & 7)
      assert.equal(at(offset), false)
      flip(memory, margin + (bit >> 3), bit & 7)
      assert.equal(at(offset), true)
      assert.equal(payload.matches(memory, margin, margin + length, spec.sizeBytes - length + 1), false)
    }),
    { numRuns: 30 },
  )
})

test('generated: slices match in whatever order they are asked for, page by page or not', () => {
  const payload = new GeneratedPayload(5 * PAGE + 77, 1000, 3)
  const whole = payload.whole()
  const chunks = fc.array(fc.nat({ max: chunkCount(payload) - 1 }), { minLength: 20, maxLength: 60 })
  fc.assert(
    fc.property(chunks, order => {
      for (const index of order) {
        const start = index * 1000
        const end = Math.min(start + 1000, whole.length)
        assert.equal(payload.indexOf(whole, start, end, 0), index)
        assert.ok(payload.matches(whole, start, end, start))
      }
    }),
    { numRuns: 5 },
  )
})

test('generated: reading what is expected does not disturb what is being sent', () => {
  const payload = new GeneratedPayload(3 * PAGE, 1024, 3)
  const whole = payload.whole()
  let at = 0
  for (const { bytes } of payload.windows()) {
    assert.ok(payload.matches(whole, 2 * PAGE, 2 * PAGE + 50, 2 * PAGE))
    assert.ok(payload.matches(whole, 0, 50, 0))
    assert.ok(bytes.equals(whole.subarray(at, at + bytes.length)))
    at += bytes.length
  }
})

test('generated: a chunk tells its index, whatever was expected; below 4 bytes, near what was expected', () => {
  fc.assert(
    fc.property(small, fc.gen(), (spec, gen) => {
      fc.pre(spec.sizeBytes > 0)
      const payload = generated(spec)
      const whole = payload.whole()
      const chunks = chunkCount(spec)
      const index = gen(() => fc.nat({ max: chunks - 1 }))
      // One byte says 256 indices apart, two or three say 65,536: a loss of up to three quarters of them in a row, and
      // a delay of up to a quarter, is told without doubt.
      const modulus = spec.chunkBytes === 1 ? 256 : spec.chunkBytes < 4 ? 65_536 : Number.MAX_SAFE_INTEGER
      const nearest = Math.max(0, index - Math.ceil(modulus * 0.75) + 1)
      const furthest = Math.min(chunks, index + Math.floor(modulus / 4))
      const expected = gen(() => fc.integer({ min: nearest, max: furthest }))
      const start = index * spec.chunkBytes
      const end = Math.min(start + spec.chunkBytes, spec.sizeBytes)
      assert.equal(payload.indexOf(whole, start, end, expected), index)
    }),
    { numRuns: 1000 },
  )
})

test('generated: a chunk of 8 bytes or more with any bit flipped is never taken for another one', () => {
  fc.assert(
    fc.property(small, fc.gen(), (spec, gen) => {
      fc.pre(spec.chunkBytes >= 8 && spec.sizeBytes > 0)
      const payload = generated(spec)
      const chunks = datagramsOf(payload)
      const chunk = chunks[gen(() => fc.nat({ max: chunks.length - 1 }))] ?? Buffer.alloc(1)
      const bit = gen(() => fc.nat({ max: chunk.length * 8 - 1 }))
      flip(chunk, bit >> 3, bit & 7)
      const index = payload.indexOf(chunk, 0, chunk.length, 0)
      assert.ok(
        index === undefined || !payload.matches(chunk, 0, chunk.length, index * spec.chunkBytes),
        'damage passed for a chunk',
      )
    }),
    { numRuns: 300 },
  )
})

test('generated: other seeds make other bytes', () => {
  fc.assert(
    fc.property(seed, seed, (one, other) => {
      fc.pre(one !== other)
      assert.ok(
        !new GeneratedPayload(100, 50, one).whole().equals(new GeneratedPayload(100, 50, other).whole()),
      )
    }),
  )
})

/** Bytes that are likely to be markers, or nearly. */
const adversarial = fc
  .array(fc.oneof(fc.constantFrom('bin', 'end', 'ndb', 'inb'), fc.constantFrom('b', 'i', 'n', 'e', 'd')), {
    maxLength: 60,
  })
  .map(parts => Buffer.from(parts.join('')))

test('file: the windows are the file, no datagram is a marker, none is empty or too long', () => {
  fc.assert(
    fc.property(adversarial, fc.integer({ min: 1, max: 7 }), (bytes, chunkBytes) => {
      const payload = new FilePayload(bytes, chunkBytes)
      const datagrams = datagramsOf(payload, MARKERS)
      assert.ok(Buffer.concat(datagrams).equals(bytes))
      for (const datagram of datagrams) {
        assert.ok(datagram.length > 0 && datagram.length <= chunkBytes)
        assert.ok(!MARKERS.some(marker => marker.equals(datagram)))
      }
      assert.deepEqual(Buffer.concat(datagramsOf(payload)), bytes)
      assert.equal(datagramsOf(payload).length, chunkCount(payload))
      assert.ok(payload.whole().equals(bytes))
    }),
    { numRuns: 1000 },
  )
})

test('file: a large one comes in windows of a page, each of whole chunks', () => {
  const bytes = Buffer.alloc(5 * PAGE + 3, 'page')
  for (const chunkBytes of [1000, 1024, 65_507, 2 * PAGE + 1]) {
    const windows = [...new FilePayload(bytes, chunkBytes).windows(MARKERS)]
    assert.ok(Buffer.concat(windows.map(window => window.bytes)).equals(bytes))
    for (const [index, window] of windows.entries()) {
      assert.ok(window.bytes.length <= Math.max(PAGE, chunkBytes))
      if (index < windows.length - 1) assert.equal(window.bytes.length % chunkBytes, 0)
    }
  }
})

function flip(bytes: Buffer, at: number, bit: number): void {
  bytes[at] = (bytes[at] ?? 0) ^ (1 << bit)
}
