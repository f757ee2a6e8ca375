/** `bench fleet run --resume`: a run that was broken off goes on. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext } from 'node:test'
import { test } from '../support/patient.ts'
import { withoutPython } from '../support/programs.ts'
import { assertRefused, BENCH_WORDS, bench, Running, TERMINAL } from './cli.ts'
import { startFleet } from './fleets.ts'
import { readCsv } from './rows.ts'
import { TOKEN } from './two-hosts.ts'

const RUN = ['run', '--size', '20k', '--transport', 'tcp,udp-header', '--warmup', '0', '--no-chart']
const ONCE = [...RUN, '--serial', '0']

/** `f.csv` has two whole pairs of six, and one of two transports of a third. */
async function brokenOff(context: TestContext) {
  const fleet = await startFleet(context, ['a', 'b', 'c'])
  const { code, stderr } = await fleet.run([...ONCE, '--out', 'f.csv'])
  assert.equal(code, 0, stderr)
  const file = join(fleet.cwd, 'f.csv')
  const all = readFileSync(file, 'utf8').split('\r\n')
  writeFileSync(file, `${all.slice(0, 6).join('\r\n')}\r\n`)
  return fleet
}

describe('a fleet’s run that goes on', { concurrency: 2 }, () => {
  test('measures nothing twice, and nothing is missing', async context => {
    const { cwd, run } = await brokenOff(context)
    const { code, stderr } = await run([...ONCE, '--resume', 'f.csv', '--out', 'g.csv'])
    assert.equal(code, 0, stderr)
    const rows = readCsv(join(cwd, 'g.csv'))
    assert.deepEqual(rows.slice(0, 5), readCsv(join(cwd, 'f.csv')))
    const whats = rows.map(row => `${row.pair_from}${row.pair_to} ${row.transport}`)
    assert.deepEqual([whats.length, new Set(whats).size], [12, 12])
    assert.deepEqual(
      [new Set(rows.map(row => row.run_id)).size, new Set(rows.map(row => row.trial)).size],
      [1, 12],
    )
    const seeded = await run([...ONCE, '--seed', '2', '--resume', 'f.csv', '--out', 'h.csv'])
    assertRefused(seeded, 'it measured something else; give the same words as then')
    const six = await run([...ONCE, '-6', '--resume', 'f.csv', '--out', 'h.csv'])
    assertRefused(six, 'it measured something else; give the same words as then')
    const sampled = await run([...ONCE, '--sample', '1', '--resume', 'f.csv', '--out', 'h.csv'])
    assertRefused(sampled, 'it was measured without --sample, not with --sample 1, so its rounds were others')
    const other = await run([...ONCE, '--size', '30k', '--resume', 'f.csv', '--out', 'h.csv'])
    assertRefused(other, 'it measured something else; give the same words as then')
    writeFileSync(join(cwd, 'others.yaml'), 'hosts:\n  a: 127.0.0.1:1\n  z: 127.0.0.1:2\n')
    const words = ['fleet', ...ONCE, '--hosts', 'others.yaml', '--resume', 'f.csv', '--out', 'h.csv']
    assertRefused(await bench(words, { cwd, env: { BENCH_TOKEN: TOKEN } }), 'which --hosts has not')
  })

  test('counts only what is left to measure', { skip: withoutPython }, async context => {
    const { cwd } = await brokenOff(context)
    const words = ['fleet', ...ONCE, '--hosts', 'hosts.yaml', '--resume', 'f.csv', '--out', 'g.csv']
    await using running = new Running('python3', [TERMINAL, '100', ...BENCH_WORDS, ...words], {
      ...{ cwd, env: { BENCH_TOKEN: TOKEN } },
    })
    const { code, stdout } = await running.over()
    assert.equal(code, 0, stdout)
    assert.deepEqual([...new Set(stdout.match(/of \d+ trials/g))], ['of 7 trials'], stdout)
  })
})
