/** Timestamps of STAMP, without any socket. */
import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { exchangeColumns } from '../../../bench/workloads/exchange/accounting.ts'
import type { Case } from '../../../scenarios/plan.ts'
import type { Sockets } from '../../../transports/contract/sockets.ts'
import { decodeTimes } from '../../../transports/contract/times.ts'
import { stamp } from '../../../transports/protocols/stamp.ts'
import { MemorySockets, perfectLink } from '../../support/memory-sockets.ts'
import { loopback, NEVER } from '../../support/transfers.ts'

/** 2036-02-07 06:28:16 UTC, when NTP's seconds begin again. */
const NEXT_ERA_MS = 2_085_978_496_000
const { now } = Date

/** An engine whose system calls its clock synchronized to `clockErrorMs`. */
async function reflected(clockErrorMs: number | undefined, link = perfectLink) {
  const sockets: Sockets = Object.assign(new MemorySockets(link), { clockErrorMs: () => clockErrorMs })
  await using reflector = await stamp.exchange.serve(sockets, { signal: NEVER, local: loopback(4) })
  return await stamp.exchange.ask(sockets, reflector.endpoint, {
    ...{ signal: NEVER, sizeBytes: 44, requests: 8, intervalMs: 1, answerTimeoutMs: 10_000 },
    sent: () => {},
  })
}

describe('timestamps', () => {
  afterEach(() => {
    Date.now = now
  })

  it('are the same moment at both ends, also when their seconds begin again meanwhile', async () => {
    for (const startMs of [now(), NEXT_ERA_MS - 4, NEXT_ERA_MS + 1]) {
      const shiftMs = startMs - now()
      Date.now = () => now() + shiftMs
      const { exchange, startedAt, totalMs } = await reflected(undefined)
      const { firstAt, arrived } = exchange?.reflected ?? assert.fail('nothing reflected')
      assert.deepEqual([exchange?.answered, exchange?.damaged], [8, 0])
      // Both clocks are found at a tick of one millisecond, of one system.
      assert.ok(firstAt > startedAt - 2 && firstAt < startedAt + totalMs + 2, `${firstAt} of ${startedAt}`)
      assert.equal(decodeTimes(arrived ?? '').filter(Number.isFinite).length, 8)
    }
  })

  it('say how far the clocks may be apart only where both are synchronized', async () => {
    assert.equal((await reflected(undefined)).exchange?.reflected?.errorMs, undefined)
    const errorMs = (await reflected(3)).exchange?.reflected?.errorMs ?? assert.fail('no error')
    // Both have 3 ms; the answer's is rounded up to 8 bits, and a busy machine finds its own clock less well.
    assert.ok(errorMs >= 6 && errorMs < 60, `${errorMs} ms`)
  })

  it('give one-way times with a foreign reflector only above that', async () => {
    const each = { chunkBytes: 44 } as Case
    const ways = async (clockErrorMs: number | undefined) => {
      const report = await reflected(clockErrorMs)
      const sender = { type: 'send-report', trial: 1, report, cpuMs: 0 } as const
      const reports = { sender, foreign: true, clockErrorMs: 0 }
      return exchangeColumns(each, stamp.traits, reports)
    }
    const unknown = await ways(undefined)
    assert.deepEqual([unknown.there_p50_ms, unknown.back_p50_ms], [undefined, undefined])
    assert.ok(unknown.there_jitter_ms !== undefined && unknown.back_variation_ms !== undefined)
    const coarse = await ways(60_000)
    assert.deepEqual([coarse.there_max_ms, coarse.back_max_ms], [undefined, undefined])
    const { rtt_max_ms: longest = 0, ...fine } = await ways(0)
    const [there = 0, back = 0] = [fine.there_max_ms, fine.back_max_ms]
    assert.ok(there > 0 && there <= longest + 1 && back <= longest + 1, JSON.stringify(fine))
    assert.deepEqual([fine.datagrams_delivered, fine.datagrams_lost, fine.answers_lost], [8, 0, 0])
  })
})
