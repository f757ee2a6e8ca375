/** `bench run` from the outside: what is asked of the sockets and the system, and what they do. */
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, describe } from 'node:test'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { obstacleToNative } from '../../transports/engines/native/systems.ts'
import { test } from '../support/patient.ts'
import { bench, childrenOf, folder, startBench, withoutProc } from './cli.ts'
import { assertLaw, assertRounds, caseOf, parseRows, readCsv } from './rows.ts'

const QUICK = ['--repeat', '1', '--warmup', '0']

const ORDERED = { size: ['1k', '2k', '3k'], chunk: [512, 1024], ip: 4 }
/** Measured by one command, whose agents carry all of them: agents take longer to start than it takes. */
const SCENARIOS = {
  sockets: { size: '20k', rcvbuf: '32k', sndbuf: '16k', rate: '20M', nodelay: false, ip: 6 },
  limits: {
    size: '130k',
    variants: [
      { label: 'system', chunk: 65_508 },
      { label: 'emulated', chunk: 1025, 'max-datagram': 1024 },
      { label: 'allowed', chunk: 9217, 'os-profile': 'linux' },
    ],
  },
  'tcp-alone': { size: '20k', transport: 'tcp', 'os-profile': 'macos' },
  flood: { size: '4M', rcvbuf: '4k', transport: ['udp-header', 'udp-marker'], repeat: 3 },
  first: { ...ORDERED, seed: 42 },
  again: { ...ORDERED, seed: 42 },
  other: { ...ORDERED, seed: 43 },
}

describe('bench run and the system', () => {
  let stdout = ''
  let all: readonly TrialRecord[] = []
  let onNode: readonly TrialRecord[] = []
  before(async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'bench-e2e-'))
    const files = Object.entries(SCENARIOS).map(([name, keys]) => {
      writeFileSync(join(cwd, `${name}.yaml`), JSON.stringify({ repeat: 1, warmup: 0, ...keys }))
      return `${name}.yaml`
    })
    const measured = async (out: string, words: readonly string[]) => {
      const ended = await bench(['run', ...words, '--no-chart', '--out', out], { cwd })
      assert.equal(ended.code, 0, ended.stderr)
      stdout = ended.stdout.replaceAll(/\s+/g, ' ')
      return readCsv(join(cwd, out))
    }
    onNode = await measured('node.csv', ['sockets.yaml', '--engine', 'node'])
    all = await measured('rows.csv', files)
    rmSync(cwd, { recursive: true })
    assertLaw(all)
  })
  const rowsOf = (scenario: keyof typeof SCENARIOS) => all.filter(row => row.scenario === scenario)

  test('what was asked of the sockets, and what the system gave, is in the row', () => {
    const byDefault = rowsOf('sockets')
    assert.equal(byDefault[0]?.engine, obstacleToNative() === undefined ? 'native' : 'node')
    for (const rows of [onNode, byDefault]) assertRounds(rows, 1, 3)
    assert(onNode.every(row => row.engine === 'node'))
    for (const row of [...onNode, ...byDefault]) {
      const stream = row.transport === 'tcp'
      // node:net can neither set nor read the buffers of a stream.
      const unset = stream && row.engine === 'node'
      assert.equal(row.ip_family, 6)
      assert.equal(row.nodelay, stream ? false : undefined)
      assert.equal(row.rate_bps, stream ? undefined : 20e6)
      assert.equal(row.rate_achieved_bps === undefined, stream)
      assert.equal(row.rcvbuf_asked_bytes, unset ? undefined : 32 * 1024)
      assert.equal(row.sndbuf_asked_bytes, unset ? undefined : 16 * 1024)
      for (const given of [row.rcvbuf_bytes, row.sndbuf_bytes])
        assert(unset ? given === undefined : given !== undefined && given > 0, JSON.stringify(row))
    }
  })

  const onLinux = process.platform === 'linux' ? false : 'CPUs are chosen on Linux only'
  test('--pin binds each agent to its CPU, and the row says so', { skip: onLinux }, async context => {
    const cwd = folder(context)
    const [cpu = '0'] =
      /Cpus_allowed_list:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'latin1'))?.slice(1) ?? []
    const slow = ['--size', '64k', '--rate', '200k', '--transport', 'udp-marker', ...QUICK]
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

  test('a datagram over the limit is refused: the system’s own, or an emulated one', () => {
    const udpOf = (variant: string) => {
      const found = rowsOf('limits').filter(row => row.variant === variant && row.transport !== 'tcp')
      assert.equal(found.length, 2, variant)
      return found
    }
    const refused = { system: [false, undefined], emulated: [true, 1024] } as const
    for (const [variant, limit] of Object.entries(refused)) {
      assert.match(stdout, new RegExp(`udp-header, ${variant}, size [^:]*: 1 refused`))
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
    const [row] = rowsOf('tcp-alone')
    assert(row)
    assert.deepEqual(
      [row.transport, row.outcome, row.limit_emulated, row.max_datagram_bytes],
      ['tcp', 'completed', false, undefined],
    )
    const words = ['run', '--size', '20k', '--transport', 'tcp', ...QUICK]
    const limit = await bench([...words, '--max-datagram', '9216'], { cwd: folder(context) })
    assert.equal(limit.code, 2)
    assert.match(limit.stderr, /--max-datagram is for UDP, but no transport here uses it/)
  })

  test('loss is a result and no failure, and its cause is told', { skip: withoutProc }, () => {
    const rows = rowsOf('flood')
    assert.equal(rows.length, 6)
    for (const row of rows) {
      assert.equal(row.outcome, 'incomplete')
      assert.equal(row.loss_cause, 'receive buffer')
      assert.equal(row.payload_intact, false)
      assert((row.socket_drops ?? 0) > 0)
    }
    assert.match(stdout, /--rcvbuf|--rate/)
  })

  test('the order of trials follows from --seed', () => {
    const orderOf = (scenario: 'first' | 'again' | 'other') => {
      const rows = rowsOf(scenario)
      assert(rows.every(row => row.seed === SCENARIOS[scenario].seed && row.ip_family === 4))
      return rows.map(row => caseOf({ ...row, scenario: 'any' }))
    }
    const first = orderOf('first')
    assert.equal(first.length, 18)
    assert.deepEqual(first, orderOf('again'))
    assert.notDeepEqual(first, orderOf('other'))
  })
})

/** Whether a thread of the process may run on this CPU only: the one that sends or receives. */
function hasThreadOn(pid: number, cpu: string): boolean {
  const tasks = `/proc/${pid}/task`
  return readdirSync(tasks).some(tid =>
    readFileSync(join(tasks, tid, 'status'), 'latin1').includes(`Cpus_allowed_list:\t${cpu}\n`),
  )
}
