/** A fleet host by host: what was measured from each to each, and which of them are far from the others. Pure. */
import { formatMs, formatPercent, formatRate } from '../../base/units.ts'
import { describeCell, tellingFields } from '../schema/cells.ts'
import { type HostMatrix, hostMatrices, medianOf, type Odd, oddOnes } from '../statistics/fleet.ts'
import type { CaseSummary } from '../statistics/summary.ts'
import { column, figureCell, NONE, tableOfColumns } from './figures.ts'
import { commonUnit, formatIn, titleIn, UNITS } from './format.ts'
import type { Block, TableCell } from './model.ts'

/** A table for each case; nothing where no pair of hosts has a name. */
export function hostMatrixBlocks(summaries: readonly CaseSummary[]): readonly Block[] {
  const matrices = hostMatrices(summaries)
  const fields = tellingFields(matrices.map(each => each.cell))
  return matrices.flatMap(matrix => {
    const name = describeCell(matrix.cell, fields)
    const lost = matrix.cases.flat().some(each => (each?.loss?.lost ?? 0) > 0)
    return [
      ...figureTable(matrix, matrix.figure, name),
      ...(matrix.figure === 'rtt_p50_ms' ? figureTable(matrix, 'rtt_p99_ms', name) : []),
      ...(lost ? tableOf(matrix, `loss, ${name}`, each => figureCell(each.loss?.ratio, formatPercent)) : []),
      { kind: 'list', items: oddOnes(matrix).map(each => [describeOdd(each, matrix)]) } as const,
    ]
  })
}

/** Medians over the trials of each pair, in one unit if they are close enough. */
function figureTable(matrix: HostMatrix, figure: keyof typeof WHAT, name: string): readonly Block[] {
  const kind = figure === 'goodput_bps' ? 'rate' : 'ms'
  const own = kind === 'ms' ? formatMs : formatRate
  const known = (each: CaseSummary | undefined) => {
    const value = medianOf(each, figure)
    return Number.isNaN(value) ? undefined : value
  }
  const values = matrix.cases.flat().flatMap(each => known(each) ?? [])
  if (values.length === 0) return []
  const unit = commonUnit(UNITS[kind], values)
  return tableOf(matrix, titleIn(`${WHAT[figure]}, ${name}`, unit), each =>
    figureCell(known(each), value => formatIn(value, unit, own)),
  )
}

const WHAT = {
  goodput_bps: 'goodput',
  rtt_p50_ms: 'median round trip',
  rtt_p99_ms: '99th percentile of round trips',
  frame_delay_p50_ms: 'delay of a picture',
} as const

function tableOf(
  { senders, receivers, cases }: HostMatrix,
  caption: string,
  cell: (summary: CaseSummary) => TableCell,
): readonly Block[] {
  const columns = [
    column('from \\ to', 'left', senders, text => ({ text })),
    ...receivers.map((to, index) =>
      column(to, 'right', cases, row => {
        const summary = row[index]
        return summary ? cell(summary) : NONE
      }),
    ),
  ]
  return [
    { kind: 'heading', text: [caption] },
    { kind: 'table', table: tableOfColumns(caption, columns) },
  ]
}

const ENDS = { sender: 'sends', receiver: 'receives' } as const

/** `c sends at 0.31 of what the others do: 5 of its 5 pairs are below the middle.` */
function describeOdd(
  { what, hosts: [host = '', to = ''], ratio, worse, pairs }: Odd,
  { figure }: HostMatrix,
): string {
  const share = figure === 'goodput_bps' ? `at ${formatPercent(ratio)} of` : `${ratio.toFixed(1)} times`
  if (what === 'way')
    return `From ${host} to ${to}: ${share} what both hosts have with others. Look at the way between them.`
  const side = figure === 'goodput_bps' ? 'below' : 'above'
  return `${host} ${ENDS[what]} ${share} what the others do: ${worse} of its ${pairs} pairs are ${side} the middle of all.`
}
