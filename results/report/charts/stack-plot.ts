/** A bar a case, of parts that add up. */
import type { EChartsOption, SeriesOption } from 'echarts'
import type { StackSpec } from '../../document/chart-spec.ts'
import { formatValue } from '../../document/chart-units.ts'
import { valueAxis } from './axes.ts'
import { colorOf } from './palette.ts'
import { rowLabels, rowShapes, rowsFrame, rowsHeight } from './rows.ts'
import { type Key, legend, legendRoom, type Plot, shown, type View } from './view.ts'

const BAR_PX = 16

export function stackPlot(spec: StackSpec): Plot {
  const { rows, value } = spec
  const parts = spec.parts.map((part, index) => ({ ...part, index, icon: 'rect' as const }))
  return {
    legend: parts,
    height: rowsHeight(rows.length),
    trials: 0,
    switches:
      value.ceiling === undefined ? [{ name: 'shares', text: 'as shares', on: spec.shares ?? false }] : [],
    option: view => stackOption(spec, parts, view),
    places: hidden =>
      rows.map(({ name, values }, y) => ({
        y,
        title: name,
        entries: shown(parts, hidden).flatMap(({ index, ...part }) => {
          const length = values[index] ?? null
          return length === null ? [] : [{ ...part, text: formatValue(length, value.unit) }]
        }),
      })),
  }
}

/** A part, and its index in the values of a row. */
interface Part extends Key {
  readonly index: number
}

function stackOption(
  { rows, value, shares: usual }: StackSpec,
  all: readonly Part[],
  view: View,
): EChartsOption {
  const parts = shown(all, view.hidden)
  const sums = rows.map(({ values }) => sumOf(values, parts))
  const shares = view.shares ?? usual ?? false
  const axis = shares
    ? valueAxis(view, { unit: 'share', ceiling: 1 }, 1)
    : valueAxis(view, value, Math.max(0, ...sums))
  return {
    ...rowsFrame(axis, rows.length, legendRoom(view, all)),
    ...legend(view, all),
    series: [
      rowLabels(
        rows.map((row, index) => ({ name: row.name, figure: formatValue(sums[index] ?? 0, value.unit) })),
        view,
      ),
      ...parts.map((part, place) => {
        const pieces = rows.flatMap(({ values }, row): [number, number, number][] => {
          const length = values[part.index] ?? 0
          // Each begins where the parts before it end.
          const start = sumOf(values, parts.slice(0, place))
          const scale = shares ? sums[row] || 1 : 1
          return length > 0 ? [[(start + length) / scale, row, start / scale]] : []
        })
        return partSeries(part, pieces, view)
      }),
    ],
  }
}

function partSeries(
  part: Part,
  pieces: readonly [number, number, number][],
  { palette }: View,
): SeriesOption {
  const fill = colorOf(part, palette)
  const series = rowShapes(part.name, pieces, ([end = 0, start = 0], middle) => ({
    type: 'rect',
    shape: { x: start, y: middle - BAR_PX / 2, width: Math.max(1, end - start), height: BAR_PX },
    style: { fill, stroke: palette.surface, lineWidth: end - start > 4 ? 1 : 0 },
  }))
  // The legend shows it.
  return { ...series, itemStyle: { color: fill } }
}

function sumOf(values: readonly (number | null)[], parts: readonly Part[]): number {
  return parts.reduce((sum, { index }) => sum + (values[index] ?? 0), 0)
}
