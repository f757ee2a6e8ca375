/** One transfer per source: what one sender does, or loses, is nothing to the others, and damaged bytes are never acknowledged. */
import assert from 'node:assert/strict'
import { udpHeader } from '../../../transports/protocols/udp-header.ts'
import { udpMarker } from '../../../transports/protocols/udp-marker.ts'
import { Collector } from '../../support/collector.ts'
import { test } from '../../support/patient.ts'
import { bySize, CHUNK, chunk, chunks, header, long, picture } from '../../support/pictures.ts'
import { RawUdp } from '../../support/raw-udp.ts'
import { heldBytes, leavesNothingOpen } from '../../support/transfers.ts'

const HANG = { timeout: 20_000 }
const QUIET_MS = 400

test('two senders at once: each is whole and answered', HANG, () =>
  leavesNothingOpen(async () => {
    await using collector = await Collector.open(udpHeader)
    await using one = await RawUdp.open()
    await using other = await RawUdp.open()
    const [a, b] = [picture(10 * CHUNK, 1), picture(7 * CHUNK + 5, 2)]
    await one.say(collector.endpoint, ...header(a))
    await other.say(collector.endpoint, ...header(b))
    for (let index = 0; index < 10; index++) {
      await one.say(collector.endpoint, chunk(a, index))
      if (index < 8) await other.say(collector.endpoint, chunk(b, index))
    }
    const reports = await collector.ended(2)
    for (const report of reports) assert.equal(report.complete, true)
    assert.deepEqual(reports.map(heldBytes).sort(bySize), [b, a])
    await Promise.all([one.hear(1), other.hear(1)])
  }),
)

test('two senders of the marker format at once', HANG, () =>
  leavesNothingOpen(async () => {
    await using collector = await Collector.open(udpMarker)
    await using one = await RawUdp.open()
    await using other = await RawUdp.open()
    for (const [peer, text] of [
      [one, 'bin'],
      [other, 'bin'],
      [one, 'aaaa'],
      [other, 'bbbbbb'],
      [one, 'aa'],
      [one, 'end'],
      [other, 'bb'],
      [other, 'end'],
    ] as const)
      await peer.say(collector.endpoint, text)
    const reports = await collector.ended(2)
    assert.deepEqual(
      reports.map(each => heldBytes(each).toString()),
      ['aaaaaa', 'bbbbbbbb'],
    )
  }),
)

test('a sender that uses a new socket for each picture, the last chunk of the first one lost', HANG, () =>
  leavesNothingOpen(async () => {
    await using collector = await Collector.open(udpHeader, { quietMs: QUIET_MS })
    const [a, b] = [picture(3 * CHUNK, 1), picture(3 * CHUNK, 2)]
    await using one = await RawUdp.open()
    await using other = await RawUdp.open()
    await one.say(collector.endpoint, ...header(a), chunk(a, 0), chunk(a, 1))
    await other.say(collector.endpoint, ...header(b), chunk(b, 0), chunk(b, 1), chunk(b, 2))
    const [first, second] = await collector.ended(2)
    assert.deepEqual([first?.complete, first && heldBytes(first)], [true, b])
    assert.deepEqual([second?.complete, second?.bytesDelivered], [false, 2 * CHUNK])
    assert.equal(one.datagrams.length, 0)
  }),
)

for (const [name, nextSize] of [
  ['of another size', 5000],
  ['of the same size, after a while', 10 * CHUNK],
] as const) {
  test(
    `a chunk is lost: the header of the next picture, ${name}, ends the one and begins the other`,
    HANG,
    () =>
      leavesNothingOpen(async () => {
        await using collector = await Collector.open(udpHeader)
        await using peer = await RawUdp.open()
        const [a, b] = [picture(10 * CHUNK, 1), picture(nextSize, 2)]
        await peer.say(collector.endpoint, ...header(a), ...chunks(a).filter((_, index) => index !== 3))
        if (nextSize === a.length) await new Promise(resolve => setTimeout(resolve, 250))
        await peer.say(collector.endpoint, ...header(b), ...chunks(b))
        const [first, second] = await collector.ended(2)
        assert.deepEqual([first?.complete, first?.bytesDelivered], [false, 9 * CHUNK])
        assert.deepEqual([second?.complete, second && heldBytes(second)], [true, b])
        assert.deepEqual((await peer.hear(1)).map(String), ['get message!!!'])
        assert.equal(peer.datagrams.length, 1)
      }),
  )
}

