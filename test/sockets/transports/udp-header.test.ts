/** The length header with programs that are not ours, byte for byte. */
import assert from 'node:assert/strict'
import { setTimeout } from 'node:timers/promises'
import { BUILT_IN } from '../../../transports/catalog.ts'
import { nodeSockets } from '../../../transports/engines/node/node.ts'
import { FilePayload, GeneratedPayload } from '../../../transports/payload/generated.ts'
import { encodeLength, udpHeader } from '../../../transports/protocols/udp-header.ts'
import { Collector } from '../../support/collector.ts'
import { test } from '../../support/patient.ts'
import { RawUdp } from '../../support/raw-udp.ts'
import { heldBytes, leavesNothingOpen, receiveOptions, sendOptions } from '../../support/transfers.ts'

const HANG = { timeout: 20_000 }
const CHUNK = 1024
const QUIET_MS = 150

test('a header is the length, a C long of 8 bytes; then the chunks, the last one short', HANG, () =>
  leavesNothingOpen(async () => {
    await using peer = await RawUdp.open()
    const bytes = Buffer.alloc(2 * CHUNK + 5, 'picture')
    const sending = udpHeader.transfer.send(
      nodeSockets,
      peer.endpoint,
      new FilePayload(bytes, CHUNK),
      sendOptions(),
    )
    const [header, ...chunks] = await peer.hear(4)
    assert.deepEqual(header, Buffer.from([5, 8, 0, 0, 0, 0, 0, 0]))
    assert.deepEqual(chunks, [
      bytes.subarray(0, CHUNK),
      bytes.subarray(CHUNK, 2 * CHUNK),
      bytes.subarray(2 * CHUNK),
    ])
    await peer.answer('get message!!!')
    const report = await sending
    assert.equal(report.acknowledged, true)
    assert.equal(report.datagramsOffered, 3)
    assert.equal(peer.datagrams.length, 4)
  }),
)

for (const name of await BUILT_IN.engines.working()) {
  test(`${name}: an answer that comes before the last datagram was accepted ends no phase`, HANG, () =>
    leavesNothingOpen(async () => {
      const sockets = await BUILT_IN.engines.sockets(name)
      await using peer = await RawUdp.open()
      const payload = new FilePayload(Buffer.alloc(20 * CHUNK), CHUNK)
      const paced = sendOptions({ rateBps: 800_000 })
      const sending = udpHeader.transfer.send(sockets, peer.endpoint, payload, paced)
      await peer.hear(2)
      await peer.answer('get message!!!')
      const report = await sending
      assert.equal(report.acknowledged, true)
      assert.equal(report.ackMs, undefined)
      assert(report.transferMs !== undefined && report.totalMs < report.transferMs)
    }),
  )

  test(`${name}: an answer that comes after it does`, HANG, () =>
    leavesNothingOpen(async () => {
      const sockets = await BUILT_IN.engines.sockets(name)
      await using peer = await RawUdp.open()
      const sending = udpHeader.transfer.send(
        sockets,
        peer.endpoint,
        new FilePayload(Buffer.alloc(CHUNK), CHUNK),
        sendOptions(),
      )
      await peer.hear(2)
      await setTimeout(20)
      await peer.answer('get message!!!')
      const { ackMs } = await sending
      assert(ackMs !== undefined && ackMs > 0)
    }),
  )
}

test('only the exact acknowledgement is one', HANG, () =>
  leavesNothingOpen(async () => {
    await using peer = await RawUdp.open()
    const payload = new FilePayload(Buffer.alloc(10), CHUNK)
    const sending = udpHeader.transfer.send(
      nodeSockets,
      peer.endpoint,
      payload,
      sendOptions({ answerTimeoutMs: 200 }),
    )
    await peer.hear(2)
    await peer.answer(
      '',
      'get message',
      'get message!!!!',
      'GET MESSAGE!!!',
      'get message!!!\n',
      'get the msg',
    )
    const report = await sending
    assert.equal(report.acknowledged, false)
    assert.equal(report.failure?.code, 'TIMEOUT')
  }),
)

