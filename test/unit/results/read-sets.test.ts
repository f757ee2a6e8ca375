import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { labelsOf } from '../../../results/read/labels.ts'
import { type ReadOptions, readRecords, readTrials } from '../../../results/read/read.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import { parseSelector } from '../../../results/select/selector.ts'
import { encode } from '../../../results/store/formats.ts'
import { otherRun } from '../../support/compare-samples.ts'
import { asWritten, pairsAt, resultFiles } from '../../support/result-files.ts'
import { chunkSweep, mainJob, stream } from '../../support/results-samples.ts'

const GOODPUT: ReadOptions = { numbers: ['goodput_bps'] }
const ONE: ReadOptions = { ...GOODPUT, together: 'all' }

describe('a set of trials', () => {
  it('makes a set a file, named by what tells the files apart', async () => {
    using files = resultFiles()
    const paths = ['a.csv', 'b.csv'].map(name => files.write(name, encode('csv', otherRun(mainJob(), name))))
    const { sets, problems } = await readTrials(paths, GOODPUT)
    assert.deepEqual(
      sets.map(({ label }) => label),
      ['a.csv', 'b.csv'],
    )
    assert.deepEqual(problems, [])
    assert.deepEqual(
      sets.map(({ cells }) => cells[0]?.count),
      [20, 20],
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
    // The default of a setting first, whatever the alphabet says.
    const asked = (...each: readonly Partial<TrialRecord>[]) => each.flatMap(extra => pairsAt('12', extra))
    assert.deepEqual(await labels('workload', asked({ workload: 'echo' }, { workload: 'transfer' })), [
      'transfer',
      'echo',
    ])
    assert.deepEqual(await labels('workload', asked({ workload: 'echo' }, {})), ['transfer', 'echo'])
    assert.deepEqual(await labels('congestion_asked', asked({ congestion_asked: 'bbr' }, {})), [
      'none',
      'bbr',
    ])
    assert.deepEqual(await labels('rate_bps', asked({ rate_bps: 1e8 }, { rate_bps: 2e7 }, {})), [
      'none',
      '20000000',
      '100000000',
    ])
    assert.deepEqual(await labels('pinned_cpus', asked({ pinned_cpus: '0,1' }, {})), ['none', '0,1'])
    assert.deepEqual(
      await labels('direction', asked({ direction: 'bidir-forward' }, { direction: 'forward' })),
      ['forward', 'bidir-forward'],
    )
    assert.deepEqual(
      await labels('workload', pairsAt('08', { workload: 'echo' }), pairsAt('12', { workload: 'transfer' })),
      ['transfer', 'echo'],
      'whichever file comes first',
    )
    assert.deepEqual(await labels('side', [...pairsAt('12'), ...pairsAt('13', { side: undefined })]), [
      'a',
      'b',
      'none',
    ])
    assert.deepEqual(await labels('nodelay', asked({ nodelay: false }, { nodelay: true })), ['true', 'false'])
    // UDP has none: nothing that the others could be compared with.
    assert.deepEqual(await labels('nodelay', asked({ nodelay: undefined }, { nodelay: false })), [
      'false',
      'none',
    ])
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
    assert.match(problems[0]?.message ?? '', /b\.csv: 2 of 8 rows left out: their trials were read before/)
  })
})

describe('a run that several files hold', () => {
  it('is in the set of the first, and the others have what is theirs alone', async () => {
    using files = resultFiles()
    const a = files.write('a.csv', encode('csv', pairsAt('12')))
    const both = files.write('both.csv', encode('csv', [...pairsAt('12'), ...pairsAt('14')]))
    const { sets, problems } = await readTrials([a, both], GOODPUT)
    assert.deepEqual(
      sets.map(({ label, runs }) => [label, runs.map(({ trials }) => trials)]),
      [
        ['a.csv', [6]],
        ['both.csv', [6]],
      ],
    )
    assert.equal(sets[1]?.environment.get('os')?.get('linux'), 6)
    assert.notEqual(sets[0]?.runs[0]?.id, sets[1]?.runs[0]?.id)
    assert.deepEqual(
      problems.map(({ message }) => message.replace(both, 'both.csv')),
      ['both.csv: 6 of 12 rows left out: a.csv has these trials too'],
    )
  })

  it('stays in both where each has trials of its own, as the sides of pairs that were kept apart', async () => {
    using files = resultFiles()
    const rows = pairsAt('12')
    const paths = ['a', 'b'].map((name, half) =>
      files.write(`${name}.csv`, encode('csv', rows.slice(half * 3, half * 3 + 3))),
    )
    const { sets, problems } = await readTrials(paths, GOODPUT)
    assert.deepEqual(
      sets.map(({ runs }) => runs[0]?.trials),
      [3, 3],
    )
    assert.deepEqual(problems, [])
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

  it('is found for a history of any length', () => {
    const paths = Array.from({ length: 20_000 }, (_, index) => `kept/${index}.csv`)
    assert.equal(labelsOf([...paths, 'other/0.csv'])[0], 'kept/0.csv')
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

  it('knows the rows of a trial by their flow, which is 1 in files of older versions', async () => {
    using files = resultFiles()
    const rows = [1, 2, undefined].map(flow => stream(1e9, { flow }))
    const path = files.write('a.csv', encode('csv', rows))
    const { records } = await readRecords([path])
    assert.deepEqual(
      records.map(({ flow }) => flow),
      [1, 2],
    )
    const { sets } = await readTrials([path], GOODPUT)
    assert.equal(sets[0]?.cells[0]?.count, 2)
    const halves = rows.slice(1).map((row, at) => files.write(`${at}.csv`, encode('csv', [row])))
    const merged = await readTrials([path, ...halves], ONE)
    assert.equal(merged.sets[0]?.cells[0]?.count, 2)
  })

  it('gives the records of each file, and those of a run that two files hold once', async () => {
    using files = resultFiles()
    const paths = ['a.csv', 'b.jsonl'].map(name =>
      files.write(name, encode(name === 'a.csv' ? 'csv' : 'jsonl', mainJob())),
    )
    const together = await readRecords(paths)
    assert.deepEqual(
      together.files.map(({ length }) => length),
      [60, 0],
    )
    assert.match(
      together.problems[0]?.message ?? '',
      /b\.jsonl: 60 of 60 rows left out: a\.csv has these trials/,
    )
  })

  it('says how many rows are more than it holds', async () => {
    using files = resultFiles()
    for (const format of ['csv', 'json', 'jsonl'] as const) {
      const path = files.write(`a.${format}`, encode(format, mainJob()))
      const { records, problems } = await readRecords([path], { most: 25 })
      assert.deepEqual(records, asWritten(mainJob().slice(0, 25)))
      assert.deepEqual(
        problems.map(({ message, rowsSkipped }) => [message.replace(path, ''), rowsSkipped]),
        [[': 35 of 60 rows not read: there are more than fit in memory; choose with --filter', 35]],
      )
    }
  })
})
