/** `bench fleet`: every pair of hosts once, at the same time where they can be, and what is missing is said. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from 'node:test'
import { withoutNamespaces } from '../support/namespace.ts'
import { isBusy, test } from '../support/patient.ts'
import { Star } from '../support/star.ts'
import { assertRefused, bench, folder } from './cli.ts'
import { startFleet } from './fleets.ts'
import { readCsv } from './rows.ts'
import { startServer, TOKEN } from './two-hosts.ts'

const SMALL = ['--size', '20k', '--transport', 'tcp,udp-header', '--warmup', '0', '--no-chart']

describe('bench fleet', { concurrency: 2 }, () => {
  test('measures every pair in both directions, none of whose hosts is busy, and shows a matrix', async context => {
    const { cwd, run } = await startFleet(context, ['a', 'b', 'c', 'd'])
    const { code, stdout, stderr } = await run(['run', ...SMALL, '--repeat', '2', '--out', 'f.csv'])
    assert.equal(code, 0, stderr)
    assert.match(stderr, /4 hosts: 12 pairs in 6 rounds of up to 2 at a time, 2 times/)
    assert.match(stdout, /^goodput, tcp in [MG]bit\/s$/m)
    assert.match(stdout, /^from \\ to +a +b +c +d$/m)
    const rows = readCsv(join(cwd, 'f.csv'))
    const pairs = 'abcd'.split('').flatMap(from =>
      'abcd'
        .replace(from, '')
        .split('')
        .map(to => from + to),
    )
    for (const transport of ['tcp', 'udp-header'])
      for (const round of [1, 2]) {
        const own = rows.filter(row => row.transport === transport && row.round === round)
        assert.deepEqual(own.map(row => `${row.pair_from}${row.pair_to}`).sort(), pairs)
      }
    for (const row of rows)
      assert.deepEqual([row.direction, row.fleet_round !== undefined], ['third-party', true])
    assert.equal(new Set(rows.map(row => row.run_id)).size, 1)
    assert.equal(new Set(rows.map(row => row.trial)).size, rows.length)
    for (let round = 1; round <= 12; round++) {
      const busy = new Set(
        rows.filter(row => row.fleet_round === round).flatMap(row => [row.pair_from, row.pair_to]),
      )
      assert.equal(busy.size, 4, `round ${round}`)
    }
    const shown = await bench(['show', 'f.csv', '--no-chart'], { cwd })
    assert.equal(shown.stdout, stdout)
    const report = await bench(['report', 'f.csv', '-o', 'f.md'], { cwd })
    assert.equal(report.code, 0, report.stderr)
    assert.match(readFileSync(join(cwd, 'f.md'), 'utf8'), /^\| from .* to +\| +a +\| +b +\| +c +\| +d +\|$/m)
    const compared = await bench(['compare', 'f.csv', '--by', 'transport'], { cwd })
    assert.match(compared.stdout, /^ +a +b /m)
  })

  test('says what could not be measured, after a second try, and measures the others', async context => {
    const { cwd, run } = await startFleet(context, ['a', 'b'], { dead: ['dead'] })
    const { code, stdout, stderr } = await run(['run', ...SMALL, '--out', 'f.csv'])
    assert.equal(code, 1)
    assert.match(
      stderr,
      /^not measured: (?:a to dead|b to dead|dead to a|dead to b)(?:, \w+ to \w+)*: 127\.0\.0\.1, port 1: nothing listens there/m,
    )
    assert.match(stdout, /^from \\ to +a +b$/m)
    const rows = readCsv(join(cwd, 'f.csv'))
    assert.deepEqual([...new Set(rows.map(row => `${row.pair_from}${row.pair_to}`))].sort(), ['ab', 'ba'])
  })

  test('lists the hosts of a file: what each has, or why it cannot be used', async context => {
    const { run } = await startFleet(context, ['a', 'b'], { dead: ['dead'] })
    const { code, stdout, stderr } = await run(['hosts'])
    assert.equal(code, 1, stderr)
    assert.match(stdout, /^b +127\.0\.0\.1:\d+ +zone=z-b +\S+ +(?:native|node) +– +answers$/m)
    assert.match(stdout, /^dead +127\.0\.0\.1:1 +– +– +– +– +\S*127\.0\.0\.1/m)
  })

  test('takes pairs by labels, and a sample', async context => {
    const { cwd, run } = await startFleet(context, ['a', 'b', 'c'])
    const words = [...SMALL, '--out', 'f.csv', '--pairs', 'zone=z-a<>c', '--sample', '1']
    assert.equal((await run(['run', ...words])).code, 0)
    const rows = readCsv(join(cwd, 'f.csv'))
    assert.deepEqual(rows.map(row => row.transport).sort(), ['tcp', 'udp-header'])
    assert.equal(new Set(rows.map(row => row.pair_from)).size, 1)
  })

  test('goes on where it was broken off: nothing is measured twice, and nothing is missing', async context => {
    const { cwd, run } = await startFleet(context, ['a', 'b', 'c'])
    const first = await run(['run', ...SMALL, '--out', 'f.csv'])
    assert.equal(first.code, 0, first.stderr)
    const all = readFileSync(join(cwd, 'f.csv'), 'utf8').split('\r\n')
    // The header, two whole pairs, and one of two transports of a third.
    writeFileSync(join(cwd, 'f.csv'), `${all.slice(0, 6).join('\r\n')}\r\n`)
    const { code, stderr } = await run(['run', ...SMALL, '--resume', 'f.csv', '--out', 'g.csv'])
    assert.equal(code, 0, stderr)
    const rows = readCsv(join(cwd, 'g.csv'))
    assert.deepEqual(rows.slice(0, 5), readCsv(join(cwd, 'f.csv')))
    const whats = rows.map(row => `${row.pair_from}${row.pair_to} ${row.transport}`)
    assert.deepEqual([whats.length, new Set(whats).size], [12, 12])
    assert.deepEqual(
      [new Set(rows.map(row => row.run_id)).size, new Set(rows.map(row => row.trial)).size],
      [1, 12],
    )
    const other = await run(['run', ...SMALL, '--size', '30k', '--resume', 'f.csv', '--out', 'h.csv'])
    assertRefused(other, 'it measured something else; give the same words as then')
  })

  test('plans for hosts that there are not', async context => {
    const cwd = folder(context)
    const { code, stdout } = await bench(['fleet', 'plan', '--hosts', '30', '--transport', 'tcp'], { cwd })
    assert.equal(code, 0)
    assert.match(stdout, /^30 hosts: 870 pairs in 58 rounds of up to 15 at a time$/m)
    assert.match(stdout, /^870 rows: 1 case a pair$/m)
    assertRefused(await bench(['fleet', 'go', '--hosts', '30'], { cwd }), 'is not one of run, plan, hosts')
    assertRefused(await bench(['fleet', 'run', '--hosts', '30'], { cwd }), 'cannot read hosts 30')
    assertRefused(await bench(['fleet', 'run'], { cwd }), '--hosts')
  })
})

describe('five hosts around a router', { skip: withoutNamespaces() }, () => {
  test('the one whose link is slow is named, and no other', async context => {
    const star = new Star(5)
    context.after(() => star[Symbol.dispose]())
    star.slow(3, '20mbit')
    const cwd = folder(context)
    const names = ['a', 'b', 'c', 'd', 'e']
    const servers = await Promise.all(
      names.map((_, index) => startServer({ cwd, at: star.words(index + 1), listen: '0.0.0.0:5990' })),
    )
    context.after(() => Promise.all(servers.map(server => server[Symbol.asyncDispose]())))
    const lines = names.map((name, index) => `  ${name}: ${star.address(index + 1)}`)
    writeFileSync(join(cwd, 'hosts.yaml'), `hosts:\n${lines.join('\n')}\n`)
    const words = ['fleet', 'run', '--hosts', 'hosts.yaml', '--size', '500k', '--transport', 'tcp']
    const options = { cwd, at: star.words(), env: { BENCH_TOKEN: TOKEN } }
    const { code, stdout, stderr } = await bench([...words, '--warmup', '0', '--out', 'f.csv'], options)
    assert.equal(readCsv(join(cwd, 'f.csv')).length, 20, stderr)
    // Beside much else every way is slow, now and then.
    if (isBusy()) return
    assert.equal(code, 0, stderr)
    assert.match(
      stdout,
      /^c sends at \S+ % of what the others do: 4 of its 4 pairs are below the middle of all\.$/m,
    )
    assert.doesNotMatch(stdout, /^[abde] sends at/m)
  })
})
