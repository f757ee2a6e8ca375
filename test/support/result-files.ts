/** Result files for tests: texts written to a folder that is removed when the test ends. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { stringify } from 'csv-stringify/sync'
import type { ColumnName, TrialRecord } from '../../results/columns.ts'
import { encode } from '../../results/formats.ts'
import type { TrialSet } from '../../results/read/trial-set.ts'

export interface ResultFiles {
  /** Writes a text under this name; returns its path. */
  write(name: string, text: string | Uint8Array): string
  [Symbol.dispose](): void
}

export function resultFiles(): ResultFiles {
  const folder = mkdtempSync(join(tmpdir(), 'bench-results-'))
  return {
    write(name, text) {
      const path = join(folder, name)
      writeFileSync(path, text)
      return path
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** The cells of the CSV of `records`, with its header, changed by `change`, and a CSV again. */
export function changedCsv(
  records: readonly TrialRecord[],
  change: (rows: string[][], column: (name: ColumnName) => number) => readonly (readonly string[])[],
): string {
  const rows: string[][] = parse(encode('csv', records))
  const column = (name: ColumnName) => rows[0]?.indexOf(name) ?? -1
  return stringify(
    change(rows, column).map(row => [...row]),
    { record_delimiter: 'windows' },
  )
}

/** Everything that a set says, as plain values. */
export function plainSet(
  set: TrialSet,
  numbers: readonly ColumnName[] = [],
  texts: readonly ColumnName[] = [],
): unknown {
  return {
    label: set.label,
    runs: set.runs,
    environment: Object.fromEntries(
      [...set.environment].map(([name, values]) => [name, Object.fromEntries(values)]),
    ),
    cells: set.cells.map(trials => ({
      ...trials.cell,
      count: trials.count,
      runs: [...trials.runs],
      rounds: [...trials.rounds],
      trials: [...trials.trials],
      outcomes: [...trials.outcomes],
      numbers: numbers.map(name => [...trials.numbers(name)]),
      texts: texts.map(name => [...trials.texts(name)]),
    })),
  }
}
