/** Records as CSV: RFC 4180 (CRLF, a header, quotes where needed); empty where unknown, `true`/`false`, a dot for decimals, no formulas. */
import { stringify } from 'csv-stringify/sync'
import { COLUMNS } from '../schema/columns.ts'
import { guardFormula } from '../schema/formula.ts'
import { rounded } from '../schema/record.ts'
import type { Encoding } from './encoding.ts'

/** `excel` begins with a byte order mark; `excel-eu` has semicolons between fields and commas in decimals, too. */
export const CSV_DIALECTS = ['rfc4180', 'excel', 'excel-eu'] as const
export type CsvDialect = (typeof CSV_DIALECTS)[number]

const NAMES: readonly string[] = COLUMNS.map(column => column.name)

export function csvOf(dialect: CsvDialect = 'rfc4180'): Encoding {
  return {
    header: () => csvMark(dialect) + csvLine(NAMES, dialect),
    row(record) {
      const values: Readonly<Record<string, unknown>> = rounded(record)
      return csvLine(
        NAMES.map(name => values[name]),
        dialect,
      )
    },
    footer: () => '',
  }
}

/** What a table begins with. */
export function csvMark(dialect: CsvDialect = 'rfc4180'): string {
  return dialect === 'rfc4180' ? '' : '\ufeff'
}

/** A row of any table. */
export function csvLine(values: readonly unknown[], dialect: CsvDialect = 'rfc4180'): string {
  const isEuropean = dialect === 'excel-eu'
  return stringify([[...values]], {
    delimiter: isEuropean ? ';' : ',',
    record_delimiter: 'windows',
    // A lone CR or LF within a text is quoted too (RFC 4180, section 2, rule 6).
    quote_record_delimiter: true,
    cast: {
      boolean: value => String(value),
      string: guardFormula,
      number: value => (isEuropean ? String(value).replace('.', ',') : String(value)),
    },
  })
}
