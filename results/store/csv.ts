/** Records as CSV: RFC 4180 (CRLF, a header, quotes where needed); empty where unknown, `true`/`false`, a dot for decimals, no formulas. */
import { stringify } from 'csv-stringify/sync'
import { COLUMNS, type ColumnName } from '../schema/columns.ts'
import { guardFormula } from '../schema/formula.ts'
import { rounded } from '../schema/record.ts'
import type { Encoding } from './encoding.ts'

/** `excel` begins with a byte order mark; `excel-eu` has semicolons between fields and commas in decimals, too. */
export const CSV_DIALECTS = ['rfc4180', 'excel', 'excel-eu'] as const
export type CsvDialect = (typeof CSV_DIALECTS)[number]

/** How rows are written as CSV. */
export interface CsvForm {
  readonly dialect?: CsvDialect | undefined
  /** In this order; all of them if undefined. */
  readonly columns?: readonly ColumnName[] | undefined
}

const ALL = COLUMNS.map(column => column.name)

export function csvOf({ dialect, columns = ALL }: CsvForm = {}): Encoding {
  return {
    header: () => csvMark(dialect) + csvLine(columns, dialect),
    row(record) {
      const values: Readonly<Record<string, unknown>> = rounded(record)
      return csvLine(
        columns.map(name => values[name]),
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
    // An empty line is none: many readers leave it out.
    quoted_empty: values.length === 1,
    cast: {
      boolean: value => String(value),
      string: guardFormula,
      number: value => (isEuropean ? String(value).replace('.', ',') : String(value)),
    },
  })
}
