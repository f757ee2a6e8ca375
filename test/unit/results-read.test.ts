import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TrialRecord } from '../../results/columns.ts'
import { encode, type Format } from '../../results/formats.ts'
import { OUTCOMES } from '../../results/outcome.ts'
import { labelsOf } from '../../results/read/labels.ts'
import { type ReadOptions, readRecords, readTrials } from '../../results/read/read.ts'
import { trialSet } from '../../results/read/trial-set-builder.ts'
import { parseSelector } from '../../results/select/selector.ts'
import { chunkSweep, datagrams, mainJob, refused, stream } from '../results-samples.ts'
import { changedCsv, plainSet, resultFiles } from '../support/result-files.ts'

const GOODPUT: ReadOptions = { numbers: ['goodput_bps'] }
const ONE: ReadOptions = { ...GOODPUT, together: 'all' }

/** The rows of the CSV as records have them: what was rounded stays so. */
const asWritten = (records: readonly TrialRecord[]): readonly TrialRecord[] => {
  const document: { records: TrialRecord[] } = JSON.parse(encode('json', records))
  return document.records
}

/** Trials of a run that began at this hour, one of each side a round. */
function pairsAt(hour: string, values: Partial<TrialRecord> = {}): TrialRecord[] {
  return Array.from({ length: 6 }, (_, index) =>
    stream(1e9 + index, {
      run_id: `20260301T${hour}0000Z-abcd`,
      started_at: `2026-03-01T${hour}:00:0${index}.000Z`,
      round: 1 + Math.floor(index / 2),
      trial: index + 1,
      // The order within a round is a matter of the seed.
      side: (index + (index >> 1)) % 2 === 0 ? 'b' : 'a',
      ...values,
    }),
  )
}

