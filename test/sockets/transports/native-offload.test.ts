/** UDP_SEGMENT and UDP_GRO over loopback: whatever the kernel cuts and glues, counts, order and bytes are exact. */
import assert from 'node:assert/strict'
import { describe } from 'node:test'
import type { Sockets } from '../../../transports/contract/sockets.ts'
import { limited } from '../../../transports/engines/limited.ts'
import { BATCH } from '../../../transports/engines/native/messages.ts'
import { createNativeSockets, loadNativeSockets } from '../../../transports/engines/native/native.ts'
import { obstacleToNative } from '../../../transports/engines/native/systems.ts'
import { newTally } from '../../../transports/engines/tally.ts'
import { GeneratedPayload } from '../../../transports/payload/generated.ts'
import { chunkCount } from '../../../transports/payload/reception.ts'
import { carrierNamed } from '../../support/carriers.ts'
import { uncuttable } from '../../support/faulty-libc.ts'
import { test } from '../../support/patient.ts'
import { deliver, heldBytes, loopback, NEVER, receiveOptions } from '../../support/transfers.ts'
import { withOptions } from '../../support/with-options.ts'

const HANG = { timeout: 30_000 }
const BUFFER_BYTES = 8 << 20
/** The most of a datagram, and of one send that is cut: 65,535 less the header of UDP and, over IPv4, of IP. */
const MOST = { 4: 65_507, 6: 65_527 } as const
/** Datagrams of one send that is cut. */
const SEGMENTS = 64

describe('offload', { skip: obstacleToNative() ?? false, concurrency: 1 }, async () => {
  if (obstacleToNative()) return
  const sockets = await loadNativeSockets()

  for (const family of [4, 6] as const) {
    const most = MOST[family]
    const half = Math.floor(most / 2)
    const chunks = [1, 3, 8, 9, 100, 1024, 1472, 9216, half, half + 1, 40_000, most]
    for (const chunkBytes of chunks) {
      for (const gro of [true, false]) {
        test(
          `IPv${family}, chunks of ${chunkBytes}, ${gro ? 'glued' : 'single'}: all of them arrive`,
          HANG,
          async () => {
            for (const sizeBytes of sizesOf(chunkBytes)) {
              const { sent, received, gluedReads } = await crossing(
                sockets,
                family,
                sizeBytes,
                chunkBytes,
                gro,
              )
              assertExact(sizeBytes, chunkBytes, { sent, received })
              const each = Math.min(SEGMENTS, Math.floor(most / chunkBytes))
              const several = each > 1 && chunkCount({ sizeBytes, chunkBytes }) > 1
              assert.equal(
                (sent.info.segmentedSends ?? -1) > 0,
                several,
                `${sizeBytes}: ${sent.info.segmentedSends}`,
              )
              // A packet near 64 KiB may be cut before the receiver sees it: then nothing is glued.
              if (several && each * chunkBytes < 65_000)
                assert.equal(gluedReads !== undefined && gluedReads > 0, gro)
              if (!gro) assert.equal(gluedReads, undefined)
            }
          },
        )
      }
    }

    test(`IPv${family}: the longest send that is cut, and one byte more`, HANG, async () => {
      for (const [sizeBytes, sends] of [
        [most, 1],
        [2 * half + (most % 2), 1],
      ] as const) {
        const { sent, received } = await crossing(sockets, family, sizeBytes, half, true)
        assertExact(sizeBytes, half, { sent, received })
        assert.equal(sent.info.segmentedSends, sends)
      }
      const longer = await crossing(sockets, family, 2 * (half + 1), half + 1, true)
      assertExact(2 * (half + 1), half + 1, longer)
      assert.equal(longer.sent.info.segmentedSends, 0)
    })
  }

  test('a send is counted as cut only when it holds more than one datagram', HANG, async () => {
    for (const [datagrams, sends] of [
      [1, 0],
      [2, 1],
      [SEGMENTS, 1],
      [SEGMENTS + 1, 1],
      [SEGMENTS + 2, 2],
      [2 * SEGMENTS, 2],
      [2 * SEGMENTS + 1, 2],
    ] as const) {
      const { sent } = await crossing(sockets, 4, datagrams * 100, 100, true)
      assert.equal(sent.info.segmentedSends, sends, `${datagrams}`)
    }
  })

  test('more in one call than a batch of cut sends holds', HANG, async () => {
    await using receiver = await sockets.bindDatagram({
      signal: NEVER,
      local: loopback(4),
      options: { rcvbufBytes: BUFFER_BYTES },
    })
    await using sender = await sockets.bindDatagram({
      signal: NEVER,
      local: loopback(4),
      connect: receiver.local,
      options: { gso: true, sndbufBytes: BUFFER_BYTES },
    })
    const count = BATCH * SEGMENTS + 77
    const tally = newTally()
    const bytes = Buffer.alloc(count * 10 - 3)
    await sender.send(bytes, 10, 0, count, tally)
    assert.deepEqual(tally, { ...newTally(), accepted: count, acceptedBytes: bytes.length })
    assert.equal(sender.info().segmentedSends, BATCH + 2)
  })

  test('a slice of what there is: other bytes are neither sent nor counted', HANG, async () => {
    await using receiver = await sockets.bindDatagram({
      signal: NEVER,
      local: loopback(4),
      options: { gro: true, rcvbufBytes: BUFFER_BYTES },
    })
    const got: string[] = []
    receiver.read((memory, start, end, _from, _at, eachBytes = end - start) => {
      for (let at = start; at < end; at += eachBytes)
        got.push(memory.toString('latin1', at, Math.min(at + eachBytes, end)))
    })
    await using sender = await sockets.bindDatagram({
      signal: NEVER,
      local: loopback(4),
      options: { gso: true },
    })
    const bytes = Buffer.from('aaabbbcccdddeeef')
    const tally = newTally()
    await sender.send(bytes, 3, 1, 3, tally, receiver.local)
    await sender.send(bytes, 3, 4, 2, tally, receiver.local)
    while (got.length < 5) await new Promise(resolve => setImmediate(resolve))
    assert.deepEqual(got, ['bbb', 'ccc', 'ddd', 'eee', 'f'])
    assert.deepEqual(tally, { ...newTally(), accepted: 5, acceptedBytes: 13 })
  })

  test('a payload that is paced, so that what is due is no whole number of sends', HANG, async () => {
    const { sent, received } = await crossing(sockets, 4, 700_001, 1000, true, 400e6)
    assertExact(700_001, 1000, { sent, received })
    assert.ok((sent.info.segmentedSends ?? 0) > 0)
  })

  test('an emulated limit refuses what is longer and lets the rest be cut', HANG, async () => {
    const engine = limited(sockets, 1500)
    const taken = await crossing(engine, 4, 100_001, 1500, true)
    assertExact(100_001, 1500, taken)
    assert.ok((taken.sent.info.segmentedSends ?? 0) > 0)
    const refused = await crossing(engine, 4, 100_001, 1501, true)
    const { datagramsOffered, datagramsRefused, datagramsAccepted, refusal, info } = refused.sent
    assert.deepEqual([datagramsOffered, datagramsRefused, datagramsAccepted], [67, 66, 1])
    assert.deepEqual(refusal, { code: 'EMSGSIZE', datagramBytes: 1501, emulated: true })
    assert.equal(refused.received.datagrams?.delivered, 1)
    assert.equal(info.segmentedSends, 0)
  })

  for (const zerocopy of [false, true]) {
    test(
      `where the kernel cuts nothing, each is sent by itself${zerocopy ? ', with zerocopy' : ''}`,
      HANG,
      async () => {
        const { libc, asked } = await uncuttable()
        const engine = withOptions(createNativeSockets(libc), { zerocopy })
        for (const family of [4, 6] as const) {
          const { sent, received } = await crossing(engine, family, 200_003, 1000, true)
          assertExact(200_003, 1000, { sent, received })
          assert.equal(sent.info.segmentedSends, 0)
          if (!zerocopy) continue
          // The header and 201 chunks: what the kernel had refused to cut is none of them, though it says that it is done with it.
          assert.equal(sent.info.zerocopySends, 202)
          assert.ok((sent.info.zerocopyCopied ?? 0) <= 202)
        }
        assert.ok(asked.cut > 0)
      },
    )
  }
})

