/** `bench serve --join` and `bench fleet run --hosts nats://`: control goes by a real NATS server, and data between the hosts. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { withoutNamespaces } from '../support/namespace.ts'
import { withoutNats } from '../support/nats.ts'
import { test } from '../support/patient.ts'
import { without } from '../support/programs.ts'
import { busFleet, SMALL, startJoined } from './bus-fleet.ts'
import { eventually } from './daemon.ts'
import { readCsv } from './rows.ts'

const skip = withoutNats || withoutNamespaces()

describe('a fleet over NATS', { skip, concurrency: 2 }, () => {
  test('measures every pair as over TCP, and says who is there', async context => {
    const { cwd, run, start, servers } = await busFleet(context, ['a', 'b', 'c'])
    const listed = await run(['hosts'])
    assert.equal(listed.code, 0, listed.stderr)
    assert.match(listed.stdout, /^a +10\.78\.1\.2:5990 +zone=z-a +\S+ +[\w, ]*node +\S+(?: [mµ]?s)? +free/m)
    assert.match(
      listed.stdout,
      /^control goes by 127\.0\.0\.1:\d+, and data between the addresses of the hosts$/m,
    )
    const { code, stdout, stderr } = await run(['run', ...SMALL, '--out', 'f.csv'])
    assert.equal(code, 0, stderr)
    assert.match(stdout, /^from \\ to +a +b +c$/m)
    const rows = readCsv(join(cwd, 'f.csv'))
    const pairs = ['ab', 'ac', 'ba', 'bc', 'ca', 'cb']
    for (const transport of ['tcp', 'udp-header']) {
      const own = rows.filter(row => row.transport === transport)
      assert.deepEqual(own.map(row => `${row.pair_from}${row.pair_to}`).sort(), pairs)
    }
    for (const row of rows) {
      assert.deepEqual([row.outcome, row.direction], ['completed', 'third-party'])
      // Those of the data, not of the way to the NATS server.
      const placeOf = (name = '') => `10.78.${'abc'.indexOf(name) + 1}.2`
      assert.deepEqual(
        [row.sender_address, row.receiver_address].map(each => each?.replace(/:\d+$/, '')),
        [placeOf(row.pair_from), placeOf(row.pair_to)],
      )
    }
    assert.equal((await run(['run', ...SMALL, '--pairs', 'zone=z-a>b', '--out', 'g.csv'])).code, 0)
    assert.equal(readCsv(join(cwd, 'g.csv')).length, 2)
    assert.match((await run(['plan'])).stdout, /^3 hosts: 6 pairs/m)
    // Of a series the hosts may still join.
    await using waiting = start(['run', ...SMALL, '--pairs', 'zone=z-q>b', '--every', '1s'])
    await waiting.until('a second turn', ({ stderr }) =>
      /^bench: turn [1-9]\d*: .*: no host is /m.test(stderr),
    )
    waiting.kill('SIGINT')
    assert.equal((await waiting.over()).code, 130)
    assert.equal((await run(['run', ...SMALL, '--pairs', 'zone=z-q>b'])).code, 2)
    // Who ends goes at once.
    for (const [index, each] of servers.entries()) if (index > 0) each.kill('SIGTERM')
    for (const each of servers.slice(1)) assert.equal((await each.over()).code, 0)
    const alone = await run(['run', ...SMALL])
    assert.equal(alone.code, 1)
    assert.match(alone.stderr, /: 1 host has joined; start bench serve --join on two at least$/m)
    // A series waits for the others.
    await using series = start(['run', ...SMALL, '--every', '1s'])
    await series.until('a second turn', ({ stderr }) =>
      /^bench: turn [1-9]\d*: .*: 1 host has joined;/m.test(stderr),
    )
    series.kill('SIGINT')
    assert.equal((await series.over()).code, 130)
  })

  test('a host that only itself can reach is warned', async context => {
    const { cwd, star, nats } = await busFleet(context, ['a'])
    const words = ['--listen', '127.0.0.1:0', '--name', 'lonely', '--join', `nats://10.78.1.1:${nats.port}`]
    await using lonely = await startJoined(words, { cwd, at: star.words(1) })
    const note = /^note: other hosts cannot reach 127\.0\.0\.1:\d+; give the address .+ with --address/m
    await lonely.until('warning', ({ stdout }) => note.test(stdout))
  })

  test('a host behind a NAT sends to one that is reachable; the other way is named', {
    skip: without('nft'),
  }, async context => {
    const { cwd, run, star } = await busFleet(context, ['a', 'b'])
    star.hide(2)
    const { code, stderr } = await run(['run', ...SMALL, '--out', 'f.csv'])
    assert.equal(code, 1, stderr)
    const rows = readCsv(join(cwd, 'f.csv'))
    assert.deepEqual(rows.map(row => [row.pair_from, row.pair_to, row.transport, row.outcome]).sort(), [
      ['b', 'a', 'tcp', 'completed'],
      ['b', 'a', 'udp-header', 'completed'],
    ])
    assert.match(stderr, /^not measured: a to b: a cannot reach b, port 5990: .+; open the way between them/m)
  })

  test('goes on when the NATS server is killed and started again in the middle', async context => {
    const { cwd, start, nats } = await busFleet(context, ['a', 'b', 'c'])
    const running = start(['run', ...SMALL, '--repeat', '2', '--out', 'f.csv'])
    await eventually('a row', () => rowsIn(join(cwd, 'f.csv')) > 1)
    await nats.kill()
    await nats.start()
    const { code, stderr } = await running.over()
    assert.equal(code, 0, stderr)
    const rows = readCsv(join(cwd, 'f.csv'))
    const whats = rows.map(row => [row.pair_from, row.pair_to, row.transport, row.round].join(' '))
    assert.deepEqual([whats.length, new Set(whats).size], [24, 24])
    assert.deepEqual([...new Set(rows.map(row => row.outcome))], ['completed'])
  })

  test('a link that is cut for a while costs no row and doubles none', async context => {
    const { cwd, start, star } = await busFleet(context, ['a', 'b', 'c'])
    const running = start(['run', ...SMALL, '--repeat', '2', '--out', 'f.csv'])
    await eventually('a row', () => rowsIn(join(cwd, 'f.csv')) > 1)
    star.cut(3)
    await sleep(4000)
    star.cut(3, false)
    const { stderr } = await running.over()
    assert.doesNotMatch(stderr, /^not measured/m)
    const rows = readCsv(join(cwd, 'f.csv'))
    const whats = rows.map(row => [row.pair_from, row.pair_to, row.transport, row.round].join(' '))
    assert.deepEqual([whats.length, new Set(whats).size], [24, 24])
    for (const row of rows)
      if (row.pair_from !== 'c' && row.pair_to !== 'c') assert.equal(row.outcome, 'completed')
  })

  test('a host that stands still is named, and nobody waits for it for ever', async context => {
    const { cwd, start, servers } = await busFleet(context, ['a', 'b', 'c'])
    const running = start(['run', ...SMALL, '--pairs', 'a<>b,c>a', '--out', 'f.csv'])
    const [, , frozen] = servers
    frozen?.kill('SIGSTOP')
    const { code, stderr } = await running.over()
    frozen?.kill('SIGCONT')
    assert.equal(code, 1, stderr)
    assert.match(stderr, /^not measured: c to a: c[:,] /m)
    assert.equal(
      readCsv(join(cwd, 'f.csv')).filter(row => row.pair_to === 'b' || row.pair_from === 'b').length,
      4,
    )
  })
})

function rowsIn(path: string): number {
  try {
    return readCsv(path).length
  } catch {
    return 0
  }
}
