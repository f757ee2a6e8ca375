/** Result files for tests: texts written to a folder that is removed when the test ends. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { stringify } from 'csv-stringify/sync'
import type { TrialSet } from '../../results/read/trial-set.ts'
import type { ColumnName, TrialRecord } from '../../results/schema/columns.ts'
import { encode } from '../../results/store/formats.ts'
import { stream } from './results-samples.ts'

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

/** The records as a file gives them back: rounded. */
export function asWritten(records: readonly TrialRecord[]): readonly TrialRecord[] {
  const document: { records: TrialRecord[] } = JSON.parse(encode('json', records))
  return document.records
}

/** Trials of a run that began at this hour, one of each side a round. */
export function pairsAt(hour: string, values: Partial<TrialRecord> = {}): TrialRecord[] {
  return Array.from({ length: 6 }, (_, index) =>
    stream(1e9 + index, {
      run_id: `20260301T${hour}0000Z-abcd`,
      started_at: `2026-03-01T${hour}:00:0${index}.000Z`,
      round: 1 + Math.floor(index / 2),
      trial: index + 1,
      // The order within a round is a matter of the seed.
      side: (index + (index >> 1)) % 2 === 0 ? 'b' : 'a',
      ...values,
    }),
  )
}
