/** The results as charts: goodput and loss over what was swept, or goodput over the rounds. Pure: summaries in, text out. */
import { counted, formatBytes, formatCount } from '../../base/units.ts'
import { rateUnit } from '../document/format.ts'
import type { RenderOptions } from '../document/model.ts'
import { wrapWords } from '../document/text.ts'
import { type Cell, describeCell, distinguishingFields, headerName } from '../schema/cells.ts'
import { median } from '../statistics/quantiles.ts'
import { type CaseSummary, known } from '../statistics/summary.ts'
import {
  drawSeries,
  formatScale,
  hasValues,
  MAX_CHARTS,
  MAX_WIDTH,
  MIN_WIDTH,
  shareLabel,
} from './pictures.ts'
import type { Plot, Series } from './plot.ts'
import { groupBySweep, linesOf, type SweepField, sweepAxis } from './sweep.ts'

/**
 * A sweep over chunk or size: median goodput over it, and loss where there was any; both vary: such a pair for each size. No
 * sweep: goodput over the rounds. Ends with the size from which on datagrams were refused. Empty when there is nothing to draw.
 */
export function renderCharts(summaries: readonly CaseSummary[], { width, color }: RenderOptions): string {
  if (width < MIN_WIDTH) return `No charts: they need ${MIN_WIDTH} columns, this terminal has ${width}.\n`
  const columns = Math.min(width, MAX_WIDTH)
  const groups = groupBySweep(summaries)
  const charts = groups
    .slice(0, MAX_CHARTS)
    .map(group =>
      group.field === undefined
        ? roundsChart(group.items, columns, color)
        : sweepCharts(group.items, group.field, group.title, columns, color),
    )
  const more = groups.length - MAX_CHARTS
  const notes = [
    ...(more > 0
      ? [`${counted(more, 'more size has', 'more sizes have')} no chart here; the table has them.`]
      : []),
    ...refusalNotes(summaries),
  ].flatMap(line => wrapWords(line, width, '  '))
  const text = [...charts.filter(lines => lines.length > 0), notes]
    .map(lines => lines.join('\n'))
    .filter(Boolean)
  return text.length > 0 ? `${text.join('\n\n')}\n` : ''
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
      return `${describeCell(cell, fields)}: its ${headerName(cell)} of ${formatBytes(bytes)} refused (${limit})`
    }
    return `${describeCell(cell, fields)}: refused from ${formatBytes(bytes)} on (${limit})`
  })
}

function sweepCharts(
  summaries: readonly CaseSummary[],
  field: SweepField,
  title: string,
  width: number,
  color: boolean,
): readonly string[] {
  const { name, title: xTitle, values: xs, ticks } = sweepAxis(summaries, field)
  const lines = linesOf(summaries, [field, 'size_bytes', 'chunk_bytes'])
  const common = { ticks, xTitle }
  const over = (pick: (summary: CaseSummary) => number | undefined): readonly Series[] =>
    lines
      .map(line => ({
        name: line.name,
        values: xs.map(
          x =>
            known(
              line.items.filter(each => each.cell[field] === x),
              pick,
            )[0],
        ),
      }))
      .filter(hasValues)
  const refusedAt = (name: string) => {
    const refused = lines.find(line => line.name === name)?.items.filter(each => each.outcomes.refused > 0)
    return xs.map(x => refused?.some(each => each.cell[field] === x) ?? false)
  }
  const goodput = over(each => each.goodput?.medianBps).map(each => ({
    ...each,
    refused: refusedAt(each.name),
  }))
  const loss = over(each => each.loss?.ratio)
  const plots: Plot[] = []
  if (goodput.length > 0) {
    plots.push({ ...common, title: `Median goodput over ${name}${title}`, series: goodput, label: rateLabel })
  }
  const lossy = loss.some(each => each.values.some(value => (value ?? 0) > 0))
  if (lossy) {
    plots.push({ ...common, title: `Loss over ${name}${title}`, series: loss, label: shareLabel, ceiling: 1 })
  }
  return [
    ...plots.flatMap((plot, index) => [...(index > 0 ? [''] : []), ...drawSeries(plot, width, color)]),
    ...(loss.length > 0 && !lossy
      ? ['', ...wrapWords(`Loss over ${name}${title}: none, no datagram was lost.`, width)]
      : []),
  ]
}

function roundsChart(summaries: readonly CaseSummary[], width: number, color: boolean): readonly string[] {
  const rounds = [...new Set(summaries.flatMap(each => each.records.map(record => record.round)))].sort(
    (a, b) => a - b,
  )
  if (rounds.length < 2) return []
  // More rounds than the picture has columns: the median of neighbours.
  const perTick = Math.ceil(rounds.length / Math.max(8, width - 16))
  const bins = Array.from({ length: Math.ceil(rounds.length / perTick) }, (_, index) =>
    rounds.slice(index * perTick, (index + 1) * perTick),
  )
  const series = linesOf(summaries, [])
    .map(line => {
      const goodputs = new Map(
        line.items.flatMap(each => each.records).map(each => [each.round, each.goodput_bps]),
      )
      return { name: line.name, values: bins.map(bin => median(known(bin, round => goodputs.get(round)))) }
    })
    .filter(hasValues)
  if (series.length === 0) return []
  const title = `Goodput per round${perTick > 1 ? ` (median of ${perTick} rounds each)` : ''}`
  const ticks = bins.map(bin => formatCount(bin[0] ?? 0))
  return drawSeries({ title, series, ticks, xTitle: 'round', label: rateLabel }, width, color)
}

function rateLabel(value: number, top: number): string {
  const { unit, factor } = rateUnit(top)
  return `${formatScale(value / factor)} ${unit}`
}
