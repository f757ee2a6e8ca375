/** The begin and end markers with programs that are not ours, byte for byte. */
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Sockets } from '../../../transports/contract/sockets.ts'
import { nodeSockets } from '../../../transports/engines/node/node.ts'
import { FilePayload, GeneratedPayload } from '../../../transports/payload/generated.ts'
import { udpMarker } from '../../../transports/protocols/udp-marker.ts'
import { Collector } from '../../support/collector.ts'
import { test } from '../../support/patient.ts'
import { RawUdp } from '../../support/raw-udp.ts'
import {
  heldBytes,
  leavesNothingOpen,
  receiveOptions,
  sendOptions,
  transfer,
} from '../../support/transfers.ts'

const HANG = { timeout: 20_000 }
const QUIET_MS = 150

test('bin, the chunks, end: and nothing else is sent', HANG, () =>
  leavesNothingOpen(async () => {
    await using peer = await RawUdp.open()
    const payload = new FilePayload(Buffer.from('abcdefghij'), 4)
    const report = await udpMarker.transfer.send(nodeSockets, peer.endpoint, payload, sendOptions())
    assert.deepEqual((await peer.hear(5)).map(String), ['bin', 'abcd', 'efgh', 'ij', 'end'])
    assert.equal(report.datagramsOffered, 3)
    assert.equal(report.acknowledged, false)
    assert.equal(report.failure, undefined)
  }),
)

test('no datagram of a payload equals a marker, and the payload arrives whole', HANG, () =>
  leavesNothingOpen(async () => {
    for (const [content, chunkBytes] of [
      ['end', 1024],
      ['bin', 3],
      ['endbinendxxxbinen', 3],
      ['endbinxxbinxend', 4],
      ['xxxxbin', 4],
    ] as const) {
      await using peer = await RawUdp.open()
      const payload = new FilePayload(Buffer.from(content), chunkBytes)
      const report = await udpMarker.transfer.send(nodeSockets, peer.endpoint, payload, sendOptions())
      const datagrams = (await peer.hear((report.datagramsAccepted ?? 0) + 2)).map(String)
      assert.equal(datagrams.shift(), 'bin')
      assert.equal(datagrams.pop(), 'end')
      assert.equal(datagrams.join(''), content)
      assert.ok(!datagrams.includes('bin') && !datagrams.includes('end'), datagrams.join('|'))
      assert.ok(datagrams.every(each => each.length > 0 && each.length <= chunkBytes))
      const { received } = await transfer(udpMarker, nodeSockets, payload, {
        family: 4,
        receive: { holdBytes: payload.sizeBytes },
      })
      assert.equal(heldBytes(received).toString(), content)
      assert.equal(received.complete, true)
    }
  }),
)

test('datagrams before bin are ignored', HANG, () =>
  leavesNothingOpen(async () => {
    await using collector = await Collector.open(udpMarker)
    await using peer = await RawUdp.open()
    await peer.say(collector.endpoint, 'late', 'end', '', 'bi', 'bin', 'picture', 'end')
    const report = await collector.one()
    assert.equal(heldBytes(report).toString(), 'picture')
    assert.equal(report.complete, true)
    assert.equal(report.datagrams?.stray, 3)
    assert.equal(peer.datagrams.length, 0)
  }),
)

test('bin in the middle starts afresh; what was under way is incomplete', HANG, () =>
  leavesNothingOpen(async () => {
    await using collector = await Collector.open(udpMarker)
    await using peer = await RawUdp.open()
    await peer.say(collector.endpoint, 'bin', 'half a pic', 'bin', 'bin', 'another', ' one', 'end')
    const [half, whole] = await collector.ended(2)
    assert.equal(half?.complete, false)
    assert.equal(half?.missing, 'end')
    assert.equal(half && heldBytes(half).toString(), 'half a pic')
    assert.equal(whole?.complete, true)
    assert.equal(whole && heldBytes(whole).toString(), 'another one')
  }),
)

test('bin again in a trial: what came before it does not count', HANG, () =>
  leavesNothingOpen(async () => {
    const payload = new GeneratedPayload(50, 10, 1)
    const chunks = Array.from({ length: 5 }, (_, index) =>
      payload.whole().subarray(index * 10, index * 10 + 10),
    )
    await using receiver = await udpMarker.transfer.receive(
      nodeSockets,
      receiveOptions(4, { expected: payload }),
    )
    await using peer = await RawUdp.open()
    await peer.say(receiver.endpoint, 'bin', ...chunks.slice(0, 3), 'bin', ...chunks, 'end')
    const counts = { datagramsOffered: 5, datagramsAccepted: 5, datagramsRefused: 0, bytesAccepted: 50 }
    const report = await receiver.settle(counts, QUIET_MS, 5000)
    assert.equal(report.datagrams?.delivered, 5)
    assert.equal(report.datagrams?.duplicated, 0)
    assert.equal(report.intact, true)
  }),
)

test('a lost end leaves the quiet time to end the picture; the next one is whole', HANG, () =>
  leavesNothingOpen(async () => {
    await using collector = await Collector.open(udpMarker, { quietMs: QUIET_MS })
    await using peer = await RawUdp.open()
    await peer.say(collector.endpoint, 'bin', 'picture')
    const lost = await collector.one()
    assert.equal(lost.missing, 'end')
    assert.equal(lost.complete, false)
    assert.equal(heldBytes(lost).toString(), 'picture')
    await peer.say(collector.endpoint, 'bin', 'next', 'end')
    const [, next] = await collector.ended(2)
    assert.equal(next?.missing, undefined)
    assert.equal(next && heldBytes(next).toString(), 'next')
  }),
)