describe('readTrials', () => {
  for (const format of ['csv', 'json', 'jsonl'] as const) {
    it(`gives of ${format} what trials that were just measured give`, async () => {
      using files = resultFiles()
      const records = [...mainJob(), ...chunkSweep(), refused({ trial: 99 })]
      const path = files.write(`job.${format}`, encode(format, records))
      const [numbers, texts] = [
        ['goodput_bps', 'payload_intact', 'chunk_bytes'],
        ['error_code', 'transport'],
      ] as const
      const { sets, problems } = await readTrials([path], { numbers, texts })
      assert.deepEqual(problems, [])
      const made = trialSet(`job.${format}`, asWritten(records), { numbers, texts })
      assert.deepEqual(
        sets.map(set => plainSet(set, numbers, texts)),
        [plainSet(made, numbers, texts)],
      )
    })
  }

  it('finds the format in the text, whatever the name says', async () => {
    using files = resultFiles()
    for (const [name, format] of [
      ['rows.txt', 'jsonl'],
      ['rows.csv', 'json'],
      ['rows.json', 'csv'],
      ['rows', 'csv'],
    ] as readonly (readonly [string, Format])[]) {
      const { sets } = await readTrials([files.write(name, encode(format, mainJob()))], GOODPUT)
      assert.equal(sets[0]?.cells.length, 3, name)
    }
  })

  it('reads JSON that another tool has laid out anew', async () => {
    using files = resultFiles()
    const document = JSON.parse(encode('json', mainJob()))
    for (const text of [
      JSON.stringify(document, null, 2),
      JSON.stringify(document),
      JSON.stringify(document.records, null, 1),
      `\n${JSON.stringify(document.records)}\n`,
    ]) {
      const { sets, problems } = await readTrials([files.write('a.json', text)], GOODPUT)
      assert.deepEqual(problems, [])
      assert.equal(
        sets[0]?.cells.reduce((sum, { count }) => sum + count, 0),
        60,
      )
    }
  })

  it('orders trials by run, round and trial, and runs by when they began, in whatever order rows stand', async () => {
    using files = resultFiles()
    const [late, early] = [pairsAt('12'), pairsAt('08', { commit: 'c0ffee' })]
    const rows = [...late, ...early]
    const path = files.write('a.csv', encode('csv', rows))
    const turned = files.write('b.csv', encode('csv', rows.toReversed()))
    const { sets } = await readTrials([path, turned], GOODPUT)
    const [first, second] = sets.map(set => ({ ...Object(plainSet(set, ['goodput_bps'])), label: '' }))
    assert.deepEqual(first, second)
    assert.deepEqual(sets[0]?.runs, [
      { id: '20260301T080000Z-abcd', startedAt: '2026-03-01T08:00:00.000Z', commit: 'c0ffee', trials: 6 },
      { id: '20260301T120000Z-abcd', startedAt: '2026-03-01T12:00:00.000Z', commit: undefined, trials: 6 },
    ])
    const [a] = sets[0]?.cells ?? []
    assert.equal(a?.cell.side, 'a')
    assert.deepEqual([...(a?.runs ?? [])], [0, 0, 0, 1, 1, 1])
    assert.deepEqual([...(a?.rounds ?? [])], [1, 2, 3, 1, 2, 3])
  })

  it('gives empty cells as NaN, and outcomes by their number', async () => {
    using files = resultFiles()
    const path = files.write('a.csv', encode('csv', [refused(), datagrams(1e9, 5, { trial: 2, round: 2 })]))
    const { sets } = await readTrials([path], { ...GOODPUT, texts: ['error_code'] })
    const [cell] = sets[0]?.cells ?? []
    assert.deepEqual([...(cell?.numbers('goodput_bps') ?? [])], [Number.NaN, 1e9])
    assert.deepEqual(
      [...(cell?.outcomes ?? [])].map(each => OUTCOMES[each]),
      ['refused', 'incomplete'],
    )
    assert.deepEqual(cell?.texts('error_code'), ['EMSGSIZE', undefined])
    assert.throws(() => cell?.numbers('total_ms'), /not asked for the column total_ms/)
    assert.throws(() => cell?.texts('host'), /not asked for the column host/)
  })

  it('counts the values of the environment, but not those that are empty', async () => {
    using files = resultFiles()
    const rows = pairsAt('12').map((row, index) => ({ ...row, os: index < 4 ? 'linux' : 'darwin' }))
    const { sets } = await readTrials([files.write('a.csv', encode('csv', rows))], GOODPUT)
    assert.deepEqual(
      sets[0]?.environment.get('os'),
      new Map([
        ['linux', 4],
        ['darwin', 2],
      ]),
    )
    assert.deepEqual(sets[0]?.environment.get('cpu_count'), new Map([['2', 6]]))
    assert.equal(sets[0]?.environment.get('sender_os'), undefined)
  })

  it('takes rows that a filter chooses, by the cell or by what was measured', async () => {
    using files = resultFiles()
    const path = files.write('a.csv', encode('csv', mainJob()))
    const counts = async (filter: string) => {
      const { sets } = await readTrials([path], { ...GOODPUT, filter: parseSelector(filter) })
      return sets[0]?.cells.map(({ cell, count }) => [cell.transport, count])
    }
    assert.deepEqual(await counts('udp-* size=800k'), [
      ['udp-header', 20],
      ['udp-marker', 20],
    ])
    assert.deepEqual(await counts('udp-header datagrams_lost=0'), [['udp-header', 2]])
    assert.deepEqual(await counts('tcp started_at>2026 round<=3 host=bench-*'), [['tcp', 3]])
  })

  it('makes a set a file, named by what tells the files apart', async () => {
    using files = resultFiles()
    const [a, b] = ['a.csv', 'b.csv'].map(name => files.write(name, encode('csv', mainJob())))
    const { sets, problems } = await readTrials([a ?? '', b ?? '', a ?? ''], GOODPUT)
    assert.deepEqual(
      sets.map(({ label }) => label),
      ['a.csv', 'b.csv', 'a.csv (2)'],
    )
    assert.deepEqual(problems, [])
    assert.deepEqual(
      sets.map(({ cells }) => cells[0]?.count),
      [20, 20, 20],
    )
  })

  it('makes a set of each value of a column, in the order of files, runs and values', async () => {
    using files = resultFiles()
    const labels = async (by: NonNullable<ReadOptions['by']>, ...rows: (readonly TrialRecord[])[]) => {
      const paths = rows.map((each, index) => files.write(`${index}.csv`, encode('csv', each)))
      const { sets } = await readTrials(paths, { ...GOODPUT, by })
      return sets.map(({ label }) => label)
    }
    assert.deepEqual(await labels('side', pairsAt('12')), ['a', 'b'])
    const version = (hour: string, node_version: string) => pairsAt(hour, { node_version })
    assert.deepEqual(await labels('node_version', version('12', '9.1.0'), version('08', '10.0.0')), [
      '9.1.0',
      '10.0.0',
    ])
    assert.deepEqual(
      await labels('commit', [...pairsAt('12', { commit: 'aa' }), ...pairsAt('08', { commit: 'ff' })]),
      ['ff', 'aa'],
    )
    assert.deepEqual(await labels('chunk_bytes', chunkSweep()), [
      '64',
      '512',
      '1024',
      '1472',
      '9216',
      '32768',
      '65507',
      '65508',
    ])
    assert.deepEqual(await labels('variant', mainJob()), ['none'])
    const [header, row = ''] = encode('csv', [stream(1e9)]).split('\r\n')
    const many = Array.from({ length: 10_001 }, (_, index) => row.replace('1000000000', String(index)))
    const path = files.write('many.csv', [header, ...many, ''].join('\r\n'))
    await assert.rejects(
      readTrials([path], { ...GOODPUT, by: 'goodput_bps' }),
      /^UsageError: the column goodput_bps has over 10,000 values, which are too many sets; choose one with few/,
    )
  })

  it('makes one set of all files when asked to', async () => {
    using files = resultFiles()
    const paths = ['12', '08'].map(hour => files.write(`${hour}.csv`, encode('csv', pairsAt(hour))))
    const { sets } = await readTrials(paths, ONE)
    assert.deepEqual(
      sets.map(({ label, runs }) => [label, runs.length]),
      [['all', 2]],
    )
  })

  it('counts a trial once in a set, and says which file had it again', async () => {
    using files = resultFiles()
    const a = files.write('a.csv', encode('csv', pairsAt('12')))
    const b = files.write('b.csv', encode('csv', [...pairsAt('12').slice(0, 2), ...pairsAt('14')]))
    const { sets, problems } = await readTrials([a, b], ONE)
    assert.deepEqual(
      sets[0]?.runs.map(({ trials }) => trials),
      [6, 6],
    )
    assert.equal(sets[0]?.environment.get('os')?.get('linux'), 12)
    assert.deepEqual(
      problems.map(({ path, rowsSkipped, rowsRead }) => [path, rowsSkipped, rowsRead]),
      [[b, 2, 8]],
    )
    assert.match(problems[0]?.message ?? '', /b\.csv: 2 of 8 rows left out: of trials that were read before/)
  })

  it('takes older files, newer ones, and columns in any order', async () => {
    using files = resultFiles()
    const whole = plainSet(trialSet('a.csv', asWritten(mainJob()), GOODPUT), ['goodput_bps'])
    const read = async (text: string) => {
      const { sets, problems } = await readTrials([files.write('a.csv', text)], GOODPUT)
      assert.deepEqual(
        sets.map(set => plainSet(set, ['goodput_bps'])),
        [whole],
      )
      return problems.map(({ message }) => message.replace(/.*a\.csv: /, ''))
    }
    const turned = changedCsv(mainJob(), rows => rows.map(row => row.toReversed()))
    assert.deepEqual(await read(turned), [])
    const older = changedCsv(mainJob(), (rows, at) =>
      rows.map(row => row.filter((_, index) => ![at('side'), at('commit'), at('seed')].includes(index))),
    )
    assert.deepEqual(await read(older), [
      'the columns commit, side missing (did another version write it?): taken as empty',
    ])
    const newer = changedCsv(mainJob(), rows =>
      rows.map((row, index) => [index ? '5, "x"' : 'moon_phase', ...row]),
    )
    assert.deepEqual(await read(newer), [
      'an unknown column "moon_phase" not used (did a newer version write it?)',
    ])
    const crlf = encode('csv', mainJob())
    assert.deepEqual(await read(crlf.replaceAll('\r\n', '\n')), [])
    assert.deepEqual(await read(`\ufeff${crlf}`), [])
    assert.deepEqual(await read(crlf.replaceAll('\r\n', '\r\n\r\n')), [])
    const glued = crlf + older.slice(0, older.indexOf('\r\n') + 2)
    assert.deepEqual(await read(glued), [
      'the columns commit, side missing (did another version write it?): taken as empty',
    ])
  })

  it('reads quoted texts with commas, quotes and line breaks', async () => {
    using files = resultFiles()
    const texts = ['a,b', 'say "so"', 'two\r\nlines', 'and\nthree\n', '"', ' ', 'é€😀', '""']
    const rows = texts.map((error_message, index) =>
      stream(1e9, { error_message, cpu_model: `${error_message},`, trial: index + 1, round: index + 1 }),
    )
    const { sets } = await readTrials([files.write('a.csv', encode('csv', rows))], {
      numbers: [],
      texts: ['error_message'],
    })
    assert.deepEqual(sets[0]?.cells[0]?.texts('error_message'), texts)
    assert.deepEqual(
      [...(sets[0]?.environment.get('cpu_model')?.keys() ?? [])],
      texts.map(text => `${text},`),
    )
  })

  it('reads standard input once', async () => {
    const text = encode('csv', mainJob())
    const input = async function* () {
      yield Buffer.from(text.slice(0, 5000))
      yield Buffer.from(text.slice(5000))
    }
    const { sets } = await readTrials(['-'], { ...GOODPUT, input: input() })
    assert.equal(sets[0]?.label, 'standard input')
    assert.equal(sets[0]?.cells.length, 3)
    await assert.rejects(
      readTrials(['-', '-'], GOODPUT),
      /^UsageError: standard input \(-\) is named more than once/,
    )
  })
})

