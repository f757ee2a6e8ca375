/** Runs between two hosts over a network that is narrow, short of room, down for a while, or rewrites addresses. */
import assert from 'node:assert/strict'
import { describe, type TestContext } from 'node:test'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { obstacleToNative } from '../../transports/engines/native/systems.ts'
import { ADDRESSES, withoutLab, withoutNat } from '../support/lab.ts'
import { test } from '../support/patient.ts'
import { assertOneLine, folder } from './cli.ts'
import { assertLaw } from './rows.ts'
import { assertMeasured, measured, PORT, startRun, useLab } from './two-hosts.ts'

const SKIP = withoutLab()
const SKIP_NATIVE = obstacleToNative() ?? false
const ENGINES = SKIP_NATIVE === false ? (['native', 'node'] as const) : (['node'] as const)
const HOST = ['--host', ADDRESSES.b[4]] as const
const ALL = ['--transport', 'tcp,udp-header,udp-marker,udp-datagram', '--chunk', '1024']

describe('a bottleneck of 50 Mbit/s between two hosts', { skip: SKIP }, () => {
  const hosts = useLab(SKIP)

  test('what does not fit is lost, each of it counted; paced under it nothing is; TCP sends again', async context => {
    hosts.lab.setBottleneck('50mbit')
    const sizes = ['--size', '4M', '--chunk', '1400']
    for (const row of await rowsOf(context, [...HOST, ...sizes, '--transport', 'udp-header,udp-marker'])) {
      const told = JSON.stringify(row)
      const { datagrams_lost: lost, socket_drops: drops } = row
      assert(lost !== undefined && lost > 0, told)
      assert.deepEqual([row.outcome, row.loss_cause, drops], ['incomplete', 'elsewhere', 0], told)
    }
    const paced = [
      '--size',
      '300k',
      '--chunk',
      '1400',
      '--rate',
      '20M',
      '--transport',
      'udp-header,udp-marker',
    ]
    for (const row of await rowsOf(context, [...HOST, ...paced]))
      assert.deepEqual([row.outcome, row.datagrams_lost], ['completed', 0], JSON.stringify(row))

    // Of the usual ones the one that sends until something is lost.
    const greedy = SKIP_NATIVE === false ? ['--congestion', 'reno'] : []
    const [tcp] = await rowsOf(context, [...HOST, '--size', '4M', '--transport', 'tcp', ...greedy])
    assert(tcp)
    const told = JSON.stringify(tcp)
    assert.deepEqual([tcp.outcome, tcp.payload_intact], ['completed', true], told)
    if (SKIP_NATIVE === false) assert((tcp.tcp_retransmits ?? 0) > 0, told)
  })

  async function rowsOf(context: TestContext, words: readonly string[]): Promise<readonly TrialRecord[]> {
    const result = await hosts.run(context, words)
    assertMeasured(result)
    return result.rows
  }
})

describe('a path of 1,400 bytes, which the sender does not see', { skip: SKIP }, () => {
  const hosts = useLab(SKIP)

  for (const family of [4, 6] as const)
    test(`IPv${family}: what is longer is cut, and with DF it is refused, once the path has said so`, async context => {
      hosts.lab.setMtu(1400)
      const host = ['--host', ADDRESSES.b[family], '--transport', 'udp-header,udp-marker', '--size', '80000']
      const fits = 1400 - (family === 6 ? 48 : 28)
      for (const engine of family === 4 ? ENGINES : ENGINES.slice(0, 1)) {
        hosts.lab.forgetPaths('a')
        const cut = ['--chunk', `${fits},1440`, '--engine', engine, '--repeat', '2', '--rate', '50M']
        for (const row of await rowsOf(context, [...host, ...cut])) {
          const told = JSON.stringify(row)
          assert.equal(row.datagrams_refused, 0, told)
          // What was under way when the router first said so was lost there.
          if (row.chunk_bytes === fits || row.round > 1) assert.equal(row.outcome, 'completed', told)
          if (engine === 'native' && row.chunk_bytes > fits) assert.equal(row.path_mtu_bytes, 1400, told)
        }
      }
      if (SKIP_NATIVE) return
      hosts.lab.forgetPaths('a')
      const strict = ['--chunk', `${fits},${fits + 1}`, '--df', 'do', '--repeat', '2']
      for (const row of await rowsOf(context, [...host, ...strict])) {
        const told = JSON.stringify(row)
        if (row.chunk_bytes === fits) {
          assert.deepEqual([row.outcome, row.datagrams_refused], ['completed', 0], told)
          continue
        }
        assert.deepEqual([row.outcome, row.error_code], ['refused', 'EMSGSIZE'], told)
        assert.deepEqual([row.refused_datagram_bytes, row.path_mtu_bytes], [fits + 1, 1400], told)
        // The last one is shorter, and fits.
        if (row.round > 1) assert.equal(row.datagrams_accepted, 1, told)
      }
    })

  async function rowsOf(context: TestContext, words: readonly string[]): Promise<readonly TrialRecord[]> {
    const result = await hosts.run(context, words)
    assertMeasured(result)
    return result.rows
  }
})

