import assert from 'node:assert/strict'
import { it } from 'node:test'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { COLUMNS, type Column } from '../../results/schema/columns.ts'
import { unguardFormula } from '../../results/schema/formula.ts'
import { parseRecord } from '../../results/schema/record.ts'
import { encode } from '../../results/store/formats.ts'
import { valueFor } from '../support/result-arbitraries.ts'

const arbitraryRecord = fc
  .record(Object.fromEntries(COLUMNS.map(column => [column.name, valueFor(column)])), {
    requiredKeys: COLUMNS.filter(column => 'required' in column).map(column => column.name),
  })
  .map(parseRecord)

function fromCsv(row: Readonly<Record<string, string>>): unknown {
  const columns: readonly Column[] = COLUMNS
  return Object.fromEntries(
    columns.flatMap(({ name, type }): [string, unknown][] => {
      const value = row[name] ?? ''
      if (value === '') return []
      if (type === 'string') return [[name, unguardFormula(value)]]
      return [[name, type === 'boolean' ? value === 'true' : Number(value)]]
    }),
  )
}

it('records survive CSV', () => {
  fc.assert(
    fc.property(fc.array(arbitraryRecord, { maxLength: 4 }), records => {
      const rows = parse(encode('csv', records), { columns: true }) as Record<string, string>[]
      assert.deepEqual(rows.map(fromCsv).map(parseRecord), records)
    }),
    { numRuns: 40 },
  )
})

it('a CSV has as many lines as rows where no text breaks a line, each ended by CRLF', () => {
  fc.assert(
    fc.property(fc.array(arbitraryRecord, { maxLength: 4 }), records => {
      const plain = records.filter(
        record => !/[\r\n]/.test(JSON.stringify(Object.values(record)).replaceAll(/\\[rn]/g, '\n')),
      )
      const lines = encode('csv', plain).split('\r\n')
      assert.equal(lines.length, plain.length + 2)
      assert.equal(lines.at(-1), '')
    }),
    { numRuns: 40 },
  )
})

it('records survive JSON and JSON Lines', () => {
  fc.assert(
    fc.property(fc.array(arbitraryRecord, { maxLength: 4 }), records => {
      const document: { records: unknown[] } = JSON.parse(encode('json', records))
      assert.deepEqual(document.records.map(parseRecord), records)
      const lines = encode('jsonl', records).split('\n').slice(0, -1)
      assert.deepEqual(
        lines.map(line => parseRecord(JSON.parse(line))),
        records,
      )
    }),
    { numRuns: 40 },
  )
})
