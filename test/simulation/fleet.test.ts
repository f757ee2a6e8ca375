/** The coordinator, presence, leases, links and the stream of rows held to account by hosts that are simulated, over a real NATS server. */
import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { DiscardPolicy, jetstreamManager } from '@nats-io/jetstream'
import type { Bus } from '../../bench/fleet/bus/connection.ts'
import { busLoad } from '../../bench/fleet/bus/load.ts'
import { ROWS_STREAM } from '../../bench/fleet/bus/rows.ts'
import { withoutProc } from '../e2e/cli.ts'
import { simulateFleet } from '../support/fleet-simulation.ts'
import { withoutNats } from '../support/nats.ts'
import { test } from '../support/patient.ts'

const HOSTS = 60
const ROUNDS = 3
const MOST_MIB = 476
const QUICK = ['--serial', '0', '--warmup', '0', '--no-chart', '--quiet']

describe('a fleet of simulated hosts', { skip: withoutNats || withoutProc }, () => {
  test(`of ${HOSTS} is measured in exact rounds, no host twice at a time, and every row is in the file and in the stream`, async context => {
    const words = ['--sample', `${ROUNDS}`, '--size', '20k', '--transport', 'tcp,udp-header']
    const found = await simulateFleet(HOSTS, [...words, ...QUICK])
    const { code, stderr, rows, stored, violations, peakMiB, run, runMs } = found
    assert.deepEqual([code, stderr], [0, ''])
    assert.deepEqual(violations, [])
    for (let round = 1; round <= ROUNDS; round++) {
      const own = rows.filter(row => row.fleet_round === round && row.transport === 'tcp')
      assert.equal(own.length, HOSTS / 2)
      assert.equal(new Set(own.flatMap(row => [row.pair_from, row.pair_to])).size, HOSTS)
    }
    assert.equal(rows.length, 2 * ROUNDS * (HOSTS / 2))
    assert(rows.every(row => row.outcome === 'completed'))
    const known = (all: typeof rows) => all.map(row => JSON.stringify(row)).sort()
    assert.deepEqual(known(stored), known(rows))
    // What `bench fleet plan` says.
    const pairs = (ROUNDS * HOSTS) / 2
    const size = { hosts: HOSTS, pairs, trialsPerPair: 2, roundMs: runMs, rows: rows.length }
    const ratio = (1000 * run.messages) / runMs / busLoad(size).messagesPerSecond
    assert(ratio > 0.5 && ratio < 2, `${run.messages} messages, ${ratio} of those planned`)
    context.diagnostic(`the coordinator had ${peakMiB.toFixed(0)} MiB at most`)
    assert(peakMiB > 0 && peakMiB < MOST_MIB)
  })

  test('is measured to its end where the stream has no room, which is named', async () => {
    const prepare = async ({ nats }: Bus) => {
      const manager = await jetstreamManager(nats)
      const limits = { max_bytes: 12_000, discard: DiscardPolicy.New }
      await manager.streams.add({ name: ROWS_STREAM, subjects: ['bench.rows.*'], ...limits })
    }
    const { code, stderr, rows, stored } = await simulateFleet(6, ['--transport', 'tcp', ...QUICK], {
      prepare,
    })
    assert.equal(code, 1)
    assert.match(stderr, /^bench: .*, stream bench-rows: maximum bytes exceeded; .*; the file has all rows$/m)
    assert.equal(rows.length, 30)
    assert(stored.length > 0 && stored.length < 30)
  })
})
