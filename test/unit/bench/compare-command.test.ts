/** `bench compare` in this process, on files that are written here. */
import assert from 'node:assert/strict'
import { linkSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { after, before, describe, it } from 'node:test'
import stringWidth from 'string-width'
import { UsageError } from '../../../base/errors.ts'
import { dispatch } from '../../../bench/cli/dispatch.ts'
import type { Terminal } from '../../../bench/cli/terminal.ts'
import { comparisonSchema } from '../../../results/compare/json.ts'
import { COLUMNS, type TrialRecord } from '../../../results/schema/columns.ts'
import { encode } from '../../../results/store/formats.ts'
import { faster, otherRun } from '../../support/compare-samples.ts'
import { chunkSweep, mainJob, stream } from '../../support/results-samples.ts'

let folder = ''
const path = (name: string) => join(folder, name)

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-compare-'))
  const slower = otherRun(mainJob(), 'other', each => ({
    ...faster(each, 0.5),
    engine: 'native',
    os: 'darwin',
    host: 'mac',
  }))
  write('before.csv', mainJob())
  write('after.csv', slower)
  write('after.json', slower)
  write('sweep.csv', chunkSweep())
  const sides = (['a', 'b'] as const).flatMap(side => mainJob().map(each => ({ ...each, side })))
  write('sides.csv', sides)
})
after(() => rmSync(folder, { recursive: true }))

function write(name: string, records: readonly TrialRecord[]): void {
  writeFileSync(path(name), encode(name.endsWith('json') ? 'json' : 'csv', records))
}

/** Names of files among the words are in the folder. */
async function compare(words: readonly string[], width = 100) {
  const said = { out: '', err: '' }
  const out = (text: string) => {
    said.out += text
  }
  const terminal: Terminal = {
    out,
    data: out,
    err: text => {
      said.err += text
    },
    errStream: new PassThrough(),
    argv: [],
    width,
    color: false,
    live: false,
  }
  const isFile = (word: string, at: number) =>
    /^[\w-]+\.(?:csv|json)$/.test(word) && words[at - 1] !== '--base'
  const placed = words.map((word, at) => (isFile(word, at) ? path(word) : word))
  const code = await dispatch(['compare', ...placed], terminal, new AbortController().signal)
  return { code, ...said }
}

