/** `bench run --impair`, `--path` and `--trace`: what the relay says it did is what the ends counted. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from 'node:test'
import { ENGINES } from '../support/engines.ts'
import { ADDRESSES, withoutLab } from '../support/lab.ts'
import { test } from '../support/patient.ts'
import { assertRefused, bench, folder } from './cli.ts'
import { assertTruth, measured, SHORT } from './impaired.ts'
import { readCsv } from './rows.ts'
import { assertMeasured, useLab } from './two-hosts.ts'

describe('over an emulated way', { concurrency: 2 }, () => {
  for (const engine of ENGINES)
    test(`${engine}: what the relay did is what the ends counted`, async context => {
      const what = ['--size', '300k', '--transport', 'tcp,udp-header,udp-marker', '--repeat', '2']
      const way = 'delay=5ms;loss=10%;duplicate=5%'
      const { rows, stdout } = await measured(context, [...what, '--impair', way, '--engine', engine])
      assert.equal(rows.length, 6)
      for (const row of rows) {
        const told = JSON.stringify(row)
        assert.deepEqual([row.impair, row.impair_with, row.way], [way, 'relay', way], told)
        assert.ok((row.delivery_ms ?? 0) >= 5, told)
        if (row.transport === 'tcp') {
          assert.deepEqual(
            [row.outcome, row.payload_intact, row.impair_left_out],
            ['completed', true, 'loss, duplicate'],
            told,
          )
          // There and back before the size is answered, and a handshake before that.
          assert.ok((row.delivery_ms ?? 0) >= 25, told)
          continue
        }
        assertTruth(row)
        assert.ok((row.datagrams_lost ?? 0) > 0 && (row.datagrams_duplicated ?? 0) > 0, told)
        assert.ok((row.lost_emulated ?? 0) > 0 && row.lost_elsewhere === 0, told)
      }
      assert.match(stdout, /^! tcp: loss, duplicate not applied, and left out of the ranking: /m)
      assert.doesNotMatch(stdout, /tcp is (?:the fastest|the best)/)
    })

  test('with one seed, a round has the same chances for every transport, and in every run', async context => {
    const words = [
      '--size',
      '200k',
      '--transport',
      'udp-header,udp-marker',
      '--impair',
      'loss=20%',
      '--repeat',
      '2',
    ]
    const lost = async () => {
      const { rows } = await measured(context, words)
      return [1, 2].map(round => rows.filter(row => row.round === round).map(row => row.relay_up_lost))
    }
    const [first = [], second = []] = await lost()
    assert.deepEqual(await lost(), [first, second])
    for (const [one = 0, other = 0] of [first, second])
      assert.ok(Math.abs(one - other) <= 1, `${one} ${other}`)
  })

  test('damaged datagrams are lost as damaged, and late ones are in order of arrival', async context => {
    const what = ['--size', '300k', '--transport', 'udp-header', '--repeat', '1']
    const { rows } = await measured(context, [...what, '--impair', 'delay=2ms/1ms;corrupt=5%'])
    for (const row of rows) {
      assertTruth(row)
      assert.ok((row.datagrams_corrupt ?? 0) > 0 && (row.datagrams_reordered ?? 0) > 0, JSON.stringify(row))
    }
  })

  test('a rate is not exceeded, and its queue drops what does not fit', async context => {
    const what = ['--size', '300k', '--transport', 'tcp,udp-marker', '--repeat', '1']
    const { rows } = await measured(context, [...what, '--impair', 'rate=20M;queue=30k'])
    for (const row of rows) {
      const told = JSON.stringify(row)
      assert.ok((row.goodput_bps ?? 0) < 20e6, told)
      if (row.transport === 'tcp') continue
      assertTruth(row)
      assert.ok((row.relay_up_dropped ?? 0) > 0, told)
    }
  })

  test('several paths are a table of transports and paths', async context => {
    const words = [
      '--size',
      '20k',
      '--transport',
      'tcp,udp-header',
      '--path',
      'wpt-fios,loadero-4g',
      '--repeat',
      '1',
    ]
    const { rows, stdout, cwd } = await measured(context, words)
    assert.equal(rows.length, 4)
    assert.match(
      stdout,
      /^Goodput over each path\n+transport +wpt-fios +loadero-4g|^Goodput over each path\n+transport +loadero-4g +wpt-fios/m,
    )
    assert.match(stdout, /^tcp .*loss not applied/m)
    const fios = rows.filter(row => row.path === 'wpt-fios')
    assert.equal(fios[0]?.way, 'delay=2ms;queue=64k;up:rate=20M;down:rate=5M')
    assert.equal(fios[0]?.impair, undefined)
    const shown = await bench(['show', 'i.csv', '--no-chart'], { cwd })
    assert.equal(shown.stdout, stdout)
    const listed = await bench(['list', 'paths'], { cwd })
    assert.match(listed.stdout, /^ {2}wpt-fios +20\.0 Mbit\/s down, .*WebPageTest/m)
  })

  test('a trace says when packets leave', async context => {
    const cwd = folder(context)
    // 12 Mbit/s.
    writeFileSync(join(cwd, 't.down'), Array.from({ length: 1000 }, (_, ms) => `${ms + 1}\n`).join(''))
    const words = [
      '--size',
      '150k',
      '--transport',
      'udp-marker',
      '--trace',
      't.down',
      '--queue',
      '1M',
      '--repeat',
      '1',
    ]
    const { code, stderr } = await bench(['run', ...words, ...SHORT], { cwd })
    assert.equal(code, 0, stderr)
    const [row] = readCsv(join(cwd, 'i.csv'))
    assert.ok(row)
    assert.deepEqual([row.trace, row.outcome], ['t.down', 'completed'])
    assert.ok((row.goodput_bps ?? 0) < 12e6, JSON.stringify(row))
    const wrong = await bench(['run', '--trace', 'none', ...SHORT], { cwd })
    assertRefused(wrong, 'cannot read the trace none')
  })

  test('what cannot be emulated together is refused', async context => {
    const cwd = folder(context)
    const refused = async (words: readonly string[], ...parts: readonly string[]) =>
      assertRefused(await bench(['run', ...words], { cwd }), ...parts)
    await refused(['--impair', 'los=1%'], 'did you mean loss?')
    await refused(['--impair', 'delay=1ms', '--streams', '2'], 'no queue in which flows meet')
    await refused(
      ['--impair', 'delay=1ms', '--duration', '1s', '--with', 'echo-udp'],
      'add --impair-with tun',
    )
    await refused(['--impair', 'delay=1ms', '--path', 'geo'], 'exclude each other')
    await refused(['--impair-with', 'tun'], 'nothing is emulated')
    await refused(['--queue', '64k'], 'is of a path')
    await refused(['--path', 'nowhere'], 'wpt-cable')
  })
})

describe('between two hosts', { skip: withoutLab() }, () => {
  const hosts = useLab(withoutLab())
  const what = ['--host', ADDRESSES.b[4], '--transport', 'tcp,udp-header', '--impair', 'delay=5ms;loss=10%']

  for (const [way, words] of [
    ['there', []],
    ['back', ['--reverse']],
  ] as const)
    test(`the relay is on this one, on the way ${way}`, async context => {
      const result = await hosts.run(context, [...what, ...words])
      assertMeasured(result)
      assert.equal(result.rows.length, 2)
      for (const row of result.rows) {
        const told = JSON.stringify(row)
        if (row.transport === 'tcp') assert.equal(row.outcome, 'completed', told)
        else assert.ok((row.relay_up_lost ?? 0) > 0 && row.loss_cause === 'emulated way', told)
      }
    })
})
