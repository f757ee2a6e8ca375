/** Lines over what was swept: medians, their intervals, single trials, and where the system refused. */
import type { CustomSeriesOption, CustomSeriesRenderItemParams, EChartsOption, SeriesOption } from 'echarts'
import { given } from '../../../base/given.ts'
import type { SweepLine, SweepSpec } from '../../document/chart-spec.ts'
import { estimateText } from '../../document/chart-units.ts'
import { frameOfLines, LINES_PX, sweptLabels } from './axes.ts'
import { lookOf } from './palette.ts'
import {
  logSwitch,
  type Place,
  type Plot,
  STILL,
  shown,
  TRIALS,
  trialDots,
  UNSHADED,
  type View,
} from './view.ts'

export function sweepPlot(spec: SweepSpec): Plot {
  const { x, y, lines } = spec
  const trials = lines.reduce((sum, line) => sum + (line.trials ?? []).length, 0)
  const place = placeOf(spec)
  return {
    legend: lines,
    height: LINES_PX,
    trials,
    switches: [...(trials > 0 ? [TRIALS] : []), logSwitch(Boolean(y.log))],
    option: view => sweepOption(spec, view),
    places: hidden =>
      x.values.flatMap((value, step): readonly Place[] => {
        const entries = shown(lines, hidden).flatMap(line => entryAt(line, value, y.unit))
        if (entries.length === 0) return []
        return [{ x: place(value), title: `${x.title} ${x.labels[step]}`, entries }]
      }),
  }
}

function entryAt(
  { name, color, points, refused = [] }: SweepLine,
  value: number,
  unit: SweepSpec['y']['unit'],
): Place['entries'] {
  const point = points.find(each => each.x === value)
  const parts = given(
    point && estimateText(point.y, point, unit),
    point?.more,
    refused.includes(value) && 'refused',
  )
  return parts.length > 0 ? [{ name, color, text: parts.join(', ') }] : []
}

function sweepOption(spec: SweepSpec, view: View): EChartsOption {
  const { x, y, marks = [] } = spec
  const lines = shown(spec.lines, view.hidden)
  const log = view.log ?? Boolean(y.log)
  const { xAxis, ...frame } = frameOfLines(spec, view, log, valuesOf(lines, view), marks.length > 0 ? 28 : 12)
  const places = x.values.map(placeOf(spec))
  const ends =
    x.scale === 'log'
      ? ([(places[0] ?? 1) / 1.25, (places.at(-1) ?? 1) * 1.25] as const)
      : ([-0.5, places.length - 0.5] as const)
  const shareOf = x.scale === 'log' ? Math.log : Number
  const shares = places.map(
    each => (shareOf(each) - shareOf(ends[0])) / (shareOf(ends[1]) - shareOf(ends[0])),
  )
  const { label, hideOverlap } = sweptLabels(x, shares, view.width - frame.grid.left - frame.grid.right)
  // On a phone the steps are close.
  const room = Math.min(1, view.width / x.values.length / 80)
  return {
    ...frame,
    xAxis: {
      ...xAxis,
      ...(x.scale === 'log' ? { type: 'log', logBase: 2 } : { type: 'value' }),
      min: ends[0],
      max: ends[1],
      axisLabel: {
        ...xAxis.axisLabel,
        hideOverlap,
        customValues: places,
        formatter: (value: number) => label(places.indexOf(x.scale === 'log' ? value : Math.round(value))),
      },
      axisTick: { ...xAxis.axisTick, customValues: places },
    },
    series: [
      ...lines.flatMap((line, index) =>
        lineSeries(line, (index - (lines.length - 1) / 2) * room, spec, view, log),
      ),
      ...refusedSeries(lines, spec, view),
      ...markSeries(spec, view),
    ],
  }
}

/** Where a value stands on the axis: at itself, or at its step. */
function placeOf({ x }: SweepSpec): (value: number) => number {
  if (x.scale === 'log') return value => value
  const steps = new Map(x.values.map((value, index) => [value, index]))
  return value => steps.get(value) ?? 0
}

function valuesOf(lines: readonly SweepLine[], view: View): readonly number[] {
  return lines.flatMap(({ points, trials = [] }) => [
    ...points.flatMap(({ y, low = y, high = y }) => [y, low, high]),
    ...(view.trials === false ? [] : trials.map(([, y]) => y)),
  ])
}

