/** Latency under load: requests beside each stream, compared with the same requests alone, round by round. Pure. */
import { given } from '../../base/given.ts'
import { tableOfMatrix } from '../document/matrix.ts'
import type { Block, Text } from '../document/model.ts'
import { trialSet } from '../read/trial-set-builder.ts'
import type { TrialRecord } from '../schema/columns.ts'
import { figuresBlock } from './block-figures.ts'
import { comparedColumns, compareSets } from './compare-sets.ts'
import type { Comparison } from './comparison.ts'
import { legendOf } from './legend.ts'
import { METRICS } from './metrics.ts'

/** Median and tail of round trips. */
const COLUMNS = ['rtt_p50_ms', 'rtt_p99_ms'] as const

/** Round trips idle and beside each load, with how far they rose; none where no requests had a load beside them. */
export function underLoadBlocks(
  records: readonly TrialRecord[],
  heading: Text = ['latency under load: requests beside a stream, and alone (idle)'],
): readonly Block[] {
  const [first, ...others] = comparisonsUnderLoad(records)
  if (!first) return []
  return given<Block>(
    { kind: 'heading', text: heading, common: [] },
    ...[first, ...others].map((each): Block => ({ kind: 'table', table: tableOfMatrix(figuresBlock(each)) })),
    { kind: 'legend', lines: legendOf(first) },
    { kind: 'notes', items: first.warnings },
  )
}

/** One comparison for each of the columns that is known. */
function comparisonsUnderLoad(records: readonly TrialRecord[]): readonly Comparison[] {
  // A stream has no size.
  const requests = records.filter(each => each.size_bytes !== undefined)
  const loaded = requests.filter(each => each.beside !== undefined)
  const transports = new Set(loaded.map(each => each.transport))
  const idle = requests.filter(each => each.beside === undefined && transports.has(each.transport))
  if (loaded.length === 0 || idle.length === 0) return []
  const loads = [...new Set(loaded.flatMap(each => each.beside ?? []))]
  const known = COLUMNS.filter(column => requests.some(record => record[column] !== undefined))
  return METRICS.filter(({ column }) => known.some(each => each === column)).map(metric => {
    const columns = comparedColumns(metric)
    const beside = (load: string | undefined) =>
      trialSet(
        load ?? 'idle',
        (load === undefined ? idle : loaded).filter(each => each.beside === load),
        columns,
      )
    return compareSets([undefined, ...loads].map(beside), { metric, by: 'beside' })
  })
}
