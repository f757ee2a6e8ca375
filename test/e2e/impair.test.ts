/** `bench run --impair`, `--path` and `--trace`: what the relay says it did is what the ends counted. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext } from 'node:test'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { obstacleToNative } from '../../transports/engines/native/systems.ts'
import { ADDRESSES, withoutLab } from '../support/lab.ts'
import { test } from '../support/patient.ts'
import { allGone, assertRefused, bench, childrenOf, folder, startBench } from './cli.ts'
import { assertLaw, readCsv } from './rows.ts'
import { assertMeasured, useLab } from './two-hosts.ts'

const ENGINES = obstacleToNative() === undefined ? (['native', 'node'] as const) : (['node'] as const)
const SHORT = ['--warmup', '0', '--processes', '1', '--no-chart', '--out', 'i.csv'] as const
/** Headers and markers, which the relay takes for datagrams like others. */
const MOST_PARTS = 2

/** Of util-linux. */
const UNSHARE = 'unshare'
/** Why there is no namespace to be made here; false where there can be one. */
const SKIP_APART = withoutNamespacesHere()
const IS_ROOT = process.getuid?.() === 0

function withoutNamespacesHere(): string | false {
  if (obstacleToNative() !== undefined) return 'TUN devices are of Linux'
  try {
    const words = IS_ROOT ? ['-n'] : ['-U', '-r', '-n']
    execFileSync(UNSHARE, [...words, 'ip', 'tuntap', 'add', 'dev', 'bench0', 'mode', 'tun'], {
      stdio: 'pipe',
    })
    return false
  } catch (error) {
    return `no TUN device can be made in a namespace here: ${error}`
  }
}

async function measured(
  context: TestContext,
  words: readonly string[],
): Promise<{ readonly rows: readonly TrialRecord[]; readonly stdout: string; readonly cwd: string }> {
  const cwd = folder(context)
  const { code, stdout, stderr } = await bench(['run', ...words, ...SHORT], { cwd })
  assert.equal(code, 0, stderr)
  const rows = readCsv(join(cwd, 'i.csv'))
  assertLaw(rows)
  return { rows, stdout, cwd }
}

/** The truth of the relay, and what the ends counted without knowing it. */
function assertTruth(row: TrialRecord): void {
  const told = JSON.stringify(row)
  const {
    datagrams_accepted: accepted = 0,
    datagrams_lost: lost = 0,
    datagrams_delivered: delivered = 0,
  } = row
  const { relay_up_taken: taken = 0, relay_up_lost: chance = 0, relay_up_dropped: dropped = 0 } = row
  const { relay_up_duplicated: twice = 0, relay_up_passed: passed = 0, relay_up_refused: refused = 0 } = row
  assert.equal(row.relay_drops, 0, told)
  assert.equal(passed + refused, taken + twice - chance - dropped, told)
  const parts = taken - accepted
  assert.ok(parts >= 0 && parts <= MOST_PARTS, told)
  // Some of what it lost may have been these parts.
  const gone = chance + dropped + (row.datagrams_corrupt ?? 0) + (row.lost_receive_buffer ?? 0)
  assert.ok(lost <= gone && lost >= gone - parts - twice, told)
  assert.equal(delivered + lost, accepted, told)
}

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
    await refused(['--impair', 'delay=1ms', '--streams', '2'], 'a way of its own')
    await refused(['--impair', 'delay=1ms', '--duration', '1s', '--with', 'echo-udp'], 'a way of its own')
    await refused(['--impair', 'delay=1ms', '--path', 'geo'], 'exclude each other')
    await refused(['--impair-with', 'tun'], 'add one of them to all cases')
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

describe('between two namespaces', { skip: SKIP_APART }, () => {
  const WAY = 'delay=2ms;loss=2%'

  for (const family of ['-4', '-6'])
    test(`${family}: TCP meets the loss of packets, and sends again`, async context => {
      const what = ['--size', '1M', '--transport', 'tcp,udp-header', '--repeat', '1', family]
      const { rows } = await measured(context, [...what, '--impair', WAY, '--impair-with', 'tun'])
      for (const row of rows) {
        const told = JSON.stringify(row)
        assert.deepEqual([row.impair_with, row.impair_left_out], ['tun', undefined], told)
        assert.ok((row.relay_up_lost ?? 0) > 0, told)
        if (row.transport === 'tcp') {
          assert.deepEqual([row.outcome, row.payload_intact], ['completed', true], told)
          assert.ok((row.tcp_retransmits ?? 0) > 0, told)
          assert.ok((row.connect_ms ?? 0) >= 4, told)
        } else {
          assertTruth(row)
          assert.equal(row.loss_cause, 'emulated way', told)
        }
      }
    })

  test('a datagram longer than the MTU is cut, and lost with any of its fragments', async context => {
    const what = ['--size', '900k', '--chunk', '9000', '--transport', 'udp-marker', '--repeat', '1']
    const { rows } = await measured(context, [
      ...what,
      '--impair',
      'mtu=1400;loss=2%',
      '--impair-with',
      'tun',
    ])
    const [row] = rows
    assert.ok(row)
    const told = JSON.stringify(row)
    // Seven packets each, and the markers.
    assert.ok((row.relay_up_taken ?? 0) >= 7 * (row.datagrams_accepted ?? 0), told)
    assert.ok((row.datagrams_lost ?? 0) > 0 && (row.datagrams_lost ?? 0) <= (row.relay_up_lost ?? 0), told)
  })

  test('the kernel’s own queues, as far as it has them', {
    skip: !IS_ROOT && 'tc wants root',
  }, async context => {
    const what = ['--size', '300k', '--transport', 'tcp', '--repeat', '1']
    const { rows } = await measured(context, [
      ...what,
      '--impair',
      'rate=20M;queue=60k',
      '--impair-with',
      'tc',
    ])
    const [row] = rows
    assert.ok(row)
    assert.deepEqual([row.impair_with, row.outcome], ['tc', 'completed'])
    assert.ok((row.goodput_bps ?? 0) < 20e6 && (row.relay_up_passed ?? 0) > 0, JSON.stringify(row))
    const cwd = folder(context)
    const words = ['run', ...what, '--impair', 'delay=5ms', '--impair-with', 'tc', ...SHORT]
    const { code } = await bench(words, { cwd })
    const [delayed] = readCsv(join(cwd, 'i.csv'))
    assert.ok(delayed)
    // A kernel without netem says so.
    if (code === 0) assert.ok((delayed.delivery_ms ?? 0) >= 5, JSON.stringify(delayed))
    else {
      assert.equal(delayed.error_code, 'NO_QDISC')
      assert.match(delayed.error_message ?? '', /^tc cannot apply delay, since this kernel has no netem: /)
    }
  })

  test('nothing is left of them after kill -9', async context => {
    const cwd = folder(context)
    const words = [
      'run',
      '--impair',
      WAY,
      '--impair-with',
      'tun',
      '--size',
      '1M',
      '--repeat',
      '1000',
      ...SHORT,
    ]
    const running = startBench(words, { cwd })
    const children = await running.until('its processes', ({ pid }) => {
      const found = childrenOf(pid)
      // Three that hold namespaces, and three agents.
      return found.length >= 6 && found
    })
    await running.until('a row', () => rowsIn(join(cwd, 'i.csv')) > 1)
    running.kill('SIGKILL')
    await running.over()
    await allGone(children)
  })
})

function rowsIn(path: string): number {
  try {
    return readFileSync(path, 'utf8').split('\r\n').length - 1
  } catch {
    return 0
  }
}