test('a size over 4 GiB is announced whole', () => {
  assert.deepEqual(encodeLength(5 * 2 ** 30 + 1), Buffer.from([1, 0, 0, 0x40, 1, 0, 0, 0]))
})

const headers = { '8 bytes, of Linux and macOS': long8, '4 bytes, of Windows': long4 }
for (const [name, header] of Object.entries(headers)) {
  test(`a picture with a header of ${name} is taken and acknowledged`, HANG, () =>
    leavesNothingOpen(async () => {
      await using collector = await Collector.open(udpHeader)
      await using peer = await RawUdp.open()
      await peer.say(collector.endpoint, header(1030), 'x'.repeat(1024), 'y'.repeat(6))
      const report = await collector.one()
      assert.deepEqual((await peer.hear(1)).map(String), ['get message!!!'])
      assert.equal(report.announcedBytes, 1030)
      assert.equal(report.complete, true)
      assert.equal(heldBytes(report).toString(), `${'x'.repeat(1024)}yyyyyy`)
    }),
  )
}

test('existing senders add an empty datagram at a multiple of 1,024: it changes nothing', HANG, () =>
  leavesNothingOpen(async () => {
    await using collector = await Collector.open(udpHeader)
    await using peer = await RawUdp.open()
    const pictures = ['a', 'b'].map(letter => letter.repeat(2048))
    for (const [index, picture] of pictures.entries()) {
      await peer.say(collector.endpoint, long8(2048), picture.slice(0, 1024), picture.slice(1024), '')
      await peer.hear(index + 1)
    }
    const reports = await collector.ended(2)
    assert.deepEqual(
      reports.map(each => heldBytes(each).toString()),
      pictures,
    )
    assert.deepEqual(peer.datagrams.map(String), ['get message!!!', 'get message!!!'])
  }),
)

test('a stream of pictures of different sizes, each acknowledged before the next', HANG, () =>
  leavesNothingOpen(async () => {
    await using collector = await Collector.open(udpHeader)
    await using peer = await RawUdp.open()
    const sizes = [5000, 1, 1024, 0, 3072, 8, 4, 70_001]
    for (const [index, size] of sizes.entries()) {
      const picture = Buffer.alloc(size, index + 1)
      const chunks = Array.from({ length: Math.ceil(size / CHUNK) }, (_, chunk) =>
        picture.subarray(chunk * CHUNK, (chunk + 1) * CHUNK),
      )
      await peer.say(collector.endpoint, long8(size), ...chunks)
      await peer.hear(index + 1)
    }
    const reports = await collector.ended(sizes.length)
    for (const [index, size] of sizes.entries()) {
      const report = reports[index]
      assert.ok(report)
      assert.deepEqual(heldBytes(report), Buffer.alloc(size, index + 1))
    }
  }),
)

test(
  'with a chunk lost the picture is incomplete, is not acknowledged, and the next one is whole',
  HANG,
  () =>
    leavesNothingOpen(async () => {
      await using collector = await Collector.open(udpHeader, { quietMs: QUIET_MS })
      await using peer = await RawUdp.open()
      await peer.say(collector.endpoint, long8(3000), 'x'.repeat(1024), 'z'.repeat(952))
      const lost = await collector.one()
      assert.equal(lost.complete, false)
      assert.equal(lost.failure, undefined)
      assert.equal(lost.bytesDelivered, 1976)
      assert.equal(peer.datagrams.length, 0)
      await peer.say(collector.endpoint, long8(3), 'abc')
      const [, next] = await collector.ended(2)
      assert.equal(next?.complete, true)
      assert.equal(next?.bytesDelivered, 3)
      await peer.hear(1)
      assert.equal(peer.datagrams.length, 1)
    }),
)

