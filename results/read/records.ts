/** Rows as whole records. */
import { COLUMNS, type ColumnName, type TrialRecord } from '../schema/columns.ts'
import { parseRecord } from '../schema/record.ts'
import type { Value } from '../schema/value.ts'
import type { Selector } from '../select/selector.ts'
import { CELL_WIDTH, Row } from './row.ts'
import { TupleTable } from './tuple-table.ts'

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

/** Makes the record of a whole row as it then is; a key is absent where its cell is empty. */
export function recordMaker(row: Row): () => TrialRecord {
  const names = row.columns.map(({ name }) => name)
  return () => {
    const values: Partial<Record<ColumnName, Value>> = {}
    for (const name of names) {
      const value = row.value(name)
      if (value !== undefined) values[name] = value
    }
    // What it returns is half the size of an object that got its keys one by one.
    return parseRecord(values)
  }
}

/** Tells whether the row as it then is stands for a trial that was not seen before among those of the same source. */
export function novelty(row: Row): (source: number) => boolean {
  const [run, round, trial] = [row.place('run_id').slot, row.place('round'), row.place('trial')]
  const seen = new TupleTable(CELL_WIDTH + 4)
  const key = new Uint32Array(CELL_WIDTH + 4)
  return source => {
    key.set(row.codes.subarray(0, CELL_WIDTH))
    key[CELL_WIDTH] = row.codes[run] ?? 0
    key[CELL_WIDTH + 1] = row.number(round)
    key[CELL_WIDTH + 2] = row.number(trial)
    key[CELL_WIDTH + 3] = source
    const before = seen.size
    seen.indexOf(key, 0)
    return seen.size > before
  }
}
