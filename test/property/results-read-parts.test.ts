import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parse } from 'csv-parse/sync'
import { stringify } from 'csv-stringify/sync'
import fc from 'fast-check'
import { CsvScanner, fieldText } from '../../results/read/csv-scanner.ts'
import { decimal } from '../../results/read/decimal.ts'
import { COLUMNS } from '../../results/schema/columns.ts'
import { guardFormula } from '../../results/schema/formula.ts'
import { recordSchema } from '../../results/schema/record.ts'
import { checkedValue, Unusable, valueOfText } from '../../results/schema/value.ts'
import { columns, lengths, text, valueFor } from '../support/result-arbitraries.ts'

describe('decimal', () => {
  const digits = fc.string({ unit: fc.constantFrom(...'0123456789.'), maxLength: 20 })
  const figures = fc.oneof(
    digits,
    fc.double({ noNaN: true }).map(value => value.toFixed(6)),
    fc.double({ noNaN: true }).map(String),
    fc.string({ unit: fc.constantFrom(...'0123456789.-+eE xn,"'), maxLength: 12 }),
  )

  it('gives what Number() gives, or says that it cannot', () => {
    fc.assert(
      fc.property(figures, fc.nat(5), (written, before) => {
        const bytes = Buffer.from(`${'7'.repeat(before)}${written}7`)
        const value = decimal(bytes, before, bytes.length - 1)
        if (!Number.isNaN(value)) assert.equal(value, Number(written))
      }),
      { numRuns: 2000 },
    )
  })

  it('takes every number of up to 15 digits', () => {
    fc.assert(
      fc.property(fc.nat({ max: 999_999_999_999_999 }), fc.nat(15), (whole, places) => {
        const padded = String(whole).padStart(15, '0')
        const written = `${padded.slice(0, 15 - places)}.${padded.slice(15 - places)}`
        assert.equal(decimal(Buffer.from(written), 0, written.length), Number(written))
      }),
      { numRuns: 2000 },
    )
  })
})

describe('a cell', () => {
  it('is what the schema of a record takes', () => {
    const values = fc.oneof(
      fc.double(),
      fc.integer(),
      fc.boolean(),
      text,
      fc.constantFrom(...columns.flatMap(({ values: each }) => each ?? [])),
      fc.jsonValue(),
    )
    fc.assert(
      fc.property(fc.constantFrom(...COLUMNS), values, ({ name, ...column }, value) => {
        fc.pre(value !== null && value !== '')
        fc.pre(!(typeof value === 'number' && value > 2 ** 32 - 1 && /round|trial/.test(name)))
        const usable = !(checkedValue(column, value) instanceof Unusable)
        assert.equal(usable, recordSchema.shape[name].safeParse(value).success)
      }),
      { numRuns: 2000 },
    )
  })

  it('of a CSV has the value that was written', () => {
    const cell = fc.constantFrom(...columns).chain(column => fc.tuple(fc.constant(column), valueFor(column)))
    fc.assert(
      fc.property(cell, ([column, value]) =>
        assert.equal(valueOfText(column, guardFormula(String(value))), value),
      ),
    )
  })
})

describe('the scanner', () => {
  /** All rows, found in pieces. */
  function scanned(bytes: Buffer, sizes: readonly number[], delimiter: ',' | ';'): string[][] {
    const scanner = new CsvScanner()
    scanner.separator = delimiter === ',' ? 0x2c : 0x3b
    const found: string[][] = []
    let rest = Buffer.alloc(0)
    let at = 0
    for (let turn = 0; at < bytes.length || turn === 0; turn++) {
      const size = sizes[turn % sizes.length] ?? 1
      const piece = Buffer.concat([rest, bytes.subarray(at, at + size)])
      at += size
      let start = 0
      while (start < piece.length) {
        const next = scanner.next(piece, start, piece.length, at >= bytes.length)
        if (next < 0) break
        assert.equal(scanner.fault, undefined)
        const { bounds, fields } = scanner
        found.push(
          Array.from({ length: fields }, (_, field) =>
            fieldText(piece, (bounds[field] ?? 0) + 1, bounds[field + 1] ?? 0),
          ),
        )
        start = next
      }
      rest = piece.subarray(start)
    }
    assert.equal(rest.length, 0)
    return found
  }

  it('finds the rows that csv-parse finds, wherever the text is cut into pieces', () => {
    const field = fc.oneof(
      {
        weight: 3,
        arbitrary: fc.constantFrom('', '1', 'linux', 'a long text that is the same in many rows', '"'),
      },
      { weight: 1, arbitrary: text },
    )
    const table = fc
      .integer({ min: 2, max: 6 })
      .chain(width =>
        fc.array(fc.array(field, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 8 }),
      )
    fc.assert(
      fc.property(
        table,
        fc.constantFrom('\r\n', '\n'),
        fc.boolean(),
        lengths,
        fc.boolean(),
        fc.constantFrom(',' as const, ';' as const),
        (cells, record_delimiter, quoted, sizes, isEnded, delimiter) => {
          const written = stringify(cells, {
            record_delimiter,
            delimiter,
            quoted,
            quoted_empty: quoted,
            quoted_match: /[\r\n]/,
            eof: isEnded,
          })
          const expected: string[][] = parse(written, { delimiter, record_delimiter: ['\r\n', '\n'] })
          assert.deepEqual(expected, cells)
          assert.deepEqual(scanned(Buffer.from(written), sizes, delimiter), expected)
        },
      ),
      { numRuns: 300 },
    )
  })
})
