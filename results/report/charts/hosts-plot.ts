/** Hosts by hosts: a cell for each pair, the darker the worse; a person chooses which measure of which case is shown. */

import type { CustomSeriesOption, EChartsOption } from 'echarts'
import { maximum } from '../../../base/groups.ts'
import { counted } from '../../../base/units.ts'
import type { HostMap, HostsSpec } from '../../document/chart-spec.ts'
import { estimateText, heatScale } from '../../document/chart-units.ts'
import { sideways } from './axes.ts'
import { inkOn, worseToBetter } from './palette.ts'
import { FONT, type Plot, STILL, type View } from './view.ts'

const ROW_PX = 26
const MOST_PX = 900
/** px above the labels of columns: the name of the map; and below the cells: its scale. */
const HEAD_PX = 26
const FOOT_PX = 44
const RIGHT_PX = 16
const LETTER_PX = 6.8
/** px that labels beside each other take. */
const LABEL_PX = 14
/** Longer names lose their end; the reading has them whole. */
const MOST_LETTERS = 16
/** A reading of more maps than this is of the one that is shown. */
const MOST_READ = 8

export function hostsPlot(spec: HostsSpec): Plot {
  const { senders, receivers, maps } = spec
  return {
    legend: [],
    choices: maps.map(({ name }) => name),
    height: headOf(spec) + Math.min(MOST_PX, senders.length * ROW_PX) + FOOT_PX,
    trials: 0,
    switches: [],
    option: view => hostsOption(spec, view),
    places: (_hidden, choice = 0) =>
      senders.flatMap((from, y) =>
        receivers.flatMap((to, x) => {
          const entries = maps.flatMap(({ name, value, cells }, index) => {
            const cell = maps.length > MOST_READ && index !== choice ? null : cells[y]?.[x]
            if (!cell) return []
            const text = `${estimateText(cell.value, cell, value.unit)}, ${counted(cell.n, 'trial')}`
            return [{ name, color: 0, text }]
          })
          return entries.length > 0 ? [{ x, y, title: `${from} to ${to}`, entries }] : []
        }),
      ),
  }
}

function brief(name: string): string {
  const letters = [...name]
  return letters.length > MOST_LETTERS ? `${letters.slice(0, MOST_LETTERS - 1).join('')}…` : name
}

function widthOf(names: readonly string[]): number {
  return maximum(names.map(name => [...brief(name)].length)) * LETTER_PX + 14
}

/** Columns may have to be named upright. */
function headOf({ receivers }: HostsSpec): number {
  return HEAD_PX + 20 + widthOf(receivers)
}

function hostsOption(spec: HostsSpec, view: View): EChartsOption {
  const { senders, receivers, maps } = spec
  const left = widthOf(senders) + 16
  const cellPx = (view.width - left - RIGHT_PX) / receivers.length
  const upright = widthOf(receivers) > cellPx
  const every = Math.ceil(LABEL_PX / (upright ? cellPx : Number.POSITIVE_INFINITY))
  const rowPx = Math.min(MOST_PX, senders.length * ROW_PX) / senders.length
  const map = maps[view.choice ?? 0]
  const axisOf = (title: string, names: readonly string[], step: number) => {
    const axis = sideways(title, view)
    return {
      ...axis,
      type: 'value' as const,
      min: -0.5,
      max: names.length - 0.5,
      axisLabel: {
        ...axis.axisLabel,
        hideOverlap: false,
        customValues: [...names.keys()].filter(index => index % step === 0),
        formatter: (at: number) => brief(names[Math.round(at)] ?? ''),
      },
      axisTick: { show: false },
      axisLine: { show: false },
    }
  }
  const columns = axisOf('to', receivers, Math.max(1, every))
  return {
    grid: { left, right: RIGHT_PX, top: headOf(spec), bottom: FOOT_PX },
    xAxis: {
      ...columns,
      position: 'top',
      nameGap: (upright ? widthOf(receivers) : 20) + 4,
      axisLabel: { ...columns.axisLabel, rotate: upright ? 90 : 0 },
    },
    yAxis: {
      ...axisOf('from', senders, Math.max(1, Math.ceil(LABEL_PX / rowPx))),
      inverse: true,
      nameGap: widthOf(senders) - 4,
    },
    series: map ? [cellsOf(spec, map, view), surroundings(map, view)] : [],
  }
}

