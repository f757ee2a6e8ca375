/** Checks the header of a CSV. */

import { quoted } from '../../base/foreign-text.ts'
import { given } from '../../base/given.ts'
import { nearest } from '../../base/nearest.ts'
import { isColumnName } from '../schema/columns.ts'
import { INTERVAL_COLUMNS } from '../schema/intervals.ts'
import type { Header } from './csv-layout.ts'
import { listColumns } from './file-report.ts'
import type { Row } from './row.ts'

/** Why the rows below it cannot be used; undefined when they can. */
export function objectionTo(header: Header, row: Row): string | undefined {
  if (header.fields.size === 0) return foreign(header)
  if (isOfIntervals(header)) return 'it has the intervals of streams; name the file of their results'
  const missing = row.columns
    .map(({ name }) => name)
    .filter(name => row.needs(name) && !header.fields.has(name))
  const [first] = missing
  if (first === undefined) return undefined
  const near = nearest(first, header.unknown)
  const help =
    near === undefined
      ? 'name a CSV that bench wrote (--columns may have left them out)'
      : `is it ${quoted(near)}?`
  return `no row can be used without ${columns(missing)}; ${help}`
}

function isOfIntervals({ fields, unknown }: Header): boolean {
  const names: ReadonlySet<string> = new Set([...fields.keys(), ...unknown])
  return INTERVAL_COLUMNS.every(({ name, required }) => !required || names.has(name))
}

/** Notes about columns that are missing or repeated. */
export function headerNotes(header: Header, row: Row): readonly string[] {
  const absent = row.columns
    .filter(({ name, derivable }) => !derivable && !header.fields.has(name))
    .map(({ name }) => name)
  return given(
    absent.length > 0 && `it lacks ${columns(absent)} (did another version write it?); taken as empty`,
    header.repeated.length > 0 && `it has ${columns(header.repeated)} more than once; the first is used`,
  )
}

const columns = (names: readonly string[]) => listColumns('column', names, 4)

function foreign({ width, unknown }: Header): string {
  const [only = ''] = unknown
  const separator = ['\t', '|'].find(each => only.split(each).some(isColumnName))
  if (width === 1 && separator !== undefined)
    return `its columns are separated by ${JSON.stringify(separator)}; save it with commas or semicolons`
  if (/^(?:\ufeff)?sep=/.test(only)) return 'its first line is for a spreadsheet; remove that line'
  const shown = unknown.slice(0, 3).map(name => quoted(name))
  const some = shown.length > 0 ? ` (it has ${shown.join(', ')}${unknown.length > 3 ? ' …' : ''})` : ''
  return `it has no column that bench knows${some}; name a file that bench wrote, as with --out`
}
