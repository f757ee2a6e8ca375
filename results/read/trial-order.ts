/** The order of the rows of a set: by cell, run, round and trial. In it, rows of the same trial stand side by side. */
import type { Growing } from './growing.ts'

export interface Keys {
  readonly cells: Growing<Uint32Array>
  /** Where each cell stands among the cells, and each run among the runs. */
  readonly cellRanks: Uint32Array
  readonly runs: Growing<Uint32Array>
  readonly runRanks: Uint32Array
  readonly rounds: Growing<Uint32Array>
  readonly trials: Growing<Uint32Array>
}

export interface Ordered {
  /** Numbers of rows. */
  readonly order: Uint32Array
  /** Where each cell begins in `order`, by its rank, and where the last one ends. */
  readonly starts: Uint32Array
  /** Rows that are left out: of the same trial as a row before them. */
  readonly repeated: readonly number[]
}

export function orderOf(keys: Keys, keepRepeated: boolean): Ordered {
  const { order, starts } = byCell(keys)
  const compare = comparison(keys)
  const repeated: number[] = []
  let kept = 0
  for (let rank = 0; rank + 1 < starts.length; rank++) {
    const rows = order.subarray(starts[rank], starts[rank + 1])
    // Rows mostly come as they ran; equal ones stay as they came, so that it is the first that is kept.
    if (!isSorted(rows, compare)) rows.sort((a, b) => compare(a, b) || a - b)
    starts[rank] = kept
    let before = -1
    for (const row of rows) {
      if (!keepRepeated && before >= 0 && compare(before, row) === 0) repeated.push(row)
      else {
        order[kept++] = row
        before = row
      }
    }
  }
  starts[starts.length - 1] = kept
  return { order: order.slice(0, kept), starts, repeated }
}

/** A counting sort: rows of a cell stay as they came. */
function byCell({ cells, cellRanks }: Keys): { readonly order: Uint32Array; readonly starts: Uint32Array } {
  const starts = new Uint32Array(cellRanks.length + 1)
  const rankAt = (row: number) => cellRanks[cells.at(row)] ?? 0
  for (let row = 0; row < cells.length; row++) {
    const next = rankAt(row) + 1
    starts[next] = (starts[next] ?? 0) + 1
  }
  for (let rank = 1; rank < starts.length; rank++)
    starts[rank] = (starts[rank] ?? 0) + (starts[rank - 1] ?? 0)
  const order = new Uint32Array(cells.length)
  const ends = starts.slice()
  for (let row = 0; row < cells.length; row++) {
    const rank = rankAt(row)
    const at = ends[rank] ?? 0
    order[at] = row
    ends[rank] = at + 1
  }
  return { order, starts }
}

function comparison({ runs, runRanks, rounds, trials }: Keys): (a: number, b: number) => number {
  return (a, b) =>
    (runRanks[runs.at(a)] ?? 0) - (runRanks[runs.at(b)] ?? 0) ||
    rounds.at(a) - rounds.at(b) ||
    trials.at(a) - trials.at(b)
}

function isSorted(rows: Uint32Array, compare: (a: number, b: number) => number): boolean {
  for (let at = 1; at < rows.length; at++) {
    if (compare(rows[at - 1] ?? 0, rows[at] ?? 0) > 0) return false
  }
  return true
}