describe('the label of a file', () => {
  it('is the shortest name that no other file has', () => {
    for (const [paths, labels] of [
      [
        ['runs/a.csv', 'runs/b.csv'],
        ['a.csv', 'b.csv'],
      ],
      [
        ['old/a.csv', 'new/a.csv', 'b.csv'],
        ['old/a.csv', 'new/a.csv', 'b.csv'],
      ],
      [
        ['/x/old/a.csv', '/y/old/a.csv'],
        ['x/old/a.csv', 'y/old/a.csv'],
      ],
      [
        ['a.csv', 'x/a.csv'],
        ['a.csv', 'x/a.csv'],
      ],
      [
        ['./a.csv', 'a.csv', 'a.csv'],
        ['a.csv', 'a.csv (2)', 'a.csv (3)'],
      ],
      [
        ['-', 'a.csv'],
        ['standard input', 'a.csv'],
      ],
    ] as const)
      assert.deepEqual(labelsOf(paths), labels)
  })
})

describe('readRecords', () => {
  it('gives whole records in the order of the files, and each trial once', async () => {
    using files = resultFiles()
    const path = files.write('a.csv', encode('csv', mainJob()))
    const once = await readRecords([path])
    assert.deepEqual(once.records, asWritten(mainJob()))
    assert.deepEqual(once.problems, [])
    const twice = await readRecords([path, path], { filter: parseSelector('tcp') })
    assert.deepEqual(twice.records, asWritten(mainJob().slice(0, 20)))
    assert.deepEqual(
      twice.problems.map(({ rowsSkipped }) => rowsSkipped),
      [20],
    )
  })

  it('gives the records of each file, and looks at files apart when asked to', async () => {
    using files = resultFiles()
    const paths = ['a.csv', 'b.jsonl'].map(name =>
      files.write(name, encode(name === 'a.csv' ? 'csv' : 'jsonl', mainJob())),
    )
    const together = await readRecords(paths)
    assert.deepEqual(
      together.files.map(({ length }) => length),
      [60, 0],
    )
    const apart = await readRecords(paths, { apart: true })
    assert.deepEqual(apart.files, [asWritten(mainJob()), asWritten(mainJob())])
    assert.deepEqual(apart.problems, [])
  })

  it('says how many rows are more than it holds', async () => {
    using files = resultFiles()
    for (const format of ['csv', 'json', 'jsonl'] as const) {
      const path = files.write(`a.${format}`, encode(format, mainJob()))
      const { records, problems } = await readRecords([path], { most: 25 })
      assert.deepEqual(records, asWritten(mainJob().slice(0, 25)))
      assert.deepEqual(
        problems.map(({ message, rowsSkipped }) => [message.replace(path, ''), rowsSkipped]),
        [[': 35 of 60 rows not looked at: there are more than can be held; choose with --filter', 35]],
      )
    }
  })
})
