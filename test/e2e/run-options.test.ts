/** `bench run` with options of sockets: what they were asked, what they had, and what the kernel counted are in the row. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, describe, type TestContext } from 'node:test'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { obstacleToNative } from '../../transports/engines/native/systems.ts'
import { test } from '../support/patient.ts'
import { hasNetAdmin } from '../support/privileges.ts'
import { bench, type Ended, folder } from './cli.ts'
import { assertLaw, parseRows } from './rows.ts'

const SUITE = { concurrency: 2, skip: obstacleToNative() ?? false }
/** Of util-linux. */
const SETPRIV = 'setpriv'
const QUICK = ['--repeat', '1', '--warmup', '0', '--quiet']
const TCP_MEASURES = [
  'tcp_rtt_ms',
  'tcp_rttvar_ms',
  'tcp_min_rtt_ms',
  'tcp_cwnd_segments',
  'tcp_delivery_rate_bps',
  'tcp_pacing_rate_bps',
  'tcp_busy_ms',
  'tcp_rwnd_limited_ms',
  'tcp_sndbuf_limited_ms',
  'tcp_retransmits',
] as const satisfies readonly (keyof TrialRecord)[]

/** What is lost with a receive buffer of 8 KiB, in whatever pieces datagrams are handed over. */
const SMALL = { size: '8M', rcvbuf: '8k', transport: ['udp-header', 'udp-marker'] }
const SMALL_BUFFERS = {
  'a small buffer': {},
  'a small buffer, gso': { offload: 'gso' },
  'a small buffer, gso,gro': { offload: 'gso,gro' },
} as const
const BOTH = ['tcp', 'udp-header']
const RMEM_MAX = obstacleToNative() ? 0 : Number(readFileSync('/proc/sys/net/core/rmem_max', 'latin1'))
const TOO_MUCH = { size: '100k', transport: ['tcp', 'udp-marker'], rcvbuf: 2 * RMEM_MAX }

/** Measured in one run, three rounds of it: agents take longer to start than it takes. */
const VARIANTS = {
  plain: { size: '100k', transport: BOTH },
  large: { size: '4M', transport: BOTH, rate: '800M' },
  offloaded: { size: '500k', transport: BOTH, offload: 'gso,gro', zerocopy: true },
  'more than rmem_max': TOO_MUCH,
  ...Object.fromEntries(Object.entries(SMALL_BUFFERS).map(([label, keys]) => [label, { ...SMALL, ...keys }])),
}

