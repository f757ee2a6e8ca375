/** Charts of a run on a terminal: goodput and loss over what was swept, or goodput over the rounds. Pure: summaries in, text out. */
import { counted, formatBytes, formatCount } from '../../base/units.ts'
import type { SweepPoint } from '../document/chart-spec.ts'
import type { Block, Chart, RenderOptions } from '../document/model.ts'
import { renderBlocks } from '../document/terminal.ts'
import { saysNothing } from '../document/text.ts'
import { type Cell, describeCell, distinguishingFields } from '../schema/cells.ts'
import { median } from '../statistics/quantiles.ts'
import { type CaseSummary, known } from '../statistics/summary.ts'
import { type Case, type Colors, colorBook, namedLines } from './case.ts'
import { MOST_CHARTS } from './first-charts.ts'
import { GOODPUT, LOSS, sweepChart } from './measures.ts'
import { type Group, groupBySweep } from './sweep.ts'

/**
 * Of a sweep over chunk or size: median goodput over it, and loss if there was any; if both vary, such a pair for each size.
 * Without a sweep: goodput over the rounds. Ends with the size from which datagrams were refused. Empty if there is nothing to draw.
 */
export function renderCharts(summaries: readonly CaseSummary[], options: RenderOptions): string {
  const colors = colorBook()
  const cases = summaries.map((summary): Case => ({ file: undefined, summary, cell: summary.cell }))
  const groups = groupBySweep(cases)
  const more = groups.length - MOST_CHARTS
  const notes = [
    ...(more > 0
      ? [`${counted(more, 'more size has', 'more sizes have')} no chart here; the table has them.`]
      : []),
    ...refusalNotes(summaries),
  ]
  const blocks: readonly Block[] = [
    ...groups
      .slice(0, MOST_CHARTS)
      .flatMap((group, index) =>
        group.field === undefined ? roundsChart(group.items, colors) : sweepCharts(group, index + 1, colors),
      ),
    { kind: 'list', items: notes.map(each => [each]) },
  ]
  return blocks.every(saysNothing) ? '' : renderBlocks(blocks, options)
}

/** `udp-header: refused from 65,508 B on (EMSGSIZE, the system’s limit)`: for each transport and limit that refused. */
function refusalNotes(summaries: readonly CaseSummary[]): readonly string[] {
  const smallest = new Map<
    string,
    { readonly cell: Cell; readonly bytes: number; readonly part: string; readonly emulated: boolean }
  >()
  for (const { cell, tooLong } of summaries) {
    if (!tooLong) continue
    const key = JSON.stringify([
      cell.transport,
      cell.variant,
      tooLong.part,
      cell.max_datagram_bytes,
      cell.sndbuf_asked_bytes,
      cell.ip_family,
    ])
    const before = smallest.get(key)
    if (!before || tooLong.datagramBytes < before.bytes) {
      smallest.set(key, {
        cell,
        bytes: tooLong.datagramBytes,
        part: tooLong.part,
        emulated: tooLong.emulated,
      })
    }
  }
  const cells = summaries.map(each => each.cell)
  return [...smallest.values()].map(({ cell, bytes, part, emulated }) => {
    const fields = distinguishingFields(cell, cells).filter(
      field => field === 'variant' || field === 'sndbuf_asked_bytes' || field === 'ip_family',
    )
    const limit =
      emulated && cell.max_datagram_bytes !== undefined
        ? `emulated limit ${formatBytes(cell.max_datagram_bytes)}`
        : 'EMSGSIZE, the system’s limit'
    if (part === 'header') {
      return `${describeCell(cell, fields)}: its header or marker of ${formatBytes(bytes)} refused (${limit})`
    }
    return `${describeCell(cell, fields)}: refused from ${formatBytes(bytes)} on (${limit})`
  })
}

function sweepCharts(group: Group<Case>, number: number, colors: Colors): readonly Block[] {
  const goodput = sweepChart({ ...GOODPUT, title: 'Median goodput' }, group, `goodput-${number}`, colors)
  const loss = sweepChart(LOSS, group, `loss-${number}`, colors)
  const isLossy = loss?.spec.lines.some(line => line.points.some(point => point.y > 0))
  return [
    ...(goodput ? [{ kind: 'chart', chart: goodput } as const] : []),
    ...(loss && isLossy ? [{ kind: 'chart', chart: loss } as const] : []),
    ...(loss && !isLossy
      ? [{ kind: 'text', text: [`${loss.title}: none, no datagram was lost.`] } as const]
      : []),
  ]
}

/** A terminal has room for so many points. */
const MOST_ROUNDS = 64

/** More rounds than that are drawn as medians of neighbours. */
function roundsChart(cases: readonly Case[], colors: Colors): readonly Block[] {
  const rounds = [...new Set(cases.flatMap(each => each.summary.records.map(record => record.round)))].sort(
    (a, b) => a - b,
  )
  const each = Math.ceil(rounds.length / MOST_ROUNDS)
  const bins = rounds.flatMap((_, index) => (index % each === 0 ? [rounds.slice(index, index + each)] : []))
  const lines = namedLines(cases, colors).map(({ name, color, cases }) => {
    const goodputs = new Map(
      cases.flatMap(({ summary }) => summary.records).map(record => [record.round, record.goodput_bps]),
    )
    const points = bins.flatMap((bin, x): SweepPoint[] => {
      const values = known(bin, round => goodputs.get(round))
      const y = median(values)
      return y === undefined ? [] : [{ x, y, n: values.length }]
    })
    return { name, color, points, trials: [], refused: [] }
  })
  const drawn = lines.filter(line => line.points.length > 0)
  if (rounds.length < 2 || drawn.length === 0) return []
  const x = {
    title: 'round',
    scale: 'steps' as const,
    values: [...bins.keys()],
    labels: bins.map(([first = 0]) => formatCount(first)),
  }
  const chart: Chart = {
    id: 'rounds',
    title: `Goodput per round${each > 1 ? ` (median of ${each} rounds each)` : ''}`,
    spec: { kind: 'sweep', x, y: { title: 'goodput', unit: 'rate', log: false }, lines: drawn },
  }
  return [{ kind: 'chart', chart }]
}
