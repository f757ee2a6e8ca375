/** The coordinator, presence, leases, links and the stream of rows held to account by hosts that are simulated, over a real NATS server. */
import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { withoutProc } from '../e2e/cli.ts'
import { simulateFleet } from '../support/fleet-simulation.ts'
import { withoutNats } from '../support/nats.ts'
import { test } from '../support/patient.ts'

const HOSTS = 60
const ROUNDS = 3
const MOST_MIB = 500

describe('a fleet of simulated hosts', { skip: withoutNats || withoutProc }, () => {
  test(`of ${HOSTS} is measured in exact rounds, no host twice at a time, and every row is in the file and in the stream`, async context => {
    const words = ['--sample', `${ROUNDS}`, '--size', '20k', '--transport', 'tcp,udp-header']
    const { code, stderr, rows, stored, violations, peakMiB } = await simulateFleet(HOSTS, [
      ...words,
      ...['--warmup', '0', '--no-chart', '--quiet'],
    ])
    assert.equal(code, 0, stderr)
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
    context.diagnostic(`the coordinator had ${peakMiB.toFixed(0)} MiB at most`)
    assert(peakMiB > 0 && peakMiB < MOST_MIB)
  })
})
