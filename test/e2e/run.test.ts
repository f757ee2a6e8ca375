/** `bench run` from the outside: the rows, the formats, and what each flag does to them. */
import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import type { TrialRecord } from '../../results/columns.ts'
import { parseRecord } from '../../results/record.ts'
import { assertOneLine, bench, childrenOf, folder, PICTURE, startBench, withoutProc } from './cli.ts'
import { assertLaw, assertRounds, caseOf, parseCsv, readCsv } from './rows.ts'

const ALL = ['--transport', 'tcp,udp-header,udp-marker,udp-datagram']
const QUICK = ['--repeat', '1', '--warmup', '0']

const READERS = {
  csv: parseCsv,
  json: (text: string): TrialRecord[] => JSON.parse(text).records.map(parseRecord),
  jsonl: (text: string): TrialRecord[] =>
    text
      .trimEnd()
      .split('\n')
      .map(line => parseRecord(JSON.parse(line))),
}

describe('bench run', { concurrency: 2 }, () => {
  test('writes every combination once a round, in changing order, to a new file in bench-results', async context => {
    const cwd = folder(context)
    const lists = ['--size', '16k,3000', '--size', '1', '--chunk', '1024,4k', '--repeat', '3', ...ALL]
    const { code, stdout, stderr } = await bench(['run', ...lists], { cwd })
    assert.equal(code, 0, stderr)
    const path = /^63 rows in (\S+)\n$/m.exec(stderr)?.[1]
    assert(path !== undefined, stderr)
    assert.match(path, /^bench-results\/\d{8}T\d{6}Z-custom\.csv$/)
    assert.deepEqual(readdirSync(cwd), ['bench-results'])
    const rows = readCsv(join(cwd, path))
    // A datagram holds the payload whatever the chunk: one case a size.
    assertRounds(rows, 3, 3 * (3 * 2 + 1))
    assertLaw(rows)
    const order = (round: number) => rows.filter(row => row.round === round).map(caseOf)
    assert.notDeepEqual(order(1), order(2))
    assert.equal(new Set(rows.map(row => row.run_id)).size, 1)
    assert.equal(path.slice(14, 30), rows[0]?.run_id.slice(0, 16))
    assert(rows.every((row, at) => at === 0 || row.started_at >= (rows[at - 1]?.started_at ?? '')))
    for (const transport of ['tcp', 'udp-header', 'udp-marker', 'udp-datagram'])
      assert(stdout.includes(transport))
  })

  test('two runs that begin in the same second both keep their rows', async context => {
    const cwd = folder(context)
    const runs = [1, 2].map(() => bench(['run', '--size', '1k', ...QUICK], { cwd }))
    for (const { code, stderr } of await Promise.all(runs)) assert.equal(code, 0, stderr)
    const files = readdirSync(join(cwd, 'bench-results'))
    assert.equal(files.length, 2)
    for (const file of files) assertRounds(readCsv(join(cwd, 'bench-results', file)), 1, 3)
  })

  test('--format puts the rows on standard output, --out the same rows into a file by its extension', async context => {
    const cwd = folder(context)
    for (const [format, extension] of [
      ['csv', 'json'],
      ['json', 'jsonl'],
      ['jsonl', 'csv'],
    ] as const) {
      const out = `rows.${extension}`
      const words = ['--format', format, '--out', out, '--size', '2k', '--repeat', '2', '--warmup', '0']
      const { code, stdout, stderr } = await bench(['run', ...words], { cwd })
      assert.equal(code, 0, stderr)
      const rows = READERS[format](stdout)
      assertRounds(rows, 2, 3)
      assert.deepEqual(READERS[extension](readFileSync(join(cwd, out), 'utf8')), rows)
      // Nobody watches a pipe: the plan before, the path after, and no progress.
      assert(!stderr.includes('\u001b') && !stderr.includes('trials ·'), stderr)
      assert.match(stderr, /^custom: 2,048 B in 2 chunks of 1,024 B; /)
    }
    assert.deepEqual(readdirSync(cwd).sort(), ['rows.csv', 'rows.json', 'rows.jsonl'])
  })

  test('a file that exists is overwritten with --force only', async context => {
    const cwd = folder(context)
    writeFileSync(join(cwd, 'rows.csv'), 'precious')
    const words = ['run', '--size', '2k', ...QUICK, '--out', 'rows.csv']
    const refused = await bench(words, { cwd })
    assert.equal(refused.code, 2)
    assertOneLine(refused, 'rows.csv', 'exists', '--force')
    assert.equal(readFileSync(join(cwd, 'rows.csv'), 'utf8'), 'precious')
    const forced = await bench([...words, '--force'], { cwd })
    assert.equal(forced.code, 0)
    assertRounds(readCsv(join(cwd, 'rows.csv')), 1, 3)
  })

  test('--quiet says nothing but the results; --no-chart leaves the charts out', async context => {
    const cwd = folder(context)
    const words = ['run', '--size', '4k', '--repeat', '6', '--rate', '100M', '--transport', 'tcp,udp-header']
    const full = await bench(words, { cwd })
    assert.match(full.stdout, /Goodput per round/)
    const quiet = await bench([...words, '-q'], { cwd })
    assert.equal(quiet.stderr, '')
    assert.doesNotMatch(quiet.stdout, /Goodput per round/)
    assert.match(quiet.stdout, /udp-header.*6 completed/)
    const plain = await bench([...words, '--no-chart'], { cwd })
    assert.doesNotMatch(plain.stdout, /Goodput per round/)
    assert.match(plain.stdout, /udp-header.*6 completed/)
  })

  test('--keep saves exactly the bytes of every file, whatever its chunks look like', async context => {
    const cwd = folder(context)
    mkdirSync(join(cwd, 'kept'))
    writeFileSync(join(cwd, 'odd, "tiny".txt'), 'endbinendbinbinendXYZbin')
    writeFileSync(join(cwd, 'end'), 'end')
    copyTo(cwd)
    const files = ['--file', 'odd, "tiny".txt', '--file', 'end', '--file', 'picture.png']
    const words = [...files, '--chunk', '3,1024', '--repeat', '1', '--rate', '40M', '--rcvbuf', '4m']
    const keep = ['--keep', 'kept', '--out', 'rows.csv', '--transport', 'tcp,udp-header,udp-marker']
    const { code, stderr } = await bench(['run', ...words, ...keep], { cwd })
    assert.equal(code, 0, stderr)
    const rows = readCsv(join(cwd, 'rows.csv'))
    assertRounds(rows, 1, 18)
    assertLaw(rows)
    assert.deepEqual([...new Set(rows.map(row => row.file))].sort(), [
      'end',
      'odd, "tiny".txt',
      'picture.png',
    ])
    const kept = readdirSync(join(cwd, 'kept'))
    for (const row of rows) {
      const name = kept.find(each => each.includes(`-${String(row.trial).padStart(4, '0')}-`))
      const intact = name !== undefined && same(join(cwd, 'kept', name), join(cwd, row.file ?? ''))
      assert.equal(row.payload_intact, intact, JSON.stringify(row))
      if (row.file !== 'picture.png' || row.transport === 'tcp') assert(intact, JSON.stringify(row))
    }
    assert.equal(kept.length, 18)
  })

  test('several scenarios are one run: its trials are numbered on, and nothing that is kept is overwritten', async context => {
    const cwd = folder(context)
    mkdirSync(join(cwd, 'kept'))
    const words = ['ci', 'picture', 'ci', '--size', '2k', ...QUICK, '--keep', 'kept', '--seed', '7']
    const { code, stderr } = await bench(['run', ...words], { cwd })
    assert.equal(code, 0, stderr)
    const [file = ''] = readdirSync(join(cwd, 'bench-results'))
    assert.match(file, /^\d{8}T\d{6}Z-ci\+picture\.csv$/)
    assertRounds(
      readCsv(join(cwd, 'bench-results', file)).map(row => ({ ...row, round: 1 })),
      1,
      6,
    )
    assert.equal(readdirSync(join(cwd, 'kept')).length, 6)
  })

  test('every built-in scenario runs; flags override what it says', async context => {
    const cwd = folder(context)
    const names = ['ci', 'datagrams', 'macos-limit', 'picture', 'sizes']
    const words = [...names, '--size', '70k', ...QUICK, '--no-chart', '--out', 'rows.csv']
    const { code, stderr, stdout } = await bench(['run', ...words], { cwd })
    assert.equal(code, 0, stderr)
    const rows = readCsv(join(cwd, 'rows.csv'))
    assertLaw(rows)
    const count = (name: string) => rows.filter(row => row.scenario === name).length
    // A limit of datagrams is nothing to TCP: both variants of macos-limit share its cases.
    assert.deepEqual(names.map(count), [3, 42, 42, 3, 3])
    assert(rows.every(row => row.size_bytes === 70 * 1024))
    // What one datagram cannot carry is refused by the system itself; what macOS would not take, by the emulation.
    const refused = rows.filter(row => row.outcome === 'refused')
    assert(refused.every(row => row.error_code === 'EMSGSIZE' && row.transport !== 'tcp'))
    const real = refused.filter(row => !row.limit_emulated).map(row => [row.scenario, row.chunk_bytes])
    assert.deepEqual([...new Set(real.map(String))], ['datagrams,65508'])
    const emulated = refused.filter(row => row.limit_emulated)
    assert(emulated.every(row => row.scenario === 'macos-limit' && row.max_datagram_bytes === 9216))
    assert.deepEqual(
      [...new Set(emulated.map(row => row.chunk_bytes))].sort((a, b) => a - b),
      [9217, 16384, 65507],
    )
    assert.match(stdout, /9,217 B/)
  })

  test('a scenario of one’s own: its files are beside it, flags win over it', async context => {
    const cwd = folder(context)
    mkdirSync(join(cwd, 'deep'))
    writeFileSync(join(cwd, 'deep', 'note.txt'), 'hello, world')
    const lines = ['file: note.txt', 'transport: [tcp, udp-marker]', 'repeat: 3', 'warmup: 0', 'seed: 5']
    writeFileSync(join(cwd, 'deep', 'my notes.yaml'), `${lines.join('\n')}\n`)
    const words = ['deep/my notes.yaml', '--repeat', '2', '--chunk', '5']
    const { code, stderr } = await bench(['run', ...words], { cwd })
    assert.equal(code, 0, stderr)
    const [file = ''] = readdirSync(join(cwd, 'bench-results'))
    assert.match(file, /Z-my-notes\.csv$/)
    const rows = readCsv(join(cwd, 'bench-results', file))
    assertRounds(rows, 2, 2)
    assert(rows.every(row => row.file === 'note.txt' && row.chunk_bytes === 5 && row.seed === 5))
    assert(rows.every(row => row.size_bytes === 12 && row.outcome === 'completed'))
  })

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
      for (const line of stdout.trimEnd().split('\n')) {
        const row = parseRecord(JSON.parse(line))
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
          assert(unset ? given === undefined : given !== undefined && given > 0, line)
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
      const lists = childrenOf(pid).map(child => readFileSync(`/proc/${child}/status`, 'latin1'))
      return lists.length === 2 && lists.every(text => text.includes(`Cpus_allowed_list:\t${cpu}\n`))
    })
    const { code, stdout, stderr } = await running.over()
    assert.equal(code, 0, stderr)
    assert.equal(parseRecord(JSON.parse(stdout)).pinned_cpus, `${cpu},${cpu}`)
  })

  test('a datagram over the limit is refused: the system’s own, or an emulated one', async context => {
    const cwd = folder(context)
    const refusedBy = async (words: readonly string[]) => {
      const sized = ['run', '--size', '130k', ...words, ...QUICK, '--out', 'rows.csv', '--force']
      const { code, stdout, stderr } = await bench(sized, { cwd })
      assert.equal(code, 0, stderr)
      const rows = readCsv(join(cwd, 'rows.csv'))
      assertLaw(rows)
      return { stdout, rows: rows.filter(row => row.transport !== 'tcp') }
    }
    const system = await refusedBy(['--chunk', '65508'])
    const emulated = await refusedBy(['--chunk', '1025', '--max-datagram', '1024'])
    for (const { stdout, rows } of [system, emulated]) {
      assert.match(stdout, /refused/)
      assert(rows.every(row => row.outcome === 'refused' && row.error_code === 'EMSGSIZE'))
      assert(rows.every(row => row.loss_cause === 'refused by the system'))
    }
    const limits = (rows: readonly { limit_emulated: boolean; max_datagram_bytes?: number | undefined }[]) =>
      rows.map(row => [row.limit_emulated, row.max_datagram_bytes])
    assert.deepEqual(limits(system.rows), [
      [false, undefined],
      [false, undefined],
    ])
    assert.deepEqual(limits(emulated.rows), [
      [true, 1024],
      [true, 1024],
    ])
    const allowed = await refusedBy(['--chunk', '9217', '--os-profile', 'linux'])
    assert(allowed.rows.every(row => row.outcome !== 'refused' && row.max_datagram_bytes === 65_507))
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
    const { code, stdout, stderr } = await bench(['run', ...flood, '--repeat', '3', '--out', 'r.csv'], {
      cwd,
    })
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

function copyTo(cwd: string): void {
  writeFileSync(join(cwd, 'picture.png'), readFileSync(PICTURE))
}

function same(one: string, other: string): boolean {
  return readFileSync(one).equals(readFileSync(other))
}
