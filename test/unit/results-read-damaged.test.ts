import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { UsageError } from '../../bench/errors.ts'
import type { ColumnName } from '../../results/columns.ts'
import { encode } from '../../results/formats.ts'
import { type ReadOptions, readRecords, readTrials } from '../../results/read/read.ts'
import { parseSelector } from '../../results/select/selector.ts'
import { mainJob, stream } from '../results-samples.ts'
import { changedCsv, resultFiles } from '../support/result-files.ts'

const OPTIONS: ReadOptions = { numbers: ['goodput_bps', 'loss_ratio', 'payload_intact'] }

interface Outcome {
  /** Trials of the set that were used. */
  readonly used: number
  /** Messages, without the path. */
  readonly told: readonly string[]
  /** Rows left out, as the problems count them. */
  readonly skipped: number
}

/** Reads a whole file, so that there is a set, and a damaged one. */
async function read(
  text: string | Uint8Array,
  options: ReadOptions = OPTIONS,
  name = 'b.csv',
): Promise<Outcome> {
  using files = resultFiles()
  const whole = files.write('whole.csv', encode('csv', mainJob()))
  const { sets, problems } = await readTrials([whole, files.write(name, text)], options)
  for (const { message, rowsRead, rowsSkipped } of problems) {
    assert.doesNotMatch(message, /\n/)
    assert.ok(rowsSkipped <= rowsRead)
  }
  return {
    used: sets.find(({ label }) => label === name)?.cells.reduce((sum, { count }) => sum + count, 0) ?? 0,
    told: problems.map(({ message }) => message.replace(/^.*?b\.[a-z]+: /, '')),
    skipped: problems.reduce((sum, { rowsSkipped }) => sum + rowsSkipped, 0),
  }
}

/** The main job with this text in a cell of the row of this index. */
function withCell(row: number, name: ColumnName, text: string): string {
  return changedCsv(mainJob(), (rows, column) =>
    rows.map((cells, at) => (at === row + 1 ? cells.with(column(name), text) : cells)),
  )
}

const CSV = encode('csv', mainJob())
const LINES = CSV.split('\r\n').slice(0, -1)

describe('a bad cell', () => {
  it('costs its row, which is told by line, column and value', async () => {
    for (const [name, text, reason] of [
      ['goodput_bps', 'NaN', 'not a number: "NaN"'],
      ['goodput_bps', 'Infinity', 'not a number: "Infinity"'],
      ['goodput_bps', '-1e999', 'not a number: "-1e999"'],
      ['goodput_bps', '0x10', 'not a number: "0x10"'],
      ['goodput_bps', '1,5', 'not a number: "1,5"'],
      ['loss_ratio', '25', 'not a number from 0 to 1: "25"'],
      ['payload_intact', 'yes', 'neither true nor false: "yes"'],
      ['outcome', 'great', 'not one of completed, incomplete, refused, timed-out, failed: "great"'],
      ['round', '1.5', 'not a whole number from 0 to 4294967295: "1.5"'],
      ['trial', '5000000000', 'not a whole number from 0 to 4294967295: "5000000000"'],
      ['size_bytes', '-1', 'not a whole number of 0 or more: "-1"'],
      ['zerocopy', 'TRUE', 'neither true nor false: "TRUE"'],
      ['transport', '', 'it is empty'],
      ['run_id', '', 'it is empty'],
      ['started_at', '', 'it is empty'],
      ['goodput_bps', `9${'x'.repeat(99)}`, `not a number: "9${'x'.repeat(37)}…`],
    ] as const) {
      const told = [`1 of 60 rows left out; the first, line 19: column ${name}: ${reason}`]
      assert.deepEqual(await read(withCell(17, name, text)), { used: 59, told, skipped: 1 }, name)
    }
  })

  it('is quoted without what moves a cursor', async () => {
    const { told } = await read(withCell(17, 'goodput_bps', '\u001b[2J\u009b2J\u0007\n'))
    assert.doesNotMatch(told[0] ?? '', /\p{Cc}/u)
  })

  it('in a column that nobody looks at costs nothing', async () => {
    for (const [name, text] of [
      ['seed', 'x'],
      ['delivery_ms', 'NaN'],
      ['limit_emulated', ''],
      ['cpu_count', 'many'],
      ['host', ''],
    ] as const)
      assert.deepEqual(await read(withCell(17, name, text)), { used: 60, told: [], skipped: 0 }, name)
  })

  it('counts where a filter looks, and everywhere for whole records', async () => {
    const filter = parseSelector('delivery>0')
    assert.equal((await read(withCell(17, 'delivery_ms', 'NaN'), { ...OPTIONS, filter })).skipped, 1)
    assert.equal(
      (await read(withCell(17, 'cpu_count', 'many'), { ...OPTIONS, filter: parseSelector('cpu_count>0') }))
        .skipped,
      1,
    )
    using files = resultFiles()
    for (const [name, text] of [
      ['seed', 'x'],
      ['limit_emulated', ''],
      ['cpu_count', 'many'],
      ['host', ''],
    ] as const) {
      const { records, problems } = await readRecords([files.write('b.csv', withCell(17, name, text))])
      assert.equal(records.length, 59)
      assert.match(problems[0]?.message ?? '', new RegExp(`line 19: column ${name}: `))
    }
  })

  it('takes numbers as other programs write them', async () => {
    for (const text of [
      '2.41e9',
      '2.41E+09',
      ' 12',
      '+5',
      '.5',
      '5.',
      '-3',
      '12345678901234567890.123',
      '-0',
    ])
      assert.deepEqual(
        await read(withCell(17, 'goodput_bps', text)),
        { used: 60, told: [], skipped: 0 },
        text,
      )
  })
})

