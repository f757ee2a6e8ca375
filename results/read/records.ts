/** Rows as whole records. */
import { COLUMNS, type ColumnName, type TrialRecord } from '../columns.ts'
import { parseRecord } from '../record.ts'
import type { Selector } from '../select/selector.ts'
import { CELL_WIDTH, Row } from './row.ts'
import { TupleTable } from './tuple-table.ts'
import type { Value } from './value.ts'

/** A row of all columns. */
export function wholeRow(filter: Selector | undefined): Row {
  const ofType = (isText: boolean) =>
    COLUMNS.filter(({ type }) => (type === 'string') === isText).map(({ name }) => name)
  return new Row({
    whole: true,
    numbers: ofType(false),
    texts: ofType(true),
    ...(filter ? { filter } : {}),
  })
}

/** The record of a whole row; a key is absent where its cell is empty. */
export function recordOf(row: Row): TrialRecord {
  const values: Partial<Record<ColumnName, Value>> = {}
  for (const { name } of row.columns) {
    const value = row.value(name)
    if (value !== undefined) values[name] = value
  }
  return parseRecord(values)
}

/** Tells whether the row as it then is stands for a trial that was not seen before. */
export function novelty(row: Row): () => boolean {
  const [run, round, trial] = [row.place('run_id').slot, row.place('round'), row.place('trial')]
  const seen = new TupleTable(CELL_WIDTH + 3)
  const key = new Uint32Array(CELL_WIDTH + 3)
  return () => {
    key.set(row.codes.subarray(0, CELL_WIDTH))
    key[CELL_WIDTH] = row.codes[run] ?? 0
    key[CELL_WIDTH + 1] = row.number(round)
    key[CELL_WIDTH + 2] = row.number(trial)
    const before = seen.size
    seen.indexOf(key, 0)
    return seen.size > before
  }
}
