/** `bench fleet`: every pair of hosts once, at the same time where they can be, and what is missing is said. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from 'node:test'
import { connectServer } from '../../bench/fleet/link/connect.ts'
import { obstacleToNative } from '../../transports/engines/native/systems.ts'
import { withoutNamespaces } from '../support/namespace.ts'
import { test } from '../support/patient.ts'
import { assertRefused, bench, folder } from './cli.ts'
import { startFleet } from './fleets.ts'
import { readCsv } from './rows.ts'
import { startServer, TOKEN, withoutKoffi } from './two-hosts.ts'

const SMALL = ['--size', '20k', '--transport', 'tcp,udp-header', '--warmup', '0', '--no-chart']
/** A single time, without pairs that are measured alone. */
const ONCE = [...SMALL, '--serial', '0']

describe('bench fleet', { concurrency: 2 }, () => {
  test('measures every pair in both directions, none of whose hosts is busy, and shows a matrix', async context => {
    const { cwd, run } = await startFleet(context, ['a', 'b', 'c', 'd'])
    const { code, stdout, stderr } = await run([
      'run',
      ...SMALL,
      '--serial',
      '3',
      '--repeat',
      '2',
      '--out',
      'f.csv',
    ])
    assert.equal(code, 0, stderr)
    assert.match(
      stderr,
      /4 hosts: 12 pairs in 6 rounds of up to 2 at a time, 3 of them once more alone, 2 times/,
    )
    assert.match(stdout, /^goodput, tcp in [MG]bit\/s$/m)
    assert.match(stdout, /^from \\ to +a +b +c +d$/m)
    const all = readCsv(join(cwd, 'f.csv'))
    const rows = all.filter(row => row.fleet_alone === undefined)
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
    assert.equal(new Set(all.map(row => row.run_id)).size, 1)
    assert.equal(new Set(all.map(row => row.trial)).size, all.length)
    const namesIn = (round: number) =>
      all.filter(row => row.fleet_round === round).map(row => `${row.pair_from}${row.pair_to}`)
    const isAlone = (round: number) => all.some(row => row.fleet_round === round && row.fleet_alone)
    const rounds = [...new Set(all.map(row => row.fleet_round ?? 0))]
    assert.deepEqual([rounds.length, rounds.filter(isAlone).length], [12 + 6, 6])
    for (const round of rounds) {
      const busy = new Set(namesIn(round).flatMap(name => [...name]))
      assert.equal(busy.size, isAlone(round) ? 2 : 4, `round ${round}`)
      // Right after its round beside others, or another one of that.
      const before = rounds.findLast(each => each < round && !isAlone(each)) ?? 0
      if (isAlone(round)) for (const name of namesIn(round)) assert.ok(namesIn(before).includes(name))
    }
    // Which case comes first is drawn for each pair and time; alone it is the one that was first beside others.
    const firsts = new Map<string, string>()
    for (const { round, pair_from, pair_to, fleet_alone = false, transport } of all) {
      const visit = `${round} ${pair_from} ${pair_to} ${fleet_alone}`
      if (!firsts.has(visit)) firsts.set(visit, transport)
    }
    assert.equal(new Set(firsts.values()).size, 2)
    for (const [visit, first] of firsts)
      assert.equal(first, firsts.get(visit.replace('true', 'false')), visit)
    const alone = new Set(all.flatMap(row => (row.fleet_alone ? `${row.pair_from} ${row.pair_to}` : [])))
    assert.match(
      stdout,
      new RegExp(`^${alone.size} pairs alone and beside others: goodput beside others `, 'm'),
    )
    const shown = await bench(['show', 'f.csv', '--no-chart'], { cwd })
    assert.equal(shown.stdout, stdout)
    const { fleet } = JSON.parse(readFileSync(join(cwd, 'f.run.json'), 'utf8'))
    assert.deepEqual(fleet.hosts.a, { zone: 'z-a' })
    const report = await bench(['report', 'f.csv', '-o', 'f.md'], { cwd })
    assert.equal(report.code, 0, report.stderr)
    assert.match(readFileSync(join(cwd, 'f.md'), 'utf8'), /^\| from .* to +\| +a +\| +b +\| +c +\| +d +\|$/m)
    const compared = await bench(['compare', 'f.csv', '--by', 'transport'], { cwd })
    assert.match(compared.stdout, /^ +a +b /m)
  })

  test('says what could not be measured, after a second try, and measures the others', async context => {
    const { cwd, run } = await startFleet(context, ['a', 'b'], { dead: ['dead'] })
    const { code, stdout, stderr } = await run(['run', ...ONCE, '--out', 'f.csv'])
    assert.equal(code, 1)
    assert.match(
      stderr,
      /^not measured: (?:a to dead|b to dead|dead to a|dead to b)(?:, \w+ to \w+)*: 127\.0\.0\.1, port 1: nothing listens there/m,
    )
    assert.match(stdout, /^from \\ to +a +b$/m)
    const rows = readCsv(join(cwd, 'f.csv'))
    assert.deepEqual([...new Set(rows.map(row => `${row.pair_from}${row.pair_to}`))].sort(), ['ab', 'ba'])
  })

  test('a host that lacks the engine of the others is named with its pairs, and they are measured', {
    skip: withoutNamespaces() || obstacleToNative(),
  }, async context => {
    const { cwd, servers } = await startFleet(context, ['a', 'b'])
    await using other = await startServer({
      ...{ cwd, at: withoutKoffi(folder(context)), listen: '127.0.0.1:0' },
    })
    const ports = [...servers.map(({ server }) => server.port), other.port]
    const lines = ports.map((port, index) => `${'abc'[index]}: "127.0.0.1:${port}"`)
    writeFileSync(join(cwd, 'three.yaml'), `hosts: {${lines.join(', ')}}\n`)
    const words = ['fleet', 'run', ...ONCE, '--hosts', 'three.yaml', '--engine', 'native', '--out', 'f.csv']
    const { code, stderr } = await bench(words, { cwd, env: { BENCH_TOKEN: TOKEN } })
    assert.equal(code, 1)
    assert.match(stderr, /^not measured: .*: --engine native: 127\.0\.0\.1 has only node; choose that, /m)
    const pairs = readCsv(join(cwd, 'f.csv')).map(row => `${row.pair_from}${row.pair_to}`)
    assert.deepEqual([...new Set(pairs)].sort(), ['ab', 'ba'])
  })

  test('a host is measured with by one fleet at a time, and by nobody else meanwhile', async context => {
    const { cwd, servers, run } = await startFleet(context, ['a', 'b'])
    const port = servers[0]?.server.port ?? 0
    const connect = (id?: string) =>
      connectServer(
        { name: 'a', host: '127.0.0.1', port, family: 4, token: TOKEN, run: id },
        AbortSignal.timeout(30_000),
      )
    const other = await connect('20261121T094512Z-kqzv')
    const again = await connect('20261121T094512Z-kqzv')
    const busy = /: busy with run 20261121T094512Z-kqzv; try again later$/
    await assert.rejects(connect('20261121T094512Z-abcd'), busy)
    await assert.rejects(connect(), busy)
    const { code, stderr } = await run(['run', ...ONCE, '--pairs', 'a>b', '--out', 'f.csv'])
    assert.equal(code, 1)
    assert.match(
      stderr,
      /^not measured: a to b: 127\.0\.0\.1, port \d+: busy with run 20261121T094512Z-kqzv/m,
    )
    for (const { channel } of [other, again]) await channel[Symbol.asyncDispose]()
    const free = await bench(
      ['fleet', 'run', ...ONCE, '--hosts', 'hosts.yaml', '--pairs', 'a>b', '--out', 'g.csv'],
      { cwd, env: { BENCH_TOKEN: TOKEN } },
    )
    assert.equal(free.code, 0, free.stderr)
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
    const words = [...ONCE, '--out', 'f.csv', '--pairs', 'zone=z-a<>c', '--sample', '1']
    assert.equal((await run(['run', ...words])).code, 0)
    const rows = readCsv(join(cwd, 'f.csv'))
    assert.deepEqual(rows.map(row => row.transport).sort(), ['tcp', 'udp-header'])
    assert.equal(new Set(rows.map(row => row.pair_from)).size, 1)
  })

  test('plans for hosts that there are not', async context => {
    const cwd = folder(context)
    const { code, stdout } = await bench(['fleet', 'plan', '--hosts', '30', '--transport', 'tcp'], { cwd })
    assert.equal(code, 0)
    assert.match(
      stdout,
      /^30 hosts: 870 pairs in 58 rounds of up to 15 at a time, 8 of them once more alone$/m,
    )
    assert.match(stdout, /^878 rows: 1 case a pair$/m)
    assert.match(
      stdout,
      /^over NATS: up to \d+ messages\/s and [\d.]+ [kM]bit\/s through its server, presence included, and \d MiB in its stream of rows$/m,
    )
    const all = await bench(['fleet', 'plan', '--hosts', '500', '--round', '12s'], { cwd })
    assert.match(all.stdout, /in its stream of rows, which keeps 1 GiB: make it larger \(max_bytes\)$/m)
    assertRefused(
      await bench(['fleet', 'go', '--hosts', '30'], { cwd }),
      'is not one of run, plan, hosts, rows',
    )
    assertRefused(await bench(['fleet', 'run', '--hosts', '30'], { cwd }), 'cannot read hosts 30')
    assertRefused(await bench(['fleet', 'run'], { cwd }), '--hosts')
    const four = ['plan', '--hosts', '4', '--transport', 'tcp', '--serial', '0']
    const flows = await bench(['fleet', ...four, '--streams', '4', '--duration', '1s'], { cwd })
    assert.match(flows.stdout, /^48 rows: 1 case a pair, of 4 flows$/m)
    const single = await bench(['fleet', ...four, '--pairs', 'host-1>host-2'], { cwd })
    assert.match(single.stdout, /^1 row: 1 case a pair$/m)
    const refused = async (words: string, part: string) =>
      assertRefused(await bench(['fleet', ...words.split(' ')], { cwd }), part)
    await refused(
      'plan --hosts 4 --chunk mtu',
      '--chunk mtu: the ways between the hosts of a fleet may differ',
    )
    await refused('plan --hosts 4 --resume x', 'bench fleet plan has no flag --resume')
    await refused('plan --hosts 4 --out f.csv', 'bench fleet plan has no flag --out')
    await refused('plan --hosts 4 --nkey nosuch', '--nkey is for a NATS server')
    await refused('hosts --hosts h.yaml --pairs all', 'bench fleet hosts has no flag --pairs')
    await refused('hosts nonsense --hosts h.yaml', 'bench fleet hosts nonsense: it takes no word')
    await refused('rows --hosts nats://127.0.0.1 --note x', 'bench fleet rows has no flag --note')
    await refused('rows --hosts nats://127.0.0.1 --token-file x', 'bench fleet rows has no flag --token-file')
    await refused('hosts --hosts nats://127.0.0.1 --token-file x', '--token-file: a NATS server alone is')
    await refused('rows --hosts nats://127.0.0.1 --out f.csv', '--out f.csv: name the run')
    await refused('run --hosts nats://127.0.0.1 --tls', '--tls is for servers of a list')
    await refused('hosts --hosts nats://127.0.0.1 -6', '-6 is for servers of a list')
  })
})