/** Its values in one unit, and how good each of them is: 0 to 1. */
function scaleOf({ value, worse, cells }: HostMap) {
  const scale = heatScale({ value, maps: [{ cells: cells.flat().flatMap(each => each ?? []) }] })
  const goodness = (figure: number) => (worse === 'less' ? scale.place(figure) : 1 - scale.place(figure))
  return { ...scale, goodness }
}

function cellsOf({ senders, receivers }: HostsSpec, map: HostMap, { palette }: View): CustomSeriesOption {
  const { format, goodness } = scaleOf(map)
  // All of them or none: one that is left out is none that is missing.
  const longest = maximum(map.cells.flat().map(cell => (cell ? format(cell.value).length : 1)))
  const places = senders.flatMap((from, y) => receivers.flatMap((to, x) => (from === to ? [] : [[x, y]])))
  return {
    ...STILL,
    type: 'custom',
    data: places,
    renderItem: (params, api) => {
      const [x = 0, y = 0] = places[params.dataIndex] ?? []
      const cell = map.cells[y]?.[x]
      const [middle = 0, row = 0] = api.coord([x, y])
      const [width = 0, height = 0] = [api.size?.([1, 1])].flat(2)
      const shape = { x: middle - width / 2, y: row - height / 2, width, height }
      const fill = cell ? worseToBetter(goodness(cell.value)) : 'none'
      const text = cell ? format(cell.value) : '–'
      const ink = cell ? inkOn(fill) : palette.muted
      const style = { x: middle, y: row, fontSize: 12, fontFamily: FONT, fill: ink, align: 'center' as const }
      const fits = longest * LETTER_PX + 4 <= width && height >= LABEL_PX
      return {
        type: 'group',
        children: [
          { type: 'rect', shape, style: { fill, stroke: palette.surface, lineWidth: 1 } },
          ...(fits
            ? [{ type: 'text' as const, style: { ...style, text, verticalAlign: 'middle' as const } }]
            : []),
        ],
      }
    },
  }
}

/** Parts of the scale that is drawn below. */
const STEPS = 24
const STEP_PX = 5

/** The name of the map above it, and below it what its colours mean. */
function surroundings(map: HostMap, { palette }: View): CustomSeriesOption {
  const { value, worse, name } = map
  const { unit, format, least, most } = scaleOf(map)
  const bounds = [format(value.log ? least : 0), format(most)]
  const [worst = '', best = ''] = worse === 'less' ? bounds : bounds.toReversed()
  const text = (
    text: string,
    x: number,
    y: number,
    rest: { readonly fontWeight?: number; readonly fill: string },
  ) => ({
    type: 'text' as const,
    style: { text, x, y, fontSize: 12, fontFamily: FONT, verticalAlign: 'middle' as const, ...rest },
  })
  return {
    ...STILL,
    type: 'custom',
    data: [[0, 0]],
    renderItem: ({ coordSys }) => {
      const area = { x: 0, y: 0, height: 0, ...coordSys }
      const y = area.y + area.height + 24
      const from = area.x + worst.length * LETTER_PX + 8
      return {
        type: 'group',
        children: [
          text(unit ? `${name} (${unit})` : name, 0, 10, { fontWeight: 600, fill: palette.ink }),
          text(worst, area.x, y, { fill: palette.muted }),
          ...Array.from({ length: STEPS }, (_, step) => ({
            type: 'rect' as const,
            shape: { x: from + step * STEP_PX, y: y - 7, width: STEP_PX, height: 14 },
            style: { fill: worseToBetter((step + 0.5) / STEPS) },
          })),
          text(`${best} ${unit}`, from + STEPS * STEP_PX + 8, y, { fill: palette.muted }),
        ],
      }
    },
  }
}