test('a header over the limit is turned away, and the next picture is taken', HANG, () =>
  leavesNothingOpen(async () => {
    await using collector = await Collector.open(udpHeader, { maxSizeBytes: 1000 })
    await using peer = await RawUdp.open()
    await peer.say(collector.endpoint, long8(1001), 'x'.repeat(1001), long8(5), 'fives')
    const [large, small] = await collector.ended(2)
    assert.equal(large?.failure?.code, 'TOO_LARGE')
    assert.match(large?.failure?.message ?? '', /^the sender announced 1,001 B; /)
    assert.equal(large?.announcedBytes, 1001)
    assert.equal(small?.complete, true)
    assert.equal(small?.bytesDelivered, 5)
    await peer.hear(1)
  }),
)

test('what cannot be a header does not begin a picture', HANG, () =>
  leavesNothingOpen(async () => {
    await using collector = await Collector.open(udpHeader)
    await using peer = await RawUdp.open()
    const negative = Buffer.alloc(8, 0xff)
    const overflowing = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0x7f])
    const garbage = ['x', 'six by', 'x'.repeat(1024), negative, negative.subarray(4), overflowing]
    // An empty datagram is nobody's: existing senders emit one after a picture.
    await peer.say(collector.endpoint, '', ...garbage, long8(5), 'fives')
    const report = await collector.one()
    assert.equal(report.complete, true)
    assert.equal(report.announcedBytes, 5)
    assert.equal(report.datagrams?.stray, garbage.length)
    assert.equal(heldBytes(report).toString(), 'fives')
  }),
)

test('a datagram of another size than announced does not begin the trial of a known payload', HANG, () =>
  leavesNothingOpen(async () => {
    const payload = new GeneratedPayload(800, 8, 1)
    await using receiver = await udpHeader.transfer.receive(
      nodeSockets,
      receiveOptions(4, { expected: payload }),
    )
    await using peer = await RawUdp.open()
    // The header was lost: every chunk is as long as one.
    const chunks = Array.from({ length: 100 }, (_, index) =>
      payload.whole().subarray(index * 8, index * 8 + 8),
    )
    await peer.say(receiver.endpoint, long8(7), long4(0), ...chunks)
    const counts = { datagramsOffered: 100, datagramsAccepted: 100, datagramsRefused: 0, bytesAccepted: 800 }
    const report = await receiver.settle(counts, QUIET_MS, 5000)
    assert.equal(report.missing, 'header')
    assert.equal(report.complete, false)
    // By what is in them they are its payload all the same.
    assert.equal(report.datagrams?.delivered, 100)
    assert.equal(report.datagrams?.stray, 2)
    assert.equal(peer.datagrams.length, 0)
  }),
)

test('what comes from the same sender after the transfer was settled is late', HANG, () =>
  leavesNothingOpen(async () => {
    const payload = new GeneratedPayload(3000, 1000, 1)
    await using receiver = await udpHeader.transfer.receive(
      nodeSockets,
      receiveOptions(4, { expected: payload }),
    )
    await using peer = await RawUdp.open()
    const bytes = payload.whole()
    await peer.say(receiver.endpoint, long8(3000), bytes.subarray(0, 1000), bytes.subarray(1000, 2000))
    const counts = { datagramsOffered: 3, datagramsAccepted: 3, datagramsRefused: 0, bytesAccepted: 3000 }
    const report = await receiver.settle(counts, 100, 5000)
    assert.equal(report.datagrams?.delivered, 2)
    await peer.say(receiver.endpoint, bytes.subarray(2000))
    while (receiver.late === 0) await new Promise(resolve => setImmediate(resolve))
    assert.equal(receiver.late, 1)
    assert.equal(report.datagrams?.delivered, 2)
  }),
)

function long8(value: number): Buffer {
  const header = Buffer.alloc(8)
  header.writeBigInt64LE(BigInt(value))
  return header
}

function long4(value: number): Buffer {
  const header = Buffer.alloc(4)
  header.writeInt32LE(value)
  return header
}
