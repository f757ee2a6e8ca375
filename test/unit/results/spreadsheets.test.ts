import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { parse } from 'csv-parse/sync'
import { comparedColumns, compareSets } from '../../../results/compare/compare-sets.ts'
import { comparisonCsv } from '../../../results/compare/csv.ts'
import { readRecords, readTrials } from '../../../results/read/read.ts'

import { trialSet } from '../../../results/read/trial-set-builder.ts'
import { COLUMNS, type Column } from '../../../results/schema/columns.ts'
import { parseRecord, rounded } from '../../../results/schema/record.ts'
import { CSV_DIALECTS, csvOf } from '../../../results/store/csv.ts'
import { encode } from '../../../results/store/formats.ts'
import { openWriter } from '../../../results/store/writers.ts'
import { metric } from '../../support/compare-samples.ts'
import { resultFiles } from '../../support/result-files.ts'
import { mainJob, record, stream } from '../../support/results-samples.ts'

const FREE_TEXTS = (COLUMNS as readonly Column[]).filter(
  ({ type, values, format }) => type === 'string' && !values && !format,
)
const FORMULAS = ['=2+2', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', '＝1+1', "'=1", "''-1"]

describe('a CSV that a spreadsheet opens', () => {
  it('has a line that is not empty for each row, if its only column is', () => {
    const form = csvOf({ columns: ['commit'] })
    const text =
      form.header(undefined) +
      [undefined, 'abc'].map((commit, at) => form.row(record(commit ? { commit } : {}), at)).join('')
    assert.equal(text, 'commit\r\n""\r\nabc\r\n')
    assert.deepEqual(parse(text, { skip_empty_lines: true }), [['commit'], [''], ['abc']])
  })

  for (const formula of FORMULAS)
    it(`has no formula in any text column, and is read as it was: ${JSON.stringify(formula)}`, async () => {
      using files = resultFiles()
      const hostile = parseRecord({
        ...record(),
        ...Object.fromEntries(FREE_TEXTS.map(({ name }) => [name, formula])),
      })
      const text = encode('csv', [hostile])
      const [cells] = parse(text, { columns: true }) as Record<string, string>[]
      for (const { name } of FREE_TEXTS) assert.equal(cells?.[name], `'${formula}`, name)
      const texts = FREE_TEXTS.map(({ name }) => name as keyof typeof hostile)
      const { sets, problems } = await readTrials([files.write('a.csv', text)], { numbers: [], texts })
      assert.deepEqual(problems, [])
      for (const name of texts) assert.deepEqual(sets[0]?.cells[0]?.texts(name), [formula], name)
    })

  it('keeps texts that are no formulas, quotes of names included', () => {
    const host = "'tis host-1 = 2"
    const [cells] = parse(encode('csv', [record({ host })]), { columns: true }) as Record<string, string>[]
    assert.equal(cells?.['host'], host)
  })

  it('has none as a comparison either, and its negative numbers stay numbers', () => {
    const sets = ['=1+1.csv', 'after.csv'].map((label, at) =>
      trialSet(
        label,
        mainJob().map(each => ({ ...each, file: '=2+2.png', run_id: `r${at}` })),
        comparedColumns(metric('goodput')),
      ),
    )
    const text = comparisonCsv(compareSets(sets, { metric: metric('goodput') }))
    const rows = parse(text, { columns: true }) as Record<string, string>[]
    assert.equal(rows[0]?.['set'], "'=1+1.csv")
    assert.equal(rows[0]?.['file'], "'=2+2.png")
    assert.doesNotMatch(text, /(?:^|,)"?[=@]/m)
  })
})

describe('a CSV that a spreadsheet saved', () => {
  it('is read with TRUE and FALSE, with a byte order mark, and with both', async () => {
    using files = resultFiles()
    const text = encode('csv', [stream(1e9), stream(1e9, { trial: 2, payload_intact: false })])
    const shouting = text.replaceAll(/\b(?:true|false)\b/g, word => word.toUpperCase())
    for (const each of [shouting, `\ufeff${text}`, `\ufeff${shouting}`]) {
      const path = files.write('a.csv', each)
      const { sets, problems } = await readTrials([path], { numbers: ['payload_intact'] })
      assert.deepEqual(problems, [])
      assert.deepEqual([...(sets[0]?.cells[0]?.numbers('payload_intact') ?? [])], [1, 0])
    }
  })

  for (const dialect of CSV_DIALECTS)
    it(`is read in the dialect ${dialect}`, async () => {
      using files = resultFiles()
      const hostile = '1,5; 2.5 "=1'
      const rows = [stream(1e9), stream(2e9 / 3, { trial: 2, host: hostile, sender_load: 1.25 })]
      const path = join(dirname(files.write('other.txt', '')), 'a.csv')
      await using file = openWriter(path, { overwrite: false, dialect })
      for (const row of rows) await file.write(row)
      await file.end()
      const { records, problems } = await readRecords([path])
      assert.deepEqual(problems, [])
      assert.deepEqual(records.map(rounded), rows.map(rounded))
      const cells = parse(readFileSync(path, 'utf8'), {
        ...{ bom: true, columns: true, delimiter: dialect === 'excel-eu' ? ';' : ',' },
      }) as Record<string, string>[]
      assert.equal(cells[1]?.['host'], hostile)
      assert.equal(cells[1]?.['sender_load'], dialect === 'excel-eu' ? '1,25' : '1.25')
    })

  it('with semicolons has no points in numbers, and with commas between fields a comma is no decimal mark', async () => {
    using files = resultFiles()
    const csv = encode('csv', [stream(1e9, { sender_load: 1.25 })])
    const loadsOf = (text: string) => readTrials([files.write('a.csv', text)], { numbers: ['sender_load'] })
    await assert.rejects(loadsOf(csv.replaceAll(',', ';')), /^UsageError: .*a point in ".*semicolons.*commas/)
    await assert.rejects(
      loadsOf(csv.replace(',1.25,', ',"1,25",')),
      /column sender_load: not a number: "1,25"$/,
    )
  })
})