describe('bench compare', () => {
  it('compares files, whatever their format', async () => {
    const { code, out, err } = await compare(['before.csv', 'after.json'])
    assert.equal(code, 0)
    assert.equal(err, '')
    assert.match(out, /^systems\n/)
    assert.match(out, /^goodput: after\.json against before\.csv$/m)
    assert.match(out, /^os +linux +darwin$/m)
    assert.match(out, /^tcp +2\.41 .* −50\.0 % .* worse$/m)
    assert.match(out, /fewer than 5 of them only a change of 15 % or\s+more counts/)
  })

  it('takes the sides of a single file', async () => {
    const { out } = await compare(['sides.csv'])
    assert.match(out, /^goodput by side: B against A\n/)
    assert.match(out, /sign\s+test/)
  })

  it('says what a single file without sides could be compared by', async () => {
    await assert.rejects(compare(['sweep.csv']), (error: unknown) => {
      assert.ok(error instanceof UsageError)
      assert.match(
        error.message,
        /one file has nothing to compare it with; name a second one, or --by chunk, --by transport within this one/,
      )
      return true
    })
  })

  it('draws what was swept, unless it is told not to', async () => {
    const words = ['sweep.csv', '--by', 'transport']
    assert.match((await compare(words)).out, /Median goodput over chunk\n/)
    assert.doesNotMatch((await compare([...words, '--no-chart'])).out, /Median goodput over/)
    assert.match((await compare(words, 30)).out, /No charts: they\s+need\s+40\s+columns/)
  })

  it('chooses rows, the base, what tells rows apart, the metric and what counts', async () => {
    const json = async (...words: readonly string[]) =>
      comparisonSchema.parse(JSON.parse((await compare([...words, '--format', 'json'])).out))
    const filtered = await json(
      'before.csv',
      'after.csv',
      '--filter',
      'transport=udp-*',
      '--metric',
      'delivery',
    )
    assert.equal(filtered.metric.column, 'delivery_ms')
    assert.equal(filtered.filter, 'transport=udp-*')
    assert.match((await compare(['sides.csv', '--filter', 'tcp'])).out, /, only tcp\n/)
    assert.deepEqual(
      filtered.rows.map(row => row.cell['transport']),
      ['udp-header', 'udp-marker'],
    )
    assert.equal((await json('before.csv', 'after.csv', '--base', 'after.csv')).base, 1)
    assert.equal((await json('before.csv', 'after.csv', '--base', path('after.csv'))).base, 1)
    const rows = await json('before.csv', 'after.csv', '--rows', 'size')
    assert.deepEqual(rows.fields, ['size_bytes'])
    assert.equal(rows.rows.length, 1)
    const sides = await json('sides.csv', '--delta', '30%', '--base', 'B')
    assert.ok(
      sides.rows.every(row =>
        row.figures.every(each => each.change === undefined || each.change.delta === 0.3),
      ),
    )
    assert.deepEqual(
      sides.sets.map(each => each.label),
      ['A', 'B'],
    )
    assert.equal(sides.base, 1)
  })

  it('compares with the engine that is used when nobody asks, whichever was measured first', async () => {
    const by = (engine: string) => otherRun(mainJob(), engine, () => ({ engine }))
    for (const engine of ['another', 'native', 'node']) write(`${engine}.csv`, by(engine))
    const base = async (...names: readonly string[]) => {
      const words = [...names.map(name => `${name}.csv`), '--by', 'engine', '--format', 'json']
      const { base, sets } = comparisonSchema.parse(JSON.parse((await compare(words)).out))
      return sets[base]?.label
    }
    assert.equal(await base('another', 'node', 'native'), 'native')
    assert.equal(await base('another', 'node'), 'node')
    assert.equal(await base('another', 'before'), 'node')
  })

  it('takes every column that groups trials, and says of every other why not', async () => {
    for (const { name } of COLUMNS) {
      const ended = await compare(['before.csv', 'after.csv', '--by', name]).catch((error: unknown) => error)
      if (ended instanceof UsageError)
        assert.match(
          ended.message,
          /^--by[: ].*(?:all rows have the same value|was measured|cannot be compared)/,
          name,
        )
      else assert.ok(!(ended instanceof Error), `${name}: ${ended}`)
    }
  })

  it('keeps within any width', async () => {
    for (const width of [20, 33, 47, 60, 80, 110]) {
      for (const words of [
        ['before.csv', 'after.csv', 'sweep.csv'],
        ['sweep.csv', '--by', 'transport'],
        ['sides.csv'],
      ]) {
        const { out } = await compare(words, width)
        for (const line of out.split('\n')) assert.ok(stringWidth(line) <= width, `${width}: ${line}`)
      }
    }
  })

  it('uses what is valid of damaged files, and says what is not', async () => {
    const [text, other] = ['cut', 'mixed'].map(run => encode('csv', otherRun(mainJob(), run)))
    writeFileSync(path('cut.csv'), (text ?? '').slice(0, -40))
    const lines = (other ?? '').split('\r\n')
    writeFileSync(path('mixed.csv'), [lines[0], 'nonsense', ...lines.slice(2)].join('\r\n'))
    const { code, out, err } = await compare(['before.csv', 'cut.csv', 'mixed.csv', '--format', 'json'])
    assert.equal(code, 0)
    assert.match(err, /cut\.csv: .*1 of 60 rows/)
    assert.match(err, /mixed\.csv: .*1 of 60 rows/)
    assert.deepEqual(
      comparisonSchema.parse(JSON.parse(out)).sets.map(each => each.trials),
      [60, 59, 59],
    )
  })

  it('lets no text of a file steer the terminal', async () => {
    const harm = '\u001b]0;title\u0007\u009b31m\u202e|<b>'
    write(
      'harm.csv',
      otherRun(mainJob(), 'harm', () => ({ host: harm, variant: harm, file: harm })),
    )
    for (const format of ['table', 'markdown', 'csv', 'json']) {
      const { out, err } = await compare(['before.csv', 'harm.csv', '--format', format])
      assert.doesNotMatch((out + err).replaceAll('\r\n', '\n'), /[^\P{Cc}\n]|\u202e/u, format)
    }
  })

  it('tells warnings of a CSV on standard error', async () => {
    const { out, err } = await compare(['before.csv', 'after.csv', '--format', 'csv'])
    assert.match(err, /^! runs differ/)
    assert.doesNotMatch(out, /runs differ/)
  })

  const REFUSED: readonly (readonly [words: readonly string[], said: RegExp])[] = [
    [[], /files is missing|an argument is missing/],
    [['nothing.csv'], /nothing\.csv: it does not exist/],
    [['before.csv', '--by', 'oss'], /--by: no column "oss"; did you mean os\?/],
    [['before.csv', '--by', 'flavour'], /--by: no column "flavour"; name one such as os, node_version/],
    [['before.csv', '--by', 'goodput'], /goodput_bps was measured.*--metric shows it/],
    [
      ['before.csv', 'after.csv', '--by', 'arch'],
      /--by arch: all rows have the same value, x64; name another column/,
    ],
    [['sweep.csv', '--by', 'transport', '--rows', 'transport'], /--rows: --by already compares transport/],
    [['before.csv', 'after.csv', '--rows', 'os'], /--rows: "os" does not distinguish cases/],
    [
      ['before.csv', 'after.csv', '--base', 'afte.csv'],
      /--base "afte\.csv" does not exist; did you mean after\.csv\?/,
    ],
    [['before.csv', 'after.csv', '--metric', 'speed'], /--metric: unknown metric "speed"/],
    [['before.csv', 'after.csv', '--delta', '5'], /--delta: .*"5".*5%/],
    [['before.csv', 'after.csv', '--format', 'html'], /--format: "html" is not one of/],
    [['before.csv', 'after.csv', '--filter', 'transport=sctp'], /before\.csv.*transport=sctp|transport=sctp/],
    [['before.csv', 'after.csv', '--filter', 'colour=red'], /--filter: .*colour/],
    [['before.csv', 'after.csv', '--filter', 'engine=node'], /only before\.csv has rows that can be used/],
  ]
  for (const [words, said] of REFUSED) {
    it(`refuses ${words.join(' ') || 'no file'}`, async () => {
      await assert.rejects(compare(words), (error: unknown) => {
        assert.ok(error instanceof UsageError, `${error}`)
        assert.match(error.message, said)
        assert.doesNotMatch(error.message, /\n/)
        return true
      })
    })
  }

  it('refuses more sets than anybody reads', async () => {
    write(
      'many.csv',
      Array.from({ length: 60 }, (_, index) => stream(1e9, { run_id: `run-${index}` })),
    )
    await assert.rejects(
      compare(['many.csv', '--by', 'run_id']),
      /--by run_id: 60 values are too many to compare; choose at most 50 with --filter/,
    )
  })
})

