/** What a receiver of many does with those who send no transfer, with more than it has room for, and with the slow. */
import assert from 'node:assert/strict'
import type { Endpoint } from '../../../transports/contract/socket-facts.ts'
import type { ReceiveOptions } from '../../../transports/contract/transport.ts'
import { udpHeader } from '../../../transports/protocols/udp-header.ts'
import { udpMarker } from '../../../transports/protocols/udp-marker.ts'
import { Collector } from '../../support/collector.ts'
import { test } from '../../support/patient.ts'
import { CHUNK, chunks, long, picture } from '../../support/pictures.ts'
import { RawUdp } from '../../support/raw-udp.ts'
import { leavesNothingOpen } from '../../support/transfers.ts'

const HANG = { timeout: 20_000 }

test('what is no transfer gets one line a source, with what it seems to be', HANG, () =>
  leavesNothingOpen(async () => {
    const notes: string[] = []
    const noted = ({ port }: Endpoint, what: string) => notes.push(`${port}: ${what}`)
    await using collector = await Collector.open(udpHeader, { noted })
    await using swapped = await RawUdp.open()
    await using headless = await RawUdp.open()
    await using honest = await RawUdp.open()
    const big = Buffer.alloc(8)
    big.writeBigInt64BE(10_240n)
    for (let time = 0; time < 3; time++) {
      await swapped.say(collector.endpoint, big, 'x'.repeat(CHUNK))
      await headless.say(collector.endpoint, 'y'.repeat(CHUNK))
    }
    await honest.say(collector.endpoint, long(3, 8), 'abc', '')
    await collector.one()
    assert.equal(notes.length, 2, notes.join('\n'))
    assert.match(notes[0] ?? '', /other byte order \(10,240 B/)
    assert.match(notes[1] ?? '', /1,024 B before any length header/)
  }),
)

test('a length of 4 bytes in the other byte order is a length: what came short says so', HANG, () =>
  leavesNothingOpen(async () => {
    await using collector = await Collector.open(udpHeader, { quietMs: 100 })
    await using peer = await RawUdp.open()
    const swapped = Buffer.alloc(4)
    swapped.writeUInt32BE(10_240)
    await peer.say(collector.endpoint, swapped, ...chunks(picture(10_240, 1)))
    const report = await collector.one()
    assert.equal(report.complete, false)
    assert.match(report.remark ?? '', /10,240 B: it has to be little-endian/)
  }),
)

test('more senders than there is room for: the slowest makes room, and nobody new is kept out', HANG, () =>
  leavesNothingOpen(async () => {
    await using collector = await Collector.open(udpMarker)
    const crowd = await Promise.all(Array.from({ length: 1030 }, () => RawUdp.open()))
    for (const peer of crowd.slice(0, 1024)) await peer.say(collector.endpoint, 'bin', 'x')
    await new Promise(resolve => setTimeout(resolve, 1100))
    await crowd[7]?.say(collector.endpoint, 'x'.repeat(5000))
    for (const peer of crowd.slice(1024)) await peer.say(collector.endpoint, 'bin', 'picture', 'end')
    const reports = await collector.ended(7)
    const whole = reports.filter(each => each.complete)
    const gone = reports.filter(each => each.failure?.code === 'BUSY')
    assert.deepEqual([whole.length, gone.length], [6, 1])
    assert.notEqual(gone[0]?.from?.port, crowd[7]?.endpoint.port)
    await Promise.all(crowd.map(peer => peer[Symbol.asyncDispose]()))
  }),
)

for (const [name, over, code] of [
  ['takes too long', { timeoutMs: 200 }, 'TIMEOUT'],
  ['is slower than the least rate, after 5 s', { minRateBps: 1e6 }, 'TOO_SLOW'],
] as const satisfies readonly [string, Partial<ReceiveOptions>, string][]) {
  test(`a transfer that ${name} is ended, and its sender may begin again`, HANG, () =>
    leavesNothingOpen(async () => {
      await using collector = await Collector.open(udpHeader, over)
      await using peer = await RawUdp.open()
      await peer.say(collector.endpoint, long(100_000, 8), 'x'.repeat(CHUNK))
      const drip = setInterval(() => void peer.say(collector.endpoint, 'x'), 50)
      const report = await collector.one()
      clearInterval(drip)
      assert.equal(report.failure?.code, code)
      await peer.say(collector.endpoint, long(3, 8), 'abc')
      const [, next] = await collector.ended(2)
      assert.equal(next?.complete, true)
    }),
  )
}