test('a chunk is lost in pictures of one size, 50 ms apart: only that picture is incomplete', HANG, () =>
  leavesNothingOpen(async () => {
    await using collector = await Collector.open(udpHeader)
    await using peer = await RawUdp.open()
    const pictures = [1, 2, 3, 4, 5].map(seed => picture(10 * CHUNK, seed))
    for (const [at, each] of pictures.entries()) {
      const lost = at === 2 ? 9 : undefined
      await peer.say(
        collector.endpoint,
        ...header(each),
        ...chunks(each).filter((_, index) => index !== lost),
      )
      await new Promise(resolve => setTimeout(resolve, 50))
    }
    const reports = await collector.ended(5)
    assert.deepEqual(
      reports.map(each => each.complete),
      pictures.map((_, at) => at !== 2),
    )
    const whole = reports.filter(each => each.complete).map(heldBytes)
    assert.deepEqual(
      whole,
      pictures.filter((_, at) => at !== 2),
    )
    assert.equal((await peer.hear(4)).length, 4)
  }),
)

test('every chunk of a picture is lost: the header of the next one is none of its chunks', HANG, () =>
  leavesNothingOpen(async () => {
    await using collector = await Collector.open(udpHeader)
    await using peer = await RawUdp.open()
    const b = picture(5000, 2)
    await peer.say(collector.endpoint, ...header(picture(10_000, 1)), ...header(b), ...chunks(b))
    const [first, second] = await collector.ended(2)
    assert.deepEqual([first?.complete, first?.announcedBytes, first?.bytesDelivered], [false, 10_000, 0])
    assert.deepEqual([second?.complete, second && heldBytes(second)], [true, b])
  }),
)

test('the header came twice: the picture is whole, whenever the second one came', HANG, () =>
  leavesNothingOpen(async () => {
    await using collector = await Collector.open(udpHeader)
    await using peer = await RawUdp.open()
    for (const at of [0, 1, 5]) {
      const a = picture(10 * CHUNK, at)
      const datagrams = [...header(a), ...chunks(a)]
      datagrams.splice(at + 1, 0, ...header(a))
      await peer.say(collector.endpoint, ...datagrams)
      const report = (await collector.ended([0, 1, 5].indexOf(at) + 1)).at(-1)
      assert.deepEqual([report?.complete, report && heldBytes(report)], [true, a])
      await peer.hear([0, 1, 5].indexOf(at) + 1)
    }
  }),
)

test('the same header at once after a lost chunk: undecided, so nothing is whole or answered', HANG, () =>
  leavesNothingOpen(async () => {
    await using collector = await Collector.open(udpHeader, { quietMs: QUIET_MS })
    await using peer = await RawUdp.open()
    const [a, b] = [picture(10 * CHUNK, 1), picture(10 * CHUNK, 2)]
    await peer.say(collector.endpoint, ...header(a), ...chunks(a).slice(1), ...header(b), ...chunks(b))
    const report = await collector.one()
    assert.equal(report.complete, false)
    assert.equal(report.failure?.code, 'PROTOCOL')
    await new Promise(resolve => setTimeout(resolve, 300))
    assert.equal(peer.datagrams.length, 0)
  }),
)