/** `lane` counts from the middle: what belongs to lines stands beside each other. */
function lineSeries(
  { name, color: number, points, trials = [] }: SweepLine,
  lane: number,
  spec: SweepSpec,
  view: View,
  log: boolean,
): readonly SeriesOption[] {
  const { color, symbol, dash } = lookOf(number, view.palette)
  const place = placeOf(spec)
  const known = new Map(points.map(point => [point.x, point.y]))
  const fits = (value: number) => !log || value > 0
  const intervals = points.flatMap(({ x, low, high }) =>
    low !== undefined && high !== undefined && fits(low) ? [[place(x), low, high]] : [],
  )
  return [
    ...trialDots(view, number, 4, {
      opacity: 0.45,
      // Beside the medians and intervals, so that all are seen.
      offset: [12 * Math.min(1, view.width / spec.x.values.length / 60) + lane * 5, 0],
      data: trials.filter(([, y]) => fits(y)).map(([x, y]) => [place(x), y]),
    }),
    {
      ...STILL,
      type: 'custom',
      data: intervals,
      renderItem: (_params, api) => {
        const [px = 0, bottom = 0] = api.coord([api.value(0), api.value(1)])
        const [, top = 0] = api.coord([api.value(0), api.value(2)])
        return {
          type: 'line',
          shape: { x1: px + lane * 6, y1: bottom, x2: px + lane * 6, y2: top },
          style: { stroke: color, lineWidth: 6, opacity: 0.35 },
        }
      },
    },
    {
      ...UNSHADED,
      type: 'line',
      name,
      symbol,
      symbolSize: 8,
      showAllSymbol: true,
      lineStyle: { color, width: 2, type: dash },
      itemStyle: { color, borderColor: view.palette.surface, borderWidth: 1 },
      data: spec.x.values.map(x => {
        const y = known.get(x)
        return [place(x), y === undefined || !fits(y) ? null : y] as [number, number]
      }),
    },
  ]
}

/** A cross on the axis; those of several lines stand beside each other. */
function refusedSeries(lines: readonly SweepLine[], spec: SweepSpec, view: View): CustomSeriesOption[] {
  return lines
    .filter(({ refused = [] }) => refused.length > 0)
    .map(({ color, refused = [] }, lane, all) => ({
      ...STILL,
      type: 'custom',
      data: refused.map(placeOf(spec)).map(place => [place]),
      renderItem: (params, api) => {
        const [px = 0] = api.coord([api.value(0), 1])
        return {
          type: 'path',
          shape: { pathData: cross(px + (lane - (all.length - 1) / 2) * 11, drawingOf(params).bottom, 4) },
          style: { stroke: lookOf(color, view.palette).color, lineWidth: 2, fill: 'none' },
        }
      },
    }))
}

function cross(x: number, y: number, size: number): string {
  return `M${x - size} ${y - size}L${x + size} ${y + size}M${x - size} ${y + size}L${x + size} ${y - size}`
}

function markSeries(spec: SweepSpec, { palette }: View): CustomSeriesOption[] {
  const { marks = [] } = spec
  if (marks.length === 0) return []
  return [
    {
      ...STILL,
      type: 'custom',
      data: marks.map(mark => [placeOf(spec)(mark.x)]),
      renderItem: (params, api) => {
        const { top, bottom } = drawingOf(params)
        const [px = 0] = api.coord([api.value(0), 1])
        return {
          type: 'group',
          children: [
            {
              type: 'line',
              shape: { x1: px, y1: top - 8, x2: px, y2: bottom },
              style: { stroke: palette.bad, lineWidth: 1, lineDash: [4, 3] },
            },
            {
              type: 'text',
              style: {
                text: marks[params.dataIndex]?.text ?? '',
                x: px,
                y: top - 10,
                align: 'center',
                verticalAlign: 'bottom',
                fontSize: 11,
                fill: palette.bad,
              },
            },
          ],
        }
      },
    },
  ]
}

/** From where to where the drawing reaches, in px from the top. */
function drawingOf({ coordSys }: CustomSeriesRenderItemParams): {
  readonly top: number
  readonly bottom: number
} {
  const { y: top = 0, height = 0 } = coordSys as { readonly y?: number; readonly height?: number }
  return { top, bottom: top + height }
}
