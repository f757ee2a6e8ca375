/** `bench run` from the outside: what is asked of the sockets and the system, and what they do. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { bench, childrenOf, folder, startBench, withoutProc } from './cli.ts'
import { assertLaw, assertRounds, caseOf, parseCsv, parseRows, readCsv } from './rows.ts'

const QUICK = ['--repeat', '1', '--warmup', '0']

describe('bench run and the system', { concurrency: 2 }, () => {
  test('what was asked of the sockets, and what the system gave, is in the row', async context => {
    const cwd = folder(context)
    for (const engine of ['node', ...(process.platform === 'linux' ? ['native'] : [])]) {
      const buffers = ['--rcvbuf', '32k', '--sndbuf', '16k', '--rate', '20M', '--no-nodelay', '-6']
      const words = ['run', '--size', '20k', '--engine', engine, ...buffers, ...QUICK]
      const { code, stdout, stderr } = await bench(
        [...words, '--format', 'jsonl', '--out', `${engine}.csv`],
        { cwd },
      )
      assert.equal(code, 0, stderr)
      for (const row of parseRows(stdout)) {
        const stream = row.transport === 'tcp'
        // node:net can neither set nor read the buffers of a stream.
        const unset = stream && engine === 'node'
        assert.equal(row.engine, engine)
        assert.equal(row.ip_family, 6)
        assert.equal(row.nodelay, stream ? false : undefined)
        assert.equal(row.rate_bps, stream ? undefined : 20e6)
        assert.equal(row.rate_achieved_bps === undefined, stream)
        assert.equal(row.rcvbuf_asked_bytes, unset ? undefined : 32 * 1024)
        assert.equal(row.sndbuf_asked_bytes, unset ? undefined : 16 * 1024)
        for (const given of [row.rcvbuf_bytes, row.sndbuf_bytes])
          assert(unset ? given === undefined : given !== undefined && given > 0, JSON.stringify(row))
      }
    }
  })

  const onLinux = process.platform === 'linux' ? false : 'CPUs are chosen on Linux only'
  test('--pin binds each agent to its CPU, and the row says so', { skip: onLinux }, async context => {
    const cwd = folder(context)
    const [cpu = '0'] =
      /Cpus_allowed_list:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'latin1'))?.slice(1) ?? []
    const slow = [
      '--size',
      '64k',
      '--rate',
      '200k',
      '--transport',
      'udp-marker',
      '--repeat',
      '1',
      '--warmup',
      '0',
    ]
    const words = ['run', '--pin', `${cpu},${cpu}`, ...slow, '--format', 'jsonl', '--out', 'rows.csv']
    await using running = startBench(words, { cwd })
    await running.until('pinned agents', ({ pid }) => {
      const children = childrenOf(pid)
      return children.length === 2 && children.every(child => hasThreadOn(child, cpu))
    })
    const { code, stdout, stderr } = await running.over()
    assert.equal(code, 0, stderr)
    assert.equal(parseRows(stdout)[0]?.pinned_cpus, `${cpu},${cpu}`)
  })

  test('a datagram over the limit is refused: the system’s own, or an emulated one', async context => {
    const cwd = folder(context)
    const variants = [
      { label: 'system', chunk: 65_508 },
      { label: 'emulated', chunk: 1025, 'max-datagram': 1024 },
      { label: 'allowed', chunk: 9217, 'os-profile': 'linux' },
    ]
    writeFileSync(join(cwd, 'limits.yaml'), JSON.stringify({ size: '130k', variants }))
    const words = ['run', 'limits.yaml', ...QUICK, '--out', 'rows.csv']
    const { code, stdout, stderr } = await bench(words, { cwd })
    assert.equal(code, 0, stderr)
    const rows = readCsv(join(cwd, 'rows.csv'))
    assertLaw(rows)
    const udpOf = (variant: string) => {
      const found = rows.filter(row => row.variant === variant && row.transport !== 'tcp')
      assert.equal(found.length, 2, variant)
      return found
    }
    const refused = { system: [false, undefined], emulated: [true, 1024] } as const
    for (const [variant, limit] of Object.entries(refused)) {
      assert.match(stdout, new RegExp(`${variant}.*refused`))
      for (const row of udpOf(variant)) {
        assert.deepEqual([row.outcome, row.error_code], ['refused', 'EMSGSIZE'])
        assert.equal(row.loss_cause, 'refused by the system')
        assert.deepEqual([row.limit_emulated, row.max_datagram_bytes], limit)
      }
    }
    for (const row of udpOf('allowed'))
      assert(row.outcome !== 'refused' && row.max_datagram_bytes === 65_507, JSON.stringify(row))
  })

  test('--os-profile with TCP alone runs, and --max-datagram is refused there', async context => {
    const cwd = folder(context)
    const words = ['run', '--size', '20k', '--transport', 'tcp', ...QUICK]
    const profile = await bench([...words, '--os-profile', 'macos', '--format', 'jsonl', '--out', 'a.csv'], {
      cwd,
    })
    assert.equal(profile.code, 0, profile.stderr)
    const [row] = parseRows(profile.stdout)
    assert(row)
    assert.deepEqual(
      [row.transport, row.outcome, row.limit_emulated, row.max_datagram_bytes],
      ['tcp', 'completed', false, undefined],
    )
    const limit = await bench([...words, '--max-datagram', '9216', '--out', 'b.csv'], { cwd })
    assert.equal(limit.code, 2)
    assert.match(limit.stderr, /--max-datagram is for UDP, but no transport here uses it/)
  })

  test('loss is a result and no failure, and its cause is told', { skip: withoutProc }, async context => {
    const cwd = folder(context)
    const flood = [
      '--size',
      '4M',
      '--chunk',
      '1024',
      '--rcvbuf',
      '4k',
      '--transport',
      'udp-header,udp-marker',
    ]
    const { code, stdout, stderr } = await bench(
      ['run', ...flood, '--repeat', '3', '--warmup', '0', '--out', 'r.csv'],
      {
        cwd,
      },
    )
    assert.equal(code, 0, stderr)
    const rows = readCsv(join(cwd, 'r.csv'))
    assertRounds(rows, 3, 2)
    assertLaw(rows)
    for (const row of rows) {
      assert.equal(row.outcome, 'incomplete')
      assert.equal(row.loss_cause, 'receive buffer')
      assert.equal(row.payload_intact, false)
      assert((row.socket_drops ?? 0) > 0)
    }
    assert.match(stdout, /--rcvbuf|--rate/)
  })

  test('the order of trials follows from --seed', async context => {
    const cwd = folder(context)
    const order = async (seed: string) => {
      const words = ['--size', '1k,2k,3k', '--chunk', '512,1024', ...QUICK, '--format', 'csv']
      const { stdout } = await bench(['run', ...words, '--seed', seed, '-4'], { cwd })
      const rows = parseCsv(stdout)
      assert(rows.every(row => row.seed === Number(seed) && row.ip_family === 4))
      return rows.map(caseOf)
    }
    const [first, again, other] = [await order('42'), await order('42'), await order('43')]
    assert.equal(first.length, 18)
    assert.deepEqual(first, again)
    assert.notDeepEqual(first, other)
  })
})

/** Whether a thread of the process may run on this CPU only: the one that sends or receives. */
function hasThreadOn(pid: number, cpu: string): boolean {
  const tasks = `/proc/${pid}/task`
  return readdirSync(tasks).some(tid =>
    readFileSync(join(tasks, tid, 'status'), 'latin1').includes(`Cpus_allowed_list:\t${cpu}\n`),
  )
}