test('a lost bin loses nothing of the payload, and nothing would be saved of it', HANG, () =>
  leavesNothingOpen(async () => {
    const payload = new GeneratedPayload(20, 10, 1)
    await using receiver = await udpMarker.transfer.receive(
      nodeSockets,
      receiveOptions(4, { expected: payload }),
    )
    await using peer = await RawUdp.open()
    await peer.say(receiver.endpoint, 'noise', ...halves(payload), 'end')
    const report = await receiver.settle(TWO, QUIET_MS, 5000)
    assert.deepEqual([report.missing, report.complete, report.intact], ['begin', false, false])
    assert.deepEqual(
      [report.datagrams?.delivered, report.bytesDelivered, report.datagrams?.stray],
      [2, 20, 1],
    )
    assert.ok(report.firstAt !== undefined && report.lastAt !== undefined)
  }),
)

test('a bin that is overtaken loses nothing, and what is saved is not the payload', HANG, () =>
  leavesNothingOpen(async () => {
    const payload = new GeneratedPayload(20, 10, 1)
    const [first, second] = halves(payload)
    await using receiver = await udpMarker.transfer.receive(
      nodeSockets,
      receiveOptions(4, { expected: payload }),
    )
    await using peer = await RawUdp.open()
    await peer.say(receiver.endpoint, first, 'bin', second, 'end')
    const report = await receiver.settle(TWO, QUIET_MS, 5000)
    assert.deepEqual([report.missing, report.intact, report.datagrams?.delivered], [undefined, false, 2])
  }),
)

test('what comes after the drain is late, once each, and no marker is', HANG, () =>
  leavesNothingOpen(async () => {
    const payload = new GeneratedPayload(20, 10, 1)
    const [first, second] = halves(payload)
    for (const early of [['bin', first], ['bin'], []]) {
      await using receiver = await udpMarker.transfer.receive(
        nodeSockets,
        receiveOptions(4, { expected: payload }),
      )
      await using peer = await RawUdp.open()
      await peer.say(receiver.endpoint, ...early)
      const report = await receiver.settle(TWO, QUIET_MS, 5000)
      assert.equal(receiver.late, 0)
      await peer.say(receiver.endpoint, 'bin', first, second, second, 'noise', 'end')
      while (receiver.late + (report.datagrams?.delivered ?? 0) < 2) await sleep(5)
      await sleep(50)
      assert.equal(receiver.late + (report.datagrams?.delivered ?? 0), 2)
      assert.equal(report.datagrams?.delivered, early.includes(first) ? 1 : 0, 'what was reported stays')
    }
  }),
)

const TWO = { datagramsOffered: 2, datagramsAccepted: 2, datagramsRefused: 0, bytesAccepted: 20 }

function halves(payload: GeneratedPayload): readonly [Buffer, Buffer] {
  return [payload.whole().subarray(0, 10), payload.whole().subarray(10)]
}

test('a picture that grows over the limit is ended there', HANG, () =>
  leavesNothingOpen(async () => {
    await using collector = await Collector.open(udpMarker, { maxSizeBytes: 10 })
    await using peer = await RawUdp.open()
    await peer.say(collector.endpoint, 'bin', 'six by', 'five!', 'more', 'end', 'bin', 'ten bytes!', 'end')
    const [large, small] = await collector.ended(2)
    assert.equal(large?.failure?.code, 'TOO_LARGE')
    assert.equal(large?.failure?.message, '11 B came; the most taken is 10 B')
    assert.equal(small?.complete, true)
  }),
)

test('empty datagrams do not keep a transfer open', HANG, () =>
  leavesNothingOpen(async () => {
    await using collector = await Collector.open(udpMarker, { quietMs: 200 })
    await using peer = await RawUdp.open()
    await peer.say(collector.endpoint, 'bin', 'half')
    const chatter = setInterval(() => void peer.say(collector.endpoint, ''), 20)
    const report = await collector.one()
    clearInterval(chatter)
    assert.equal(report.complete, false)
    assert.equal(report.missing, 'end')
    assert.equal(report.bytesDelivered, 4)
  }),
)

test(
  'that nothing listens may be known only after the last datagram: it has failed all the same',
  HANG,
  async () => {
    const report = (code: string | undefined) =>
      udpMarker.transfer.send(
        distant(code),
        { host: '192.0.2.1', port: 9, family: 4 },
        new GeneratedPayload(9, 3, 1),
        sendOptions(),
      )
    const { failure, datagramsAccepted } = await report('ECONNREFUSED')
    assert.deepEqual([failure?.phase, failure?.code, datagramsAccepted], ['transfer', 'ECONNREFUSED', 3])
    assert.equal((await report(undefined)).failure, undefined)
  },
)

/** Takes every datagram; an error of the path comes after a round trip, when all have left. No network here delays. */
function distant(code: string | undefined): Sockets {
  let tell: ((code: string) => void) | undefined
  return {
    ...nodeSockets,
    bindDatagram: async ({ local }) => ({
      local,
      state: {},
      burst: () => 64,
      info: () => ({}),
      read: (_, fault) => {
        tell = fault
      },
      send: async (_bytes, _chunkBytes, _first, count, tally) => {
        tally.accepted += count
      },
      pause: async () => {
        if (code !== undefined) tell?.(code)
      },
      [Symbol.asyncDispose]: async () => {},
    }),
  }
}
