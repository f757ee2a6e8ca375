/** A damaged result file: what is used of it, and what is told. */
import assert from 'node:assert/strict'
import { type ReadOptions, readTrials } from '../../results/read/read.ts'
import type { ColumnName } from '../../results/schema/columns.ts'
import { encode } from '../../results/store/formats.ts'
import { changedCsv, resultFiles } from './result-files.ts'
import { mainJob } from './results-samples.ts'

export const OPTIONS: ReadOptions = { numbers: ['goodput_bps', 'loss_ratio', 'payload_intact'] }

interface Outcome {
  /** Trials of the set that were used. */
  readonly used: number
  /** Messages, without the path. */
  readonly told: readonly string[]
  /** Rows left out, as the problems count them. */
  readonly skipped: number
}

/** Reads a file that may have nothing to use. */
export async function read(
  text: string | Uint8Array,
  options: ReadOptions = OPTIONS,
  name = 'b.csv',
): Promise<Outcome> {
  using files = resultFiles()
  const path = files.write(name, text)
  const { sets, problems } = await readTrials([path], { ...options, mayBeNone: true })
  for (const { message, rowsRead, rowsSkipped } of problems) {
    assert.doesNotMatch(message, /\n/)
    assert.ok(rowsSkipped <= rowsRead)
  }
  return {
    used: sets.find(({ label }) => label === name)?.cells.reduce((sum, { count }) => sum + count, 0) ?? 0,
    told: problems.map(({ message }) => message.replace(/^.*?b\.[a-z]+: /, '')),
    skipped: problems.reduce((sum, { rowsSkipped }) => sum + rowsSkipped, 0),
  }
}

/** The main job with this text in a cell of the row of this index. */
export function withCell(row: number, name: ColumnName, text: string): string {
  return changedCsv(mainJob(), (rows, column) =>
    rows.map((cells, at) => (at === row + 1 ? cells.with(column(name), text) : cells)),
  )
}

/** The main job. */
export const CSV = encode('csv', mainJob())
export const LINES = CSV.split('\r\n').slice(0, -1)
