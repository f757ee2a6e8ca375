/** TCP: 1,024 connections that never end, of one host, keep nobody out; slow ones end. What transfers hold is bounded. */
import assert from 'node:assert/strict'
import { MemoryBudget } from '../../../transports/payload/held-memory.ts'
import { tcp } from '../../../transports/protocols/tcp.ts'
import { udpDatagram } from '../../../transports/protocols/udp-datagram.ts'
import { Collector } from '../../support/collector.ts'
import { MemorySockets } from '../../support/memory-sockets.ts'
import { test } from '../../support/patient.ts'
import { RawConnection } from '../../support/raw-tcp.ts'
import { RawUdp } from '../../support/raw-udp.ts'
import { leavesNothingOpen } from '../../support/transfers.ts'

const HANG = { timeout: 30_000 }

test(
  'with 1,024 connections that bring nothing, one more is served: a slow one makes room and is told of',
  HANG,
  () =>
    leavesNothingOpen(async () => {
      const collector = await Collector.open(tcp)
      const crowd = await Promise.all(
        Array.from({ length: 1024 }, () => RawConnection.open(collector.endpoint)),
      )
      await crowd[0]?.say('SIZE 100000\n', 'x'.repeat(50_000))
      await crowd[0]?.hear('GOT SIZE')
      await new Promise(resolve => setTimeout(resolve, 1100))
      const honest = await RawConnection.open(collector.endpoint)
      await honest.say('SIZE 3\n', 'abc', 'BYE BYE ')
      const reports = await collector.ended(2)
      assert.deepEqual(
        reports.map(each => each.failure?.code ?? each.bytesDelivered),
        ['BUSY', 3],
      )
      // The one that brings something stays.
      await crowd[0]?.say('x'.repeat(50_000), 'BYE BYE ')
      const [, , kept] = await collector.ended(3)
      assert.equal(kept?.bytesDelivered, 100_000)
      await Promise.all([honest, ...crowd].map(each => each[Symbol.asyncDispose]()))
      await collector[Symbol.asyncDispose]()
    }),
)

test('one that has its reply and makes room has arrived all the same', HANG, async () => {
  // In memory the crowd is there before the second is over that a client may take to leave.
  const sockets = new MemorySockets()
  await using collector = await Collector.open(tcp, {}, sockets)
  const { signal } = new AbortController()
  const open = () => sockets.connect({ to: collector.endpoint, signal })
  const first = await open()
  const answered = new Promise<void>(resolve => {
    let text = ''
    first.read(bytes => {
      text += bytes
      if (text.endsWith('GOT IMAGE')) resolve()
    })
  })
  const picture = Buffer.from('SIZE 3\nabc')
  await first.write(picture, picture.length)
  await answered
  const crowd = await Promise.all(Array.from({ length: 1024 }, open))
  const report = await collector.one()
  assert.deepEqual([report.complete, report.failure, report.bytesDelivered], [true, undefined, 3])
  await Promise.all([first, ...crowd].map(each => each[Symbol.asyncDispose]()))
})

for (const [name, over, code] of [
  ['slower than the least rate', { minRateBps: 8000 }, 'TOO_SLOW'],
  ['longer than it may last', { timeoutMs: 500 }, 'TIMEOUT'],
] as const) {
  test(`6 bytes each 0.25 s, ${name}: it ends`, HANG, () =>
    leavesNothingOpen(async () => {
      const collector = await Collector.open(tcp, over)
      const client = await RawConnection.open(collector.endpoint)
      await client.say('SIZE 100000\n')
      const drip = setInterval(() => void client.say('sixbyt').catch(() => {}), 250)
      const report = await collector.one()
      clearInterval(drip)
      assert.equal(report.failure?.code, code)
      await client[Symbol.asyncDispose]()
      await collector[Symbol.asyncDispose]()
    }),
  )
}

test(
  'what transfers hold is theirs until it is saved: the one too many is told, and nothing of it is answered',
  HANG,
  () =>
    leavesNothingOpen(async () => {
      const saves: (() => void)[] = []
      const budget = new MemoryBudget(200_000)
      const collector = await Collector.open(udpDatagram, {
        budget,
        ended: report => {
          collector.reports.push(report)
          return new Promise<void>(resolve => saves.push(resolve))
        },
      })
      await using peer = await RawUdp.open()
      const arrived = async (count: number) => {
        while (collector.reports.length < count) await new Promise(resolve => setImmediate(resolve))
      }
      for (let index = 1; index <= 4; index++) {
        await peer.say(collector.endpoint, Buffer.alloc(60_000, index))
        await arrived(index)
      }
      const codes = collector.reports.map(each => each.failure?.code)
      assert.deepEqual(codes, [undefined, undefined, 'BUSY', 'BUSY'])
      for (const saved of saves) saved()
      await new Promise(resolve => setImmediate(resolve))
      await peer.say(collector.endpoint, Buffer.alloc(60_000, 9))
      await arrived(5)
      assert.equal(collector.reports[4]?.complete, true)
      await peer.hear(3)
      await collector[Symbol.asyncDispose]()
    }),
)
