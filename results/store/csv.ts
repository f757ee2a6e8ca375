/** Records as CSV: RFC 4180 (CRLF, a header, quotes where needed); empty where unknown, `true`/`false`, a dot for decimals, no formulas. */
import { stringify } from 'csv-stringify/sync'
import { COLUMNS, type TrialRecord } from '../schema/columns.ts'
import { guardFormula } from '../schema/formula.ts'
import { rounded } from '../schema/record.ts'
import type { Encoding } from './encoding.ts'

const NAMES: readonly string[] = COLUMNS.map(column => column.name)

export const csv: Encoding = {
  header: () => csvLine(NAMES),
  row(record: TrialRecord): string {
    const values: Readonly<Record<string, unknown>> = rounded(record)
    return csvLine(NAMES.map(name => values[name]))
  },
  footer: () => '',
}

/** A row of any table. */
export function csvLine(values: readonly unknown[]): string {
  return stringify([[...values]], {
    record_delimiter: 'windows',
    // A lone CR or LF within a text is quoted too (RFC 4180, section 2, rule 6).
    quote_record_delimiter: true,
    cast: { boolean: value => String(value), string: guardFormula },
  })
}
