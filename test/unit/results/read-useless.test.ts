import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { UsageError } from '../../../base/errors.ts'
import { readRecords, readTrials } from '../../../results/read/read.ts'
import { INTERVAL_COLUMNS } from '../../../results/schema/intervals.ts'
import { parseSelector } from '../../../results/select/selector.ts'
import { encode } from '../../../results/store/formats.ts'
import { CSV, LINES, OPTIONS, read } from '../../support/damaged-results.ts'
import { resultFiles } from '../../support/result-files.ts'
import { mainJob } from '../../support/results-samples.ts'

describe('a file', () => {
  it('of which nothing can be used is told in one line, and the others are used', async () => {
    for (const [text, message] of [
      ['', /^it is empty$/],
      ['\n \n', /^it is empty$/],
      [`${LINES[0]}\r\n`, /^it has no rows; was the run killed before its first trial\?$/],
      [
        (LINES[0] ?? '').split(',size_bytes')[0] ?? '',
        /^no row can be used without the columns size_bytes, chunk_bytes, outcome; name a CSV/,
      ],
      [
        'name,price\nx,1\n',
        /^it has no column that bench knows \(it has "name", "price"\); name a file that bench wrote/,
      ],
      [
        `${INTERVAL_COLUMNS.map(({ name }) => name).join(',')}\r\n`,
        /^it has the intervals of streams; name the file of their results$/,
      ],
      ['{"a":1}\n{"a":2}\n', /^2 of 2 rows left out; the first, line 1: it is not a record of a trial$/],
      ['{"results": []}', /^1 of 1 row left out; the first, line 1: it is not a record of a trial$/],
      ['{\n"results": []\n}', /^JSON without records; name a file that bench wrote$/],
      ['[', /^no JSON that can be read: it is damaged or cut off; write it with one record a line/],
      [CSV.replaceAll(',', '\t'), /^its columns are separated by "\\t"; save it with commas or semicolons$/],
      [`sep=;\n${CSV}`, /^its first line is for a spreadsheet; remove that line$/],
      [CSV.replace('round', 'Round'), /^no row can be used without the column round; is it "Round"\?$/],
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

  it('without an end and without lines is given up', {
    skip: process.platform === 'win32' && 'Windows has no /dev',
  }, async () => {
    await assert.rejects(
      readTrials(['/dev/zero'], OPTIONS),
      /\/dev\/zero: it has no header; name a file that bench wrote$/,
    )
    await assert.rejects(readRecords(['/dev/null']), /\/dev\/null: it is empty$/)
  })

  it('none of whose rows a filter chooses is told', async () => {
    const other = CSV.replaceAll('819200', '1638400')
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
        format === 'json' ? ['the document is cut off: was the run killed?'] : [],
      )
    }
  })

  it('of JSON Lines with damaged lines gives the others', async () => {
    const lines = encode('jsonl', mainJob()).split('\n')
    for (const [at, reason] of [
      [0, 'line 1: it is not JSON'],
      [30, 'line 31: it is not JSON'],
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
      '2 of 60 rows left out; the first, line 8: column round: not a whole number from 1 to 4294967295: "8"',
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
        'ignored the unknown column "moon" (did a newer version write it?)',
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
      [`${path}/b.csv`, /a part of its path is not a folder/],
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
      /^no trial can be read; .*empty\.csv: it is empty; .*foreign\.csv: it has no column that bench knows/,
    )
    await wrong(readRecords([empty]), /^no trial can be read; .*empty\.csv: it is empty$/)
    const path = files.write('a.csv', CSV)
    await wrong(
      readTrials([path], { ...OPTIONS, filter: parseSelector('tcp size=1M') }),
      /^no trial can be read; .*a\.csv: none of its 60 rows is chosen by tcp size=1M$/,
    )
  })
})
