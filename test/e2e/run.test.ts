/** `bench run` from the outside: the rows, the formats and files, and the scenarios. */
import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from 'node:test'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { parseRecord } from '../../results/schema/record.ts'
import { test } from '../support/patient.ts'
import { assertOneLine, bench, benchProcess, folder, PICTURE } from './cli.ts'
import { assertLaw, assertRounds, caseOf, parseCsv, parseRows, readCsv } from './rows.ts'

const ALL = ['--transport', 'tcp,udp-header,udp-marker,udp-datagram']
const QUICK = ['--repeat', '1', '--warmup', '0']
/** Enough for a chart of rounds. */
const FEW = '--size 4k --repeat 6 --warmup 0 --rate 100M --transport tcp,udp-header'.split(' ')

const READERS = {
  csv: parseCsv,
  json: (text: string): TrialRecord[] => JSON.parse(text).records.map(parseRecord),
  jsonl: parseRows,
}

describe('bench run', { concurrency: 2 }, () => {
  test('writes every combination once a round, in changing order, to a new file in bench-results', async context => {
    const cwd = folder(context)
    const lists = [
      '--size',
      '16k,3000',
      '--size',
      '1',
      '--chunk',
      '1024,4k',
      '--repeat',
      '3',
      '--warmup',
      '0',
      ...ALL,
    ]
    const { code, stdout, stderr } = await benchProcess(['run', ...lists], { cwd })
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
    const runs = [1, 2].map(() => benchProcess(['run', '--size', '1k', ...QUICK], { cwd }))
    for (const { code, stderr } of await Promise.all(runs)) assert.equal(code, 0, stderr)
    const files = readdirSync(join(cwd, 'bench-results')).filter(name => name.endsWith('.csv'))
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
    assert.deepEqual(readdirSync(cwd).sort(), ['rows.csv', 'rows.json', 'rows.jsonl', 'rows.run.json'])
  })

  test('a file that exists is overwritten with --force only; -q says nothing but the results', async context => {
    const cwd = folder(context)
    writeFileSync(join(cwd, 'rows.csv'), 'precious')
    const words = ['run', ...FEW, '-q', '--out', 'rows.csv']
    const refused = await bench(words, { cwd })
    assert.equal(refused.code, 2)
    assertOneLine(refused, 'rows.csv', 'exists', '--force')
    assert.equal(readFileSync(join(cwd, 'rows.csv'), 'utf8'), 'precious')
    const forced = await bench([...words, '--force'], { cwd })
    assert.equal(forced.code, 0)
    assertRounds(readCsv(join(cwd, 'rows.csv')), 6, 2)
    assert.equal(forced.stderr, '')
    assert.doesNotMatch(forced.stdout, /Goodput of each trial/)
    assert.match(forced.stdout, /^Outcomes: 6 completed in each case\.$/m)
  })

  test('--no-chart leaves the charts out', async context => {
    const cwd = folder(context)
    const words = ['run', ...FEW]
    assert.match((await bench(words, { cwd })).stdout, /Goodput of each trial/)
    const plain = await bench([...words, '--no-chart'], { cwd })
    assert.doesNotMatch(plain.stdout, /Goodput of each trial/)
    assert.match(plain.stdout, /^Outcomes: 6 completed in each case\.$/m)
  })

  test('--keep saves exactly the bytes of every file, whatever its chunks look like', async context => {
    const cwd = folder(context)
    mkdirSync(join(cwd, 'kept'))
    writeFileSync(join(cwd, 'odd, "tiny".txt'), 'endbinendbinbinendXYZbin')
    writeFileSync(join(cwd, 'end'), 'end')
    copyTo(cwd)
    const files = ['--file', 'odd, "tiny".txt', '--file', 'end', '--file', 'picture.png']
    const words = [...files, '--chunk', '3,1024', ...QUICK, '--rate', '40M', '--rcvbuf', '4m']
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

  test('every built-in scenario runs; flags override what it says; several are one run, and nothing that is kept is overwritten', async context => {
    const cwd = folder(context)
    mkdirSync(join(cwd, 'kept'))
    const names = ['ci', 'datagrams', 'macos-limit', 'picture', 'sizes']
    // Named twice it is measured once.
    const words = [...names, 'ci', '--size', '70k', ...QUICK, '--no-chart', '--keep', 'kept']
    const { code, stderr, stdout } = await bench(['run', ...words], { cwd })
    assert.equal(code, 0, stderr)
    const [file = ''] = readdirSync(join(cwd, 'bench-results'))
    assert.match(file, /^\d{8}T\d{6}Z-ci\+datagrams\+macos-limit\+picture\+sizes\.csv$/)
    const rows = readCsv(join(cwd, 'bench-results', file))
    assertLaw(rows)
    // Trials are numbered on.
    assert.deepEqual(
      rows.map(row => row.trial),
      rows.map((_, index) => index + 1),
    )
    const arrived = rows.filter(row => (row.bytes_delivered ?? 0) > 0)
    assert.equal(readdirSync(join(cwd, 'kept')).length, arrived.length)
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

  test('a scenario of one’s own: engine, kept and sent files are as it says, beside it; flags win over it', async context => {
    const cwd = folder(context)
    mkdirSync(join(cwd, 'deep'))
    writeFileSync(join(cwd, 'deep', 'note.txt'), 'hello, world')
    const lines = ['file: note.txt', 'transport: [tcp, udp-marker]', 'repeat: 3', 'warmup: 0', 'seed: 5']
    const places = ['engine: node', 'keep: kept']
    writeFileSync(join(cwd, 'deep', 'my notes.yaml'), `${[...lines, ...places].join('\n')}\n`)
    const words = ['deep/my notes.yaml', '--repeat', '2', '--chunk', '5']
    const { code, stderr } = await bench(['run', ...words], { cwd })
    assert.equal(code, 0, stderr)
    const [file = ''] = readdirSync(join(cwd, 'bench-results'))
    assert.match(file, /Z-my-notes\.csv$/)
    const rows = readCsv(join(cwd, 'bench-results', file))
    assertRounds(rows, 2, 2)
    assert(rows.every(row => row.file === 'note.txt' && row.chunk_bytes === 5 && row.seed === 5))
    assert(rows.every(row => row.size_bytes === 12 && row.outcome === 'completed'))
    assert(rows.every(row => row.engine === 'node'))
    const kept = readdirSync(join(cwd, 'deep', 'kept')).map(name => join(cwd, 'deep', 'kept', name))
    assert.equal(kept.length, 4)
    assert(kept.every(name => same(name, join(cwd, 'deep', 'note.txt'))))
  })
})

function copyTo(cwd: string): void {
  writeFileSync(join(cwd, 'picture.png'), readFileSync(PICTURE))
}

function same(one: string, other: string): boolean {
  return readFileSync(one).equals(readFileSync(other))
}
