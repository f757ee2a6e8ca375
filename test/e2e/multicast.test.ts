/** One sender and a group of receivers: with peers that are not ours, between our own processes, and in rows. */
import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe } from 'node:test'
import { ENGINES } from '../support/engines.ts'
import { groupNetwork, NEAR } from '../support/group-network.ts'
import { type Namespace, withoutNamespaces } from '../support/namespace.ts'
import { test } from '../support/patient.ts'
import { withoutPython } from '../support/programs.ts'
import { bench, folder, startBench, startPeer } from './cli.ts'
import { type Sample, samples, sha256 } from './payloads.ts'
import { assertLaw, readCsv } from './rows.ts'

const GROUPS = { 4: '239.255.7.7', 6: 'ff15::7:7' } as const
const FAMILIES = [4, 6] as const

/** What goes wrong at the sender, and what a receiver says of it; 62,470 B are 62 chunks. */
const TROUBLES = {
  none: [[], /every chunk has come\b(?!,)/],
  'everything comes twice': [['--twice', '1'], /every chunk has come, 61 came again/],
  'the order is reversed': [['--backwards'], /every chunk has come, 61 out of order/],
  'strangers talk': [['--strange', '--cut', '3'], /every chunk has come\b(?!,)/],
  'both markers are lost': [['--no-begin', '--no-end'], /every chunk has come\b(?!,)/],
  'chunks are lost': [['--drop', '10'], /56,326 B of 62,470 B.* incomplete: 6 of 62 chunks are missing/],
  'its last chunk is lost': [['--drop', '62'], /incomplete: 1 of 62 chunks is missing/],
} as const

const SKIP = withoutNamespaces() || withoutPython