describe('a link that is down for a while', { skip: SKIP }, () => {
  const hosts = useLab(SKIP, ['--max-sessions', '16'])

  test('each way: the trial ends in time, and the run goes on when the link is back', async context => {
    const slow = ['--transport', 'udp-header', '--size', '500k', '--rate', '10M', '--timeout', '3s']
    const runs = [[], ['--reverse'], ['--bidir']].map(words => {
      const setting = { cwd: folder(context), at: hosts.lab.words('a') }
      const running = startRun([...HOST, ...words, ...slow, '--repeat', '1000'], setting)
      context.after(() => running[Symbol.asyncDispose]())
      return running
    })
    const allSay = async (what: string, pattern: RegExp) => {
      const from = runs.map(({ stdout }) => stdout.length)
      const saying = runs.map((running, index) =>
        running.until(what, ({ stdout }) => pattern.test(stdout.slice(from[index]))),
      )
      await Promise.all(saying)
    }
    await allSay('trial', COMPLETED)
    hosts.lab.setLink('a', 'down')
    await allSay('trial without the link', /"outcome":"(timed-out|failed)"/)
    hosts.lab.setLink('a', 'up')
    await allSay('trial with the link again', COMPLETED)
    for (const running of runs) {
      running.kill('SIGINT')
      const { code, rows, stderr } = measured(await running.over())
      const trials = new Set(rows.map(({ trial }) => trial)).size
      // An agent that did not let go within its time on a busy machine was replaced, which is said.
      const said = stderr.replaceAll(
        /^note: the .* lost (?:between two trials|in warm-up).*, and fresh ones go on\n/gm,
        '',
      )
      assert.equal(code, 130)
      assert.match(said, new RegExp(`^interrupted after ${trials} trials\n${rows.length} rows in .*\n$`))
      assertLaw(rows)
    }
  })
})

const COMPLETED = /"outcome":"completed"/

describe('behind a router that rewrites addresses', { skip: SKIP || withoutNat() }, () => {
  const hosts = useLab(SKIP || withoutNat(), ['--udp-ports', '6000-6009'])

  test('forward as ever; reverse has no way in, and says so before anything is measured', async context => {
    hosts.lab.masquerade()
    hosts.lab.admit(PORT, '6000-6009')
    const forward = await hosts.run(context, [...HOST, ...ALL, '--repeat', '2'])
    assertMeasured(forward)
    for (const row of forward.rows)
      assert.deepEqual([row.outcome, row.datagrams_stray ?? 0], ['completed', 0], JSON.stringify(row))

    for (const words of [['--reverse'], ['--bidir']]) {
      const back = await hosts.run(context, [...HOST, ...words, ...ALL])
      assert.deepEqual([back.code, back.rows.length], [1, 0])
      assertOneLine(back, 'as 10.77.2.1, not as 10.77.1.2', 'there is a NAT between', `leave ${words[0]} out`)
    }
  })
})