/** A short last chunk, none, whole sends of 64, and more than that; not too much of large ones. */
function sizesOf(chunkBytes: number): number[] {
  const short = Math.max(1, chunkBytes >> 1)
  const counts = chunkBytes > 2000 ? [1, 2, 7, 16] : [1, 2, SEGMENTS, SEGMENTS + 1, 3 * SEGMENTS]
  const whole = counts.map(count => count * chunkBytes)
  return [...whole, ...counts.map(count => (count - 1) * chunkBytes + short)].filter(size => size <= 1 << 20)
}

async function crossing(
  sockets: Sockets,
  family: 4 | 6,
  sizeBytes: number,
  chunkBytes: number,
  gro: boolean,
  rateBps?: number,
) {
  const transport = carrierNamed('udp-header')
  const payload = new GeneratedPayload(sizeBytes, chunkBytes, 5)
  const socket = { rcvbufBytes: BUFFER_BYTES, ...(gro ? { gro } : {}) }
  const options = receiveOptions(family, { expected: payload, holdBytes: sizeBytes, socket })
  await using receiver = await transport.transfer.receive(sockets, options)
  const { sent, received } = await deliver(transport, sockets, receiver, payload, {
    family,
    send: { socket: { gso: true }, rateBps },
    quietMs: 50,
  })
  assert.deepEqual(
    { ...sent.state, ...receiver.state },
    { ...sent.state, ...receiver.state, gso: true, ...(gro ? { gro: true } : {}) },
  )
  return { sent, received, gluedReads: receiver.info.gluedReads }
}

function assertExact(
  sizeBytes: number,
  chunkBytes: number,
  { sent, received }: Pick<Awaited<ReturnType<typeof crossing>>, 'sent' | 'received'>,
): void {
  const what = `${sizeBytes} in ${chunkBytes}`
  const count = chunkCount({ sizeBytes, chunkBytes })
  assert.equal(sent.failure, undefined, what)
  assert.equal(sent.refusal, undefined, what)
  assert.deepEqual(
    [sent.datagramsOffered, sent.datagramsAccepted, sent.bytesAccepted],
    [count, count, sizeBytes],
  )
  const counts = { delivered: count, duplicated: 0, reordered: 0, corrupt: 0, stray: 0 }
  assert.deepEqual(received.datagrams, counts, what)
  assert.equal(received.intact, true, what)
  assert.deepEqual(heldBytes(received), new GeneratedPayload(sizeBytes, chunkBytes, 5).whole())
  const lengths = received.held?.lengths ?? []
  assert.deepEqual(
    lengths,
    lengths.map((_, index) => Math.min(chunkBytes, sizeBytes - index * chunkBytes)),
  )
  assert.equal(lengths.length, count)
}