describe('a row', () => {
  it('that is cut off at the end is left out', async () => {
    const told = ['1 of 60 rows left out; the first, line 61: it is cut off']
    for (const cut of [2, 3, 40, 200])
      assert.deepEqual(await read(CSV.slice(0, -cut)), { used: 59, told, skipped: 1 }, `${cut}`)
    // Between CR and LF nothing is missing.
    assert.deepEqual(await read(CSV.slice(0, -1)), { used: 60, told: [], skipped: 0 })
  })

  it('without a line break is whole where lines end with LF and no figure can have lost digits', async () => {
    const lines = CSV.replaceAll('\r\n', '\n')
    assert.deepEqual(await read(lines.slice(0, -1)), { used: 60, told: [], skipped: 0 })
    const turned = changedCsv(mainJob(), (rows, at) =>
      rows.map(row => [...row.toSpliced(at('goodput_bps'), 1), row[at('goodput_bps')] ?? '']),
    ).replaceAll('\r\n', '\n')
    const told = ['1 of 60 rows left out; the first, line 61: it is cut off']
    assert.deepEqual(await read(turned.slice(0, -1)), { used: 59, told, skipped: 1 })
    assert.deepEqual(await read(turned.slice(0, -3)), { used: 59, told, skipped: 1 })
    assert.deepEqual(await read(turned), { used: 60, told: [], skipped: 0 })
  })

  it('that is cut off within quotes is left out once', async () => {
    const rows = [...mainJob(), stream(1e9, { trial: 99, error_message: 'broken\nin\nlines' })]
    const text = encode('csv', rows)
    const told = ['1 of 61 rows left out; the first, line 62: it is cut off']
    assert.deepEqual(await read(text.slice(0, text.indexOf('lines'))), { used: 60, told, skipped: 1 })
  })

  it('of another number of fields is left out', async () => {
    const few = LINES.with(20, 'a,b,c').with(30, 'Segmentation fault').join('\r\n')
    const { used, told } = await read(`${few}\r\n`)
    assert.equal(used, 58)
    assert.deepEqual(told, [
      `2 of 60 rows left out; the first, line 21: 3 fields under ${LINES[0]?.split(',').length} columns`,
    ])
    const many = LINES.with(20, ','.repeat(20_000)).join('\r\n')
    assert.match(
      (await read(`${many}\r\n`)).told[0] ?? '',
      /1 of 60 rows left out; the first, line 21: \d+ fields under/,
    )
  })

  it('with a quote that is not closed costs a line, not the rest of the file', async () => {
    const open = LINES.with(20, `"${LINES[20]}`).join('\r\n')
    const told = ['1 of 60 rows left out; the first, line 21: a quote is not closed']
    assert.deepEqual(await read(`${open}\r\n`), { used: 59, told, skipped: 1 })
    const stray = LINES.with(20, `"a"b${LINES[20]}`).join('\r\n')
    assert.deepEqual((await read(`${stray}\r\n`)).told, [
      '1 of 60 rows left out; the first, line 21: there is more behind a closing quote',
    ])
    // Also where more follows than a row can be long.
    const runs = Array.from({ length: 40 }, (_, run) =>
      mainJob().map(row => ({ ...row, run_id: `run-${run}` })),
    ).flat()
    const lines = encode('csv', runs).split('\r\n')
    const long = lines.with(20, `"${lines[20]}`).join('\r\n')
    assert.ok(long.length > 2 ** 19)
    assert.deepEqual(await read(long), {
      used: 2399,
      told: ['1 of 2,400 rows left out; the first, line 21: a quote is not closed'],
      skipped: 1,
    })
  })

  it('of a megabyte is left out', async () => {
    const long = LINES.with(20, 'x'.repeat(3 * 2 ** 20)).join('\r\n')
    const told = ['1 of 60 rows left out; the first, line 21: it is too long']
    assert.deepEqual(await read(`${long}\r\n`), { used: 59, told, skipped: 1 })
  })

  it('below the header of another table is left out, and told as such', async () => {
    const other = 'run_id,round,price\r\na,1,2\r\nb,2,3\r\n'
    const { used, told, skipped } = await read(CSV + other + CSV.replaceAll('abcd', 'efgh'))
    assert.deepEqual([used, skipped], [120, 2])
    assert.match(
      told[0] ?? '',
      /^2 of 122 rows left out; the first, line 63: it is below a header of another table: no row can be used without the columns/,
    )
  })
})