describe('files that share a run', () => {
  it('are compared by what each has alone, and that is said', async () => {
    const [header = '', ...rows] = readFileSync(path('before.csv'), 'utf8').split('\r\n')
    const [, ...others] = readFileSync(path('after.csv'), 'utf8').split('\r\n')
    writeFileSync(path('both.csv'), [header, ...rows.filter(row => row !== ''), ...others].join('\r\n'))
    const [apart, shared] = [
      await compare(['before.csv', 'after.csv', '--format', 'json']),
      await compare(['before.csv', 'both.csv', '--format', 'json']),
    ]
    assert.match(shared.err, /both\.csv: \d+ of \d+ rows left out: before\.csv has these trials too\n/)
    assert.equal(shared.out, apart.out.replaceAll('after.csv', 'both.csv'))
    assert.doesNotMatch(apart.err, /left out/)
  })

  it('are compared all the same where one has nothing of its own, whatever leads to it, and that is said', async () => {
    linkSync(path('before.csv'), path('linked.csv'))
    writeFileSync(path('copy.csv'), readFileSync(path('before.csv')))
    for (const other of ['before.csv', 'linked.csv', `${folder}/./before.csv`, 'copy.csv']) {
      const { out, err } = await compare(['before.csv', other])
      assert.match(err, /: it has trials of the same run as \S*before\.csv.*: the two cannot differ\n/)
      assert.match(out, /1\.00/)
      assert.doesNotMatch(out, /better|worse/)
    }
  })
})
