/** UDP: a host that opens transfers by the thousand locks no other one out, and only who was alone is said to have been. */
import assert from 'node:assert/strict'
import { udpHeader } from '../../../transports/protocols/udp-header.ts'
import { Collector } from '../../support/collector.ts'
import { test } from '../../support/patient.ts'
import { CHUNK, chunk, header, long, picture } from '../../support/pictures.ts'
import { RawUdp } from '../../support/raw-udp.ts'
import { heldBytes, leavesNothingOpen } from '../../support/transfers.ts'

const HANG = { timeout: 60_000 }
/** More than a receiver keeps, and all of them younger than what it judges by its rate. */
const CROWD = 1100

test('transfers that one host begins and never ends make room for those of another', HANG, () =>
  leavesNothingOpen(async () => {
    await using collector = await Collector.open(udpHeader)
    await using honest = await RawUdp.open('127.0.0.2')
    const crowd: RawUdp[] = []
    const flood = async (count: number) => {
      for (let index = 0; index < count; index++) {
        const each = await RawUdp.open()
        crowd.push(each)
        await each.say(collector.endpoint, long(100_000, 8), Buffer.alloc(CHUNK, 'x'))
      }
    }
    await flood(CROWD)
    const bytes = picture(2 * CHUNK, 3)
    await honest.say(collector.endpoint, ...header(bytes), chunk(bytes, 0))
    await flood(CROWD)
    await honest.say(collector.endpoint, chunk(bytes, 1))
    await honest.hear(1)
    const whole = collector.reports.filter(each => each.complete)
    assert.deepEqual(whole.map(heldBytes), [bytes])
    // Nobody makes room in silence.
    const busy = collector.reports.filter(each => each.failure?.code === 'BUSY')
    assert.equal(busy.length, 2 * CROWD + 1 - 1024)
    assert.deepEqual([...new Set(busy.map(each => each.from?.host))], ['127.0.0.1'])
    await Promise.all(crowd.map(each => each[Symbol.asyncDispose]()))
  }),
)

test('a transfer was alone if no other source was heard since the one before it ended', HANG, () =>
  leavesNothingOpen(async () => {
    await using collector = await Collector.open(udpHeader, { quietMs: 300 })
    await using one = await RawUdp.open()
    await using other = await RawUdp.open()
    const bytes = picture(2 * CHUNK, 4)
    const whole = [...header(bytes), chunk(bytes, 0), chunk(bytes, 1)]
    let expected = 0
    const alone = async (count: number) => {
      expected += count
      const reports = await collector.ended(expected)
      return reports.slice(-count).map(each => each.alone ?? false)
    }
    await one.say(collector.endpoint, ...whole)
    assert.deepEqual(await alone(1), [true])
    await other.say(collector.endpoint, ...whole)
    assert.deepEqual(await alone(1), [true], 'one after the other')
    await other.say(collector.endpoint, ...whole, ...whole)
    assert.deepEqual(await alone(2), [true, true], 'two of one source')
    // What comes of no transfer was sent all the same.
    await one.say(collector.endpoint, 'nonsense of another source')
    await other.say(collector.endpoint, ...whole)
    assert.deepEqual(await alone(1), [false])
    await other.say(collector.endpoint, ...whole)
    assert.deepEqual(await alone(1), [true])
    // It says no more, and may go on sending.
    await one.say(collector.endpoint, ...whole.slice(0, 2))
    await other.say(collector.endpoint, ...whole)
    assert.deepEqual(await alone(2), [false, false])
    await one.say(collector.endpoint, ...whole)
    assert.deepEqual(await alone(1), [true])
  }),
)
