/** The payload in one datagram with programs that are not ours, byte for byte. */
import assert from 'node:assert/strict'
import { nodeSockets } from '../../../transports/engines/node/node.ts'
import { FilePayload, GeneratedPayload } from '../../../transports/payload/generated.ts'
import { udpDatagram } from '../../../transports/protocols/udp-datagram.ts'
import { Collector } from '../../support/collector.ts'
import { test } from '../../support/patient.ts'
import { RawUdp } from '../../support/raw-udp.ts'
import { heldBytes, leavesNothingOpen, receiveOptions, sendOptions } from '../../support/transfers.ts'

const HANG = { timeout: 20_000 }

test('one datagram, whatever the chunk, and its answer ends the transfer', HANG, () =>
  leavesNothingOpen(async () => {
    await using peer = await RawUdp.open()
    const payload = new FilePayload(Buffer.alloc(5000, 'picture'), 1024)
    const sending = udpDatagram.transfer.send(nodeSockets, peer.endpoint, payload, sendOptions())
    assert.deepEqual(await peer.hear(1), [payload.whole()])
    await peer.answer('get message!!!')
    const report = await sending
    assert.equal(report.acknowledged, true)
    assert.equal(report.datagramsOffered, 1)
    assert.equal(peer.datagrams.length, 1)
  }),
)

test('every datagram is a transfer of its own, and answered', HANG, () =>
  leavesNothingOpen(async () => {
    await using collector = await Collector.open(udpDatagram)
    await using one = await RawUdp.open()
    await using other = await RawUdp.open()
    await one.say(collector.endpoint, 'first', Buffer.alloc(65_507, 'x'))
    await other.say(collector.endpoint, 'third', '')
    const reports = await collector.ended(4)
    assert.deepEqual(
      reports.map(each => heldBytes(each).toString().slice(0, 9)),
      ['first', 'xxxxxxxxx', 'third', ''],
    )
    assert.deepEqual(
      reports.map(each => [each.complete, each.announcedBytes, each.from?.port]),
      [
        [true, 5, one.endpoint.port],
        [true, 65_507, one.endpoint.port],
        [true, 5, other.endpoint.port],
        [true, 0, other.endpoint.port],
      ],
    )
    for (const peer of [one, other])
      assert.deepEqual((await peer.hear(2)).map(String), ['get message!!!', 'get message!!!'])
  }),
)

test('a datagram over the limit is turned away, and the next one is taken', HANG, () =>
  leavesNothingOpen(async () => {
    await using collector = await Collector.open(udpDatagram, { maxSizeBytes: 10 })
    await using peer = await RawUdp.open()
    await peer.say(collector.endpoint, 'eleven byte', 'ten bytes!')
    const [large, small] = await collector.ended(2)
    assert.equal(large?.failure?.code, 'TOO_LARGE')
    assert.equal(large?.failure?.message, '11 B came; the most taken is 10 B')
    assert.equal(small?.complete, true)
    assert.deepEqual((await peer.hear(1)).map(String), ['get message!!!'])
  }),
)

for (const sizeBytes of [0, 700]) {
  test(`${sizeBytes} bytes that come twice are delivered once`, HANG, () =>
    leavesNothingOpen(async () => {
      const payload = new GeneratedPayload(sizeBytes, 100, 1)
      await using receiver = await udpDatagram.transfer.receive(
        nodeSockets,
        receiveOptions(4, { expected: payload }),
      )
      await using peer = await RawUdp.open()
      await peer.say(receiver.endpoint, payload.whole(), payload.whole())
      await peer.hear(1)
      // Two accepted, as far as the sender knows: the wait for the second lets the duplicate be taken.
      const counts = {
        datagramsOffered: 2,
        datagramsAccepted: 2,
        datagramsRefused: 0,
        bytesAccepted: sizeBytes,
      }
      const report = await receiver.settle(counts, 100, 5000)
      assert.equal(report.datagrams?.delivered, 1)
      assert.equal(report.datagrams?.duplicated, 1)
      assert.equal(report.bytesDelivered, sizeBytes)
    }),
  )
}

test('a damaged datagram is not delivered and not acknowledged', HANG, () =>
  leavesNothingOpen(async () => {
    const payload = new GeneratedPayload(700, 100, 1)
    await using receiver = await udpDatagram.transfer.receive(
      nodeSockets,
      receiveOptions(4, { expected: payload }),
    )
    await using peer = await RawUdp.open()
    const damaged = Buffer.from(payload.whole())
    damaged[650] = (damaged[650] ?? 0) ^ 4
    await peer.say(receiver.endpoint, damaged, payload.whole().subarray(0, 699))
    const counts = { datagramsOffered: 1, datagramsAccepted: 1, datagramsRefused: 0, bytesAccepted: 700 }
    const report = await receiver.settle(counts, 100, 5000)
    assert.equal(report.datagrams?.delivered, 0)
    assert.equal(report.datagrams?.corrupt, 2)
    assert.equal(report.intact, false)
    assert.equal(peer.datagrams.length, 0)
  }),
)
