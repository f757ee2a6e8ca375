/** `--impair-with tun` and `tc`: both ends in network namespaces, where what is emulated meets packets. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from 'node:test'
import { obstacleToNative } from '../../transports/engines/native/systems.ts'
import { isBusy, test } from '../support/patient.ts'
import { allGone, bench, childrenOf, folder, startBench } from './cli.ts'
import { assertTruth, measured, SHORT } from './impaired.ts'
import { readCsv } from './rows.ts'

const IS_ROOT = process.getuid?.() === 0
/** Of util-linux. */
const UNSHARE = 'unshare'
/** Why there is no namespace to be made here; false where there can be one. */
const SKIP_APART = withoutNamespacesHere()

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
    // Seven packets each and three of the last one, and the markers.
    assert.equal(row.relay_up_taken, 7 * 102 + 3 + 2, told)
    assert.ok((row.datagrams_lost ?? 0) > 0 && (row.datagrams_lost ?? 0) <= (row.relay_up_lost ?? 0), told)
  })

  test('the flows of a trial meet in one queue, and each has its own truth', async context => {
    const what = ['--size', '500k', '--transport', 'tcp,udp-header', '--streams', '2', '--repeat', '1']
    const way = 'delay=1ms;rate=20M;loss=3%'
    const { rows } = await measured(context, [...what, '--impair', way, '--impair-with', 'tun'])
    assert.equal(rows.length, 4)
    for (const row of rows) {
      const told = JSON.stringify(row)
      if (row.transport === 'tcp')
        assert.deepEqual([row.outcome, row.payload_intact], ['completed', true], told)
      else assertTruth(row)
      assert.ok((row.relay_up_taken ?? 0) > 0 && (row.relay_up_lost ?? 0) > 0, told)
    }
    // Each alone would have all of the rate.
    const both = rows
      .filter(row => row.transport === 'tcp')
      .reduce((sum, row) => sum + (row.goodput_bps ?? 0), 0)
    // Where they do not overlap, each has more of it.
    assert.ok(both < 20e6 || isBusy(), `${both}`)
  })

  test('requests beside a stream wait in its queue', async context => {
    const load = ['--transport', 'tcp', '--duration', '2s', '--with', 'echo-udp', '--interval', '50ms']
    const way = 'delay=2ms;rate=10M;queue=128k'
    // This congestion control fills it, and every Linux has it.
    const what = [...load, '--congestion', 'reno', '--repeat', '1', '--impair', way, '--impair-with', 'tun']
    const cwd = folder(context)
    const { code, stderr } = await bench(['run', ...what, ...SHORT], { cwd })
    assert.equal(code, 0, stderr)
    const rows = readCsv(join(cwd, 'i.csv'))
    const [alone, beside] = [undefined, 'tcp'].map(load => {
      const row = rows.find(each => each.transport === 'echo-udp' && each.beside === load)
      assert.ok(row, JSON.stringify(rows))
      assert.deepEqual([row.impair_with, row.way], ['tun', 'delay=2ms;rate=10M;queue=128k'])
      return row.rtt_p50_ms ?? Number.NaN
    })
    // A full queue is 105 ms long.
    assert.ok((alone ?? 0) >= 4 && (isBusy() || (beside ?? 0) > 4 * (alone ?? 0)), `${alone} ${beside}`)
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
