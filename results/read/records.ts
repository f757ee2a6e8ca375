/** Rows as whole records. */
import { COLUMNS, type ColumnName, type TrialRecord } from '../schema/columns.ts'
import { parseRecord } from '../schema/record.ts'
import type { Value } from '../schema/value.ts'
import type { Selector } from '../select/selector.ts'
import { Row } from './row.ts'

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