describe('a group', { skip: SKIP }, () => {
  let network: Namespace
  before(() => {
    network = groupNetwork()
  })
  after(() => network?.[Symbol.dispose]())

  for (const engine of ENGINES)
    for (const family of FAMILIES)
      test(`bench receive, ${engine}, joins it over IPv${family}, and takes what such a sender sends`, async context => {
        const cwd = folder(context)
        const dir = join(cwd, 'received')
        mkdirSync(dir)
        const at = network.words
        const [file] = samples(cwd, [62_470]) as [Sample]
        const group = GROUPS[family]
        const words = ['receive', '--transport', 'udp-multicast', '--group', group, '--engine', engine]
        await using receiver = startBench([...words, '--port', '0', '--dir', dir, '--drain', '3s'], {
          cwd,
          at,
        })
        const port = await receiver.until(
          'port',
          ({ stderr }) => /^listening for udp-multicast at .*7\]?:(\d+);/.exec(stderr)?.[1],
        )
        for (const [trouble, [switches, line]] of Object.entries(TROUBLES)) {
          const sending = ['send', file.path, group, port, '--interface', 'near', ...switches]
          await using peer = await startPeer(sending, { cwd, at }, 'multicast')
          const { code, stderr } = await peer.over()
          assert.equal(code, 0, trouble + stderr)
          await receiver.until(
            trouble,
            ({ stdout }) => line.exec(stdout.trimEnd().split('\n').at(-1) ?? '')?.[0],
          )
        }
        receiver.kill('SIGINT')
        const { stdout } = await receiver.over()
        const lines = stdout.trimEnd().split('\n')
        assert.equal(lines.length, Object.keys(TROUBLES).length, stdout)
        const saved = readdirSync(dir).sort()
        const whole = saved.filter(name => !name.endsWith('.part'))
        assert.equal(whole.length, lines.length - 2, stdout)
        for (const name of whole) assert.equal(sha256(readFileSync(join(dir, name))), file.sha256, name)
        // What has come is saved in its order.
        const part = readFileSync(join(dir, saved.find(name => name.endsWith('.part')) ?? ''))
        const chunks = Array.from({ length: 62 }, (_, index) =>
          file.bytes.subarray(1024 * index, 1024 * (index + 1)),
        )
        assert.deepEqual(part, Buffer.concat(chunks.filter((_, index) => (index + 1) % 10 !== 0)))
      })

  for (const engine of ENGINES)
    for (const family of FAMILIES)
      test(`bench send, ${engine}, sends to it over IPv${family}: to all that have joined`, async context => {
        const cwd = folder(context)
        const at = network.words
        const group = GROUPS[family]
        const of = ['--interface', 'near', '--host', group]
        for (const [file, flags, ttl] of [
          ...samples(cwd, [1, 62_470]).map(each => [each, [], 2] as const),
          ...samples(cwd, [1025]).map(each => [each, ['--ttl', '7'], 7] as const),
        ]) {
          await using first = await startPeer(['receive', 'one', ...of], { cwd, at }, 'multicast')
          const same = ['receive', 'two', ...of, '--port', String(first.port), '--source', NEAR[family]]
          await using second = await startPeer(same, { cwd, at }, 'multicast')
          // It has joined for what another host sends.
          const other = family === 4 ? '10.78.0.9' : 'fd78::9'
          const deaf = ['receive', 'three', ...of, '--port', String(first.port), '--source', other]
          await using third = await startPeer([...deaf, '--timeout', '2'], { cwd, at }, 'multicast')
          const target = family === 6 ? `[${group}]:${first.port}` : `${group}:${first.port}`
          const words = ['send', file.path, target, '--transport', 'udp-multicast', '--engine', engine]
          const { code, stdout, stderr } = await bench([...words, '--interface', 'near', ...flags], {
            cwd,
            at,
          })
          assert.equal(code, 0, stderr)
          assert.match(stdout, /sent; this protocol has no acknowledgement/)
          for (const [name, peer] of Object.entries({ one: first, two: second })) {
            const { code, stdout } = await peer.over()
            assert.equal(code, 0, stdout)
            const told = JSON.parse(stdout.split('\n')[1] ?? '')
            assert.deepEqual(readFileSync(join(cwd, name)), file.bytes)
            assert.deepEqual([told.sha256, told.begin, told.end, told.ttl], [file.sha256, true, true, ttl])
            assert.deepEqual([told.reordered, told.duplicated, told.from], [0, 0, NEAR[family]])
          }
          const { stdout: nothing } = await third.over()
          assert.equal(JSON.parse(nothing.split('\n')[1] ?? '').arrived, 0)
        }
      })

  for (const engine of ENGINES)
    test(`--no-loopback and --source keep it from receivers that it is not for, ${engine}`, async context => {
      const cwd = folder(context)
      const at = network.words
      const [file] = samples(cwd, [3000]) as [Sample]
      const words = ['receive', '--transport', 'udp-multicast', '--interface', 'near', '--engine', engine]
      await using receiver = startBench([...words, '--source', '10.78.0.1', '--count', '1'], { cwd, at })
      await receiver.until('port', ({ stderr }) => /^listening.*:5007;/.exec(stderr)?.[0])
      const send = async (...flags: readonly string[]) => {
        const sending = ['send', file.path, '239.255.7.7', '--transport', 'udp-multicast', '--engine', engine]
        const { code, stderr } = await bench([...sending, ...flags], { cwd, at })
        assert.equal(code, 0, stderr)
      }
      await send('--interface', 'near', '--no-loopback')
      // From another interface, which the receiver has not joined on, and another source.
      await send('--interface', 'lo')
      await send('--bind', NEAR[4])
      const { code, stdout } = await receiver.over()
      assert.equal(code, 0, stdout)
      assert.match(stdout, /^0001 {2}udp-multicast {2}from 10\.78\.0\.1 .*3,000 B.*every chunk has come\n$/)
    })

  for (const engine of ENGINES)
    for (const family of FAMILIES)
      test(`bench run measures ${engine} with several receivers on one host, IPv${family}`, async context => {
        const cwd = folder(context)
        const at = network.words
        const on = family === 6 ? ['-6', '--interface', 'near'] : []
        const words = ['run', '--transport', 'udp-multicast', '--engine', engine, '--receivers', '1,3', ...on]
        const short = [
          '--size',
          '60k',
          '--rate',
          '100M',
          '--repeat',
          '2',
          '--warmup',
          '1',
          '--processes',
          '1',
        ]
        const files = ['--keep', cwd, '--out', 'x.csv']
        const { code, stdout, stderr } = await bench([...words, ...short, ...files], { cwd, at })
        assert.equal(code, 0, stdout + stderr)
        const rows = readCsv(join(cwd, 'x.csv'))
        assertLaw(rows)
        assert.equal(rows.length, 2 + 2 * 3)
        const several = rows.filter(each => each.receivers === 3)
        assert.deepEqual(
          several.map(each => each.flow),
          [1, 2, 3, 1, 2, 3],
        )
        assert.equal(new Set(several.map(each => each.trial)).size, 2)
        // Each has a process of its own; the sender is one.
        assert.equal(new Set(several.map(each => each.process)).size, 3)
        for (const row of rows) {
          const told = JSON.stringify(row)
          assert.deepEqual(
            [row.group_asked, row.receiver_address, row.ttl],
            [GROUPS[family], GROUPS[family], 2],
            told,
          )
          assert.deepEqual(
            [row.datagrams_offered, row.datagrams_refused, row.datagrams_duplicated],
            [60, 0, 0],
            told,
          )
          assert.equal(row.outcome === 'completed', row.datagrams_lost === 0, told)
          assert.equal(row.sender_address, family === 6 ? NEAR[6] : '127.0.0.1', told)
        }
        const kept = readdirSync(cwd).filter(name => name.endsWith('.bin'))
        assert.equal(kept.length, rows.length)
        const { stdout: table } = await bench(['compare', 'x.csv', '--by', 'receivers'], { cwd })
        assert.match(table, /udp-multicast/)
      })

  test('a receiver gives up what nothing has come of for 80 ms, and takes no more of it', async context => {
    const cwd = folder(context)
    const at = network.words
    const [file] = samples(cwd, [2500]) as [Sample]
    const words = ['receive', '--transport', 'udp-multicast', '--interface', 'near', '--count', '1']
    await using receiver = startBench(words, { cwd, at })
    await receiver.until('port', ({ stderr }) => /^listening.*:5007;/.exec(stderr)?.[0])
    const slow = ['send', file.path, GROUPS[4], '5007', '--interface', 'near', '--no-begin', '--pause', '0.5']
    await using peer = await startPeer(slow, { cwd, at }, 'multicast')
    await peer.over()
    const { code, stdout } = await receiver.over()
    assert.equal(code, 1)
    assert.match(stdout, /^0001 .* 1,024 B of 2,500 B {2}incomplete: 2 of 3 chunks are missing\n$/)
  })

  for (const engine of ENGINES)
    test(`a group of one link is joined on its interface, ${engine}`, async context => {
      const cwd = folder(context)
      const at = network.words
      const words = ['run', '--transport', 'udp-multicast', '--group', 'ff02::77', '--interface', 'near']
      const short = [
        '--engine',
        engine,
        '--size',
        '60k',
        '--rate',
        '50M',
        '--repeat',
        '1',
        '--warmup',
        '0',
        '-q',
      ]
      const { code, stderr } = await bench([...words, ...short, '--receivers', '2', '--out', 'x.csv'], {
        cwd,
        at,
      })
      assert.equal(code, 0, stderr)
      const rows = readCsv(join(cwd, 'x.csv'))
      assertLaw(rows)
      for (const row of rows) {
        const told = JSON.stringify(row)
        assert.deepEqual([row.receiver_address, row.datagrams_offered], ['ff02::77', 60], told)
        assert.match(row.sender_address ?? '', /^fe80::/, told)
        assert.ok((row.datagrams_delivered ?? 0) > 0, told)
      }
    })
})