for (const [length, tail] of [
  [8, long(5000, 8)],
  [4, long(5000, 4)],
] as const) {
  test(`a last chunk of ${length} bytes that may be a header: nothing damaged is ever whole`, HANG, () =>
    leavesNothingOpen(async () => {
      await using collector = await Collector.open(udpHeader, { quietMs: QUIET_MS })
      const a = Buffer.concat([picture(10 * CHUNK, 1), tail])
      const lossy = [...header(a), ...chunks(a).filter((_, index) => index !== 3)]
      // The tail is its own.
      await using first = await RawUdp.open()
      await first.say(collector.endpoint, ...lossy)
      const [kept] = await collector.ended(1)
      assert.deepEqual([kept?.complete, kept?.bytesDelivered], [false, 9 * CHUNK + length])
      // It was lost, too, and the header of the next picture is as long, whose first chunk fills the gap.
      await using second = await RawUdp.open()
      const next = picture(CHUNK, 3)
      await second.say(collector.endpoint, ...lossy.slice(0, -1), long(CHUNK, length), next)
      const [, mixed] = await collector.ended(2)
      assert.equal(mixed?.complete, false)
      // It came, and then the next header is one.
      await using third = await RawUdp.open()
      await third.say(collector.endpoint, ...lossy, long(CHUNK, length), next)
      const [, , old, whole] = await collector.ended(4)
      assert.deepEqual([old?.complete, whole?.complete], [false, true])
      assert.deepEqual(whole && heldBytes(whole), next)
      assert.deepEqual([first.datagrams.length, second.datagrams.length], [0, 0])
      await third.hear(1)
    }),
  )
}

for (const length of [8, 4] as const) {
  test(
    `only the last chunk, of ${length} bytes, is lost: the header of the next picture is not taken for it`,
    HANG,
    () =>
      leavesNothingOpen(async () => {
        await using collector = await Collector.open(udpHeader, { quietMs: QUIET_MS })
        const tail = long(5000, length)
        const a = Buffer.concat([picture(3 * CHUNK, 1), tail])
        const b = picture(CHUNK, 2)
        await using lossy = await RawUdp.open()
        await lossy.say(collector.endpoint, ...header(a), ...chunks(a).slice(0, 3), long(CHUNK, length), b)
        const [old, next] = await collector.ended(2)
        assert.equal(old?.complete, false)
        assert.deepEqual([next?.complete, next && heldBytes(next)], [true, b])
        await lossy.hear(1)
        // Its own, though it looks like a header, and though it comes twice, is known by the silence after it.
        await using honest = await RawUdp.open()
        await honest.say(collector.endpoint, ...header(a), ...chunks(a), tail)
        const [, , whole] = await collector.ended(3)
        assert.deepEqual([whole?.complete, whole && heldBytes(whole)], [true, a])
        await honest.hear(1)
        assert.deepEqual([lossy.datagrams.length, honest.datagrams.length], [1, 1])
      }),
  )
}

for (const before of [0, 8])
  test(`a short picture after lost chunks and ${before} B: what may be two pictures is none`, HANG, () =>
    leavesNothingOpen(async () => {
      await using collector = await Collector.open(udpHeader, { quietMs: QUIET_MS })
      await using peer = await RawUdp.open()
      const [long, short] = [picture(before + 16, 1), picture(8, 2)]
      await peer.say(collector.endpoint, ...header(long))
      if (before > 0) await peer.say(collector.endpoint, long.subarray(0, before))
      // Its header and its bytes are just as long as what is missing of the first.
      await peer.say(collector.endpoint, ...header(short), short)
      const [report] = await collector.ended(1)
      assert.equal(report?.complete, false)
      assert.deepEqual(peer.datagrams, [])
    }),
  )

test('chunks of 8 bytes are chunks, whatever they say', HANG, () =>
  leavesNothingOpen(async () => {
    await using collector = await Collector.open(udpHeader)
    await using peer = await RawUdp.open()
    const bytes = Buffer.concat(Array.from({ length: 20 }, (_, index) => long(index + 1, 8)))
    await peer.say(collector.endpoint, ...header(bytes), ...chunks(bytes, 8))
    const report = await collector.one()
    assert.deepEqual([report.complete, heldBytes(report)], [true, bytes])
  }),
)