describe('bench run and the options of sockets', SUITE, () => {
  let all: readonly TrialRecord[] = []
  before(async () => {
    if (SUITE.skip !== false) return
    const cwd = mkdtempSync(join(tmpdir(), 'bench-e2e-'))
    const variants = Object.entries(VARIANTS).map(([label, keys]) => ({ label, ...keys }))
    writeFileSync(join(cwd, 'sockets.yaml'), JSON.stringify({ repeat: 3, warmup: 0, variants }))
    const words = ['run', 'sockets.yaml', '--processes', '1', '--quiet', '--format', 'jsonl']
    const { code, stdout, stderr } = await bench(words, { cwd })
    rmSync(cwd, { recursive: true })
    assert.equal(code, 0, stderr)
    all = parseRows(stdout)
  })
  /** Three of each transport. */
  const rowsOf = (variant: string) => {
    const rows = all.filter(row => row.variant === variant)
    assert.equal(rows.length, 6, variant)
    return rows
  }

  test('what TCP_INFO tells is there for TCP, and for nothing else', () => {
    const rows = rowsOf('large')
    const tcp = rows.find(row => row.transport === 'tcp')
    const udp = rows.find(row => row.transport === 'udp-header')
    assert(tcp && udp)
    const of = (name: (typeof TCP_MEASURES)[number]) => tcp[name] ?? assert.fail(`no ${name}`)
    assert(of('tcp_rtt_ms') > 0 && of('tcp_cwnd_segments') >= 1)
    // The smoothed time is rounded down to whole microseconds.
    assert(of('tcp_min_rtt_ms') > 0 && of('tcp_min_rtt_ms') <= of('tcp_rtt_ms') + 0.01)
    assert(of('tcp_delivery_rate_bps') > 0 && of('tcp_pacing_rate_bps') > 0)
    assert(of('tcp_rttvar_ms') >= 0 && of('tcp_retransmits') >= 0 && of('tcp_busy_ms') >= 0)
    assert(of('tcp_rwnd_limited_ms') >= 0 && of('tcp_sndbuf_limited_ms') >= 0)
    assert(of('tcp_busy_ms') <= (tcp.total_ms ?? 0) + 1000)
    assert((tcp.mss_bytes ?? 0) > 500)
    const system = readFileSync('/proc/sys/net/ipv4/tcp_congestion_control', 'latin1').trim()
    assert.equal(tcp.congestion, system)
    assert.equal(tcp.df, 'want')
    for (const name of [...TCP_MEASURES, 'mss_bytes', 'congestion', 'max_pacing_bps', 'nodelay'] as const)
      assert.equal(udp[name], undefined, name)
    for (const name of ['path_mtu_bytes', 'rxq_overflow', 'socket_drops'] as const) {
      assert.equal(tcp[name], undefined, name)
      assert(udp[name] !== undefined, name)
    }
  })

  test('the node engine tells none of it', async context => {
    const words = ['--size', '100k', '--transport', 'tcp,udp-header', '--engine', 'node']
    const { rows } = await measured(context, words)
    assert.equal(rows.length, 2)
    const names = [
      'mss_bytes',
      'congestion',
      'df',
      'dscp',
      'path_mtu_bytes',
      'rxq_overflow',
      'offload',
    ] as const
    for (const row of rows)
      for (const name of [...TCP_MEASURES, ...names]) assert.equal(row[name], undefined, name)
  })

  test('what was asked for, and what the sockets had', async context => {
    const asked = [
      '--congestion',
      'reno',
      '--mss',
      '1000',
      '--max-pacing',
      '800M',
      '--dscp',
      'ef',
      '--df',
      'do',
    ]
    const { rows } = await measured(context, [
      '--size',
      '300k',
      '--transport',
      'tcp,udp-marker',
      ...asked,
      '-6',
    ])
    for (const row of rows) {
      assert.equal(row.outcome, 'completed')
      assert.deepEqual([row.dscp_asked, row.dscp, row.df_asked, row.df], [46, 46, 'do', 'do'])
      const stream = row.transport === 'tcp'
      assert.deepEqual(
        [row.congestion_asked, row.congestion],
        stream ? ['reno', 'reno'] : [undefined, undefined],
      )
      assert.deepEqual(
        [row.max_pacing_asked_bps, row.max_pacing_bps],
        stream ? [8e8, 8e8] : [undefined, undefined],
      )
      assert.equal(row.mss_asked_bytes, stream ? 1000 : undefined)
      if (stream) assert(row.mss_bytes !== undefined && row.mss_bytes <= 1000)
    }
  })

  test('offload and zerocopy that took place', () => {
    for (const row of rowsOf('offloaded')) {
      assert.equal(row.outcome, 'completed')
      const udp = row.transport === 'udp-header'
      assert.deepEqual(
        [row.offload_asked, row.offload],
        udp ? ['gso,gro', 'gso,gro'] : [undefined, undefined],
      )
      assert.equal(row.zerocopy, true)
      assert((row.zerocopy_sends ?? 0) > 0)
      assert((row.zerocopy_copied ?? -1) >= 0 && (row.zerocopy_copied ?? 0) <= (row.zerocopy_sends ?? 0))
    }
    for (const row of rowsOf('plain'))
      for (const name of [
        'offload',
        'offload_asked',
        'zerocopy',
        'zerocopy_sends',
        'zerocopy_copied',
      ] as const)
        assert.equal(row[name], undefined, name)
  })

  for (const variant of Object.keys(SMALL_BUFFERS))
    test(`${variant}: what was lost is what the socket dropped`, () => {
      const rows = rowsOf(variant)
      assertLaw(rows)
      // On the sender's own CPU a receiver may keep up with pieces of 64 KB once in a while.
      const lossy = rows.filter(row => row.datagrams_lost !== 0)
      assert(lossy.length > 0)
      for (const row of lossy) {
        const told = JSON.stringify(row)
        const { datagrams_lost: lost = 0, socket_drops: drops = 0, rxq_overflow: overflow = 0 } = row
        assert.equal(row.loss_cause, 'receive buffer', told)
        assert.deepEqual([row.datagrams_late, row.datagrams_stray], [0, 0], told)
        // What was glued and is dropped in one piece counts once; the end marker may be among what was dropped, and is no payload.
        if (row.offload_asked !== 'gso,gro')
          assert.equal(drops, lost + (row.error_code === 'END_LOST' ? 1 : 0), told)
        assert(drops > 0 && overflow <= drops, told)
      }
    })

  const notAllowed = hasNetAdmin() ? false : 'this process may not exceed net.core.rmem_max'
  test('more receive buffer than rmem_max, as root: it is had', { skip: notAllowed }, () => {
    for (const row of rowsOf('more than rmem_max')) {
      assert.equal(row.outcome, 'completed')
      assert.equal(row.rcvbuf_forced, true)
      assert((row.rcvbuf_bytes ?? 0) >= 4 * RMEM_MAX)
    }
  })

  const dropped = ['--bounding-set=-net_admin', '--inh-caps=-net_admin']
  const cannotDrop =
    spawnSync(SETPRIV, [...dropped, 'true']).status === 0 ? false : 'setpriv cannot drop a capability here'
  test('more than rmem_max without the privilege: it is told, and measured', {
    skip: cannotDrop,
  }, async context => {
    const tooMuch = ['--size', '100k', '--transport', 'tcp,udp-marker', '--rcvbuf', String(2 * RMEM_MAX)]
    const { rows } = await measured(context, tooMuch, [SETPRIV, ...dropped])
    for (const row of rows) {
      assert.equal(row.outcome, 'completed')
      assert.equal(row.rcvbuf_forced, false)
      assert.equal(row.rcvbuf_bytes, 2 * RMEM_MAX)
    }
  })

  test('an option that only some transports can have: a note, and the run goes on', async context => {
    const words = ['--size', '10k', '--engine', 'node', '--rcvbuf', '1m']
    const { rows, stderr } = await measured(context, words, [], QUICK.slice(0, -1))
    assert.match(stderr, /^tcp: without --rcvbuf, since node:net cannot set it$/m)
    assert.deepEqual(rows.map(row => [row.transport, row.rcvbuf_asked_bytes]).sort(), [
      ['tcp', undefined],
      ['udp-header', 1 << 20],
      ['udp-marker', 1 << 20],
    ])
    assert(rows.every(row => row.outcome === 'completed'))
  })
})

/** The rows of a run that went well. @param before words in front of the command */
async function measured(
  context: TestContext,
  words: readonly string[],
  before: readonly string[] = [],
  quick = QUICK,
): Promise<Ended & { rows: TrialRecord[] }> {
  const command = ['run', ...quick, ...words, '--format', 'jsonl']
  const ended = await bench(command, { cwd: folder(context), at: before })
  assert.equal(ended.code, 0, ended.stderr)
  return { ...ended, rows: parseRows(ended.stdout) }
}