describe('a file', () => {
  it('of which nothing can be used is told in one line, and the others are used', async () => {
    for (const [text, message] of [
      ['', /^it is empty$/],
      ['\n \n', /^it is empty$/],
      [`${LINES[0]}\r\n`, /^it has no rows; was the run killed before its first trial\?$/],
      [
        (LINES[0] ?? '').slice(0, 100),
        /^no row can be used without the columns size_bytes, chunk_bytes, outcome; name a CSV/,
      ],
      [
        'name,price\nx,1\n',
        /^none of its columns is one of ours \(it has "name", "price"\); name a file that bench wrote/,
      ],
      ['{"a":1}\n{"a":2}\n', /^2 of 2 rows left out; the first, line 1: it is no record of a trial$/],
      ['{"results": []}', /^1 of 1 row left out; the first, line 1: it is no record of a trial$/],
      ['{\n"results": []\n}', /^JSON without records; name a file that bench wrote$/],
      ['[', /^no JSON that can be read: it is damaged or cut off; write it with one record a line/],
      [CSV.replaceAll(',', ';'), /^its columns are separated by ";"; save it with commas$/],
      [CSV.replaceAll(',', '\t'), /^its columns are separated by "\\t"; save it with commas$/],
      [CSV.replace('round', 'Round'), /^no row can be used without the column round; is it "Round"\?$/],
      [Buffer.from(`\ufeff${CSV}`, 'utf16le'), /^a text in UTF-16; save it as UTF-8$/],
      [Buffer.from([0x1f, 0x8b, 8, 0, 0]), /^compressed by gzip; unpack it/],
      [Buffer.from('PK\u0003\u0004rest'), /^a ZIP archive or a spreadsheet/],
      [Buffer.alloc(3 * 2 ** 20), /^it has no header; name a file that bench wrote$/],
    ] as const) {
      const { used, told } = await read(text)
      assert.equal(used, 0)
      assert.match(told[0] ?? '', message)
      assert.doesNotMatch(told[0] ?? '', /[\0\n]/)
    }
  })

  it('none of whose rows a filter chooses is told', async () => {
    const other = CSV.replaceAll('819200', '65536')
    const { used, told } = await read(other, { ...OPTIONS, filter: parseSelector('size=800k') })
    assert.deepEqual([used, told], [0, ['none of its 60 rows is chosen by size=800k']])
  })

  it('of JSON that is cut off gives what stands in whole lines', async () => {
    for (const format of ['json', 'jsonl'] as const) {
      const text = encode(format, mainJob())
      const until = text.indexOf('\n', text.length / 2)
      const whole = text.slice(0, until).split('\n').length - (format === 'json' ? 1 : 0)
      const cut = await read(text.slice(0, until + 200), OPTIONS, `b.${format}`)
      assert.equal(cut.used, whole)
      assert.equal(cut.skipped, 1)
      assert.match(
        cut.told[0] ?? '',
        new RegExp(`^1 of ${whole + 1} rows left out; the first, line \\d+: it is cut off$`),
      )
      assert.deepEqual(
        cut.told.slice(1),
        format === 'json' ? ['the document has no end: was the run killed?'] : [],
      )
    }
  })

  it('of JSON Lines with damaged lines gives the others', async () => {
    const lines = encode('jsonl', mainJob()).split('\n')
    for (const [at, reason] of [
      [0, 'line 1: it is no JSON'],
      [30, 'line 31: it is no JSON'],
    ] as const) {
      const text = lines.with(at, (lines[at] ?? '').slice(5)).join('\n')
      assert.deepEqual(await read(text, OPTIONS, 'b.jsonl'), {
        used: 59,
        told: [`1 of 60 rows left out; the first, ${reason}`],
        skipped: 1,
      })
    }
    const bad = (lines[7] ?? '').replace('"round":8', '"round":"8"')
    assert.deepEqual((await read(lines.with(7, bad).with(8, '5').join('\n'), OPTIONS, 'b.jsonl')).told, [
      '2 of 60 rows left out; the first, line 8: column round: not a whole number from 0 to 4294967295: "8"',
    ])
  })

  it('of JSON of a newer version is used and told', async () => {
    const text = encode('json', mainJob())
      .replace('"schema_version":1', '"schema_version":2')
      .replace('"seed"', '"moon":1,"seed"')
    assert.deepEqual(await read(text, OPTIONS, 'b.json'), {
      used: 60,
      told: [
        'schema version 2 is newer than this program’s 1',
        'an unknown column "moon" not used (did a newer version write it?)',
      ],
      skipped: 0,
    })
  })

  it('that cannot be read is an error of one line that says what to do', async () => {
    using files = resultFiles()
    const path = files.write('a.csv', CSV)
    const folder = join(dirname(path), 'runs')
    mkdirSync(folder)
    for (const [name, message] of [
      [folder, /runs: it is a folder; name the files in it, as .*runs\/\*\.csv$/],
      [`${folder}/`, /it is a folder; name the files in it, as .*runs\/\*\.csv$/],
      [`${path}.old`, /^cannot read .*a\.csv\.old: it does not exist; check the path$/],
      [`${path}/b.csv`, /a part of its path is no folder/],
      ['', /the name is empty/],
    ] as const)
      await assert.rejects(readTrials([path, name], OPTIONS), (error: unknown) => {
        assert.ok(error instanceof UsageError)
        assert.match(error.message, message)
        return true
      })
    await assert.rejects(readTrials([], OPTIONS), /^UsageError: no file is named/)
  })
})

describe('no usable row in any file', () => {
  it('is an error of one line that says why of each', async () => {
    using files = resultFiles()
    const [empty, foreign] = [files.write('empty.csv', ''), files.write('foreign.csv', 'a,b\n1,2\n')]
    const wrong = (read: Promise<unknown>, message: RegExp) =>
      assert.rejects(read, (error: unknown) => error instanceof UsageError && message.test(error.message))
    await wrong(
      readTrials([empty, foreign], OPTIONS),
      /^no trial can be read; .*empty\.csv: it is empty; .*foreign\.csv: none of its columns/,
    )
    await wrong(readRecords([empty]), /^no trial can be read; .*empty\.csv: it is empty$/)
    const path = files.write('a.csv', CSV)
    await wrong(
      readTrials([path], { ...OPTIONS, filter: parseSelector('tcp size=1M') }),
      /^no trial can be read; .*a\.csv: none of its 60 rows is chosen by tcp size=1M$/,
    )
  })
})
