/** Lines over what was swept: medians, their intervals, single trials, and where the system refused. */
import type { CustomSeriesOption, EChartsOption, SeriesOption } from 'echarts'
import type { SweepLine, SweepSpec } from '../../document/chart-spec.ts'
import { lookOf } from './palette.ts'
import {
  labelRoom,
  legend,
  legendRoom,
  logAxis,
  rangeOf,
  STILL,
  UNSHADED,
  type View,
  valueAxis,
} from './view.ts'

export function sweepOption(spec: SweepSpec, view: View): EChartsOption {
  const { x, y } = spec
  const { palette } = view
  const lines = spec.lines.filter(line => !view.hidden?.has(line.name))
  const log = view.log ?? y.log
  const { bottom, top } = rangeOf(valuesOf(lines, view))
  const place = placeOf(spec)
  // On a phone the steps are close.
  const room = Math.min(1, view.width / x.values.length / 80)
  const ends = [place(x.values[0] ?? 0), place(x.values.at(-1) ?? 0)] as const
  return {
    grid: {
      left: labelRoom(y.unit, top, log),
      right: 16,
      top: spec.marks?.length ? 28 : 12,
      bottom: 52 + legendRoom(view, spec.lines),
    },
    xAxis: {
      ...(x.scale === 'log'
        ? { type: 'log', logBase: 2, min: ends[0] / 1.25, max: ends[1] * 1.25 }
        : { type: 'value', min: ends[0] - 0.5, max: ends[1] + 0.5 }),
      name: x.title,
      nameLocation: 'middle',
      nameGap: 32,
      nameTextStyle: { color: palette.muted, fontSize: 12 },
      axisLabel: {
        color: palette.muted,
        fontSize: 12,
        hideOverlap: true,
        customValues: x.values.map(place),
        formatter: (value: number) => labelAt(spec, value),
      },
      axisTick: { customValues: x.values.map(place), lineStyle: { color: palette.muted } },
      axisLine: { lineStyle: { color: palette.muted } },
      splitLine: { show: false },
    },
    yAxis: log ? logAxis(view, y.unit, bottom, top) : valueAxis(view, y.unit, top, y.ceiling),
    ...legend(view, spec.lines),
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
export function placeOf({ x }: SweepSpec): (value: number) => number {
  if (x.scale === 'log') return value => value
  const steps = new Map(x.values.map((value, index) => [value, index]))
  return value => steps.get(value) ?? 0
}

function labelAt({ x }: SweepSpec, place: number): string {
  return x.labels[x.scale === 'log' ? x.values.indexOf(place) : Math.round(place)] ?? ''
}

function valuesOf(lines: readonly SweepLine[], view: View): readonly number[] {
  return lines.flatMap(line => [
    ...line.points.flatMap(({ y, low = y, high = y }) => [y, low, high]),
    ...(view.trials === false ? [] : line.trials.map(([, y]) => y)),
  ])
}

/** `lane` counts from the middle: what belongs to lines stands beside each other. */
function lineSeries(
  line: SweepLine,
  lane: number,
  spec: SweepSpec,
  view: View,
  log: boolean,
): SeriesOption[] {
  const { color, symbol, dash } = lookOf(line.color, view.palette)
  const place = placeOf(spec)
  const points = new Map(line.points.map(point => [point.x, point]))
  const shown = (value: number) => !log || value > 0
  const intervals = line.points.filter(({ low, high }) => low !== undefined && high !== undefined)
  return [
    ...(view.trials === false
      ? []
      : [
          {
            ...UNSHADED,
            type: 'scatter' as const,
            symbol: 'circle',
            symbolSize: 4,
            // Beside the medians and intervals, so that all are seen.
            symbolOffset: [12 * Math.min(1, view.width / spec.x.values.length / 60) + lane * 5, 0] as [
              number,
              number,
            ],
            itemStyle: { color, opacity: 0.45 },
            data: line.trials.filter(([, y]) => shown(y)).map(([x, y]) => [place(x), y]),
          },
        ]),
    {
      ...STILL,
      type: 'custom',
      data: intervals
        .filter(({ low }) => shown(low ?? 0))
        .map(({ x, low, high }) => [place(x), low ?? 0, high ?? 0]),
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
      name: line.name,
      symbol,
      symbolSize: 8,
      showAllSymbol: true,
      lineStyle: { color, width: 2, type: dash },
      itemStyle: { color, borderColor: view.palette.surface, borderWidth: 1 },
      data: spec.x.values.map(x => {
        const y = points.get(x)?.y
        return [place(x), y === undefined || !shown(y) ? null : y] as [number, number]
      }),
    },
  ]
}

/** A cross on the axis; those of several lines stand over each other. */
function refusedSeries(lines: readonly SweepLine[], spec: SweepSpec, view: View): CustomSeriesOption[] {
  const place = placeOf(spec)
  return lines
    .filter(line => line.refused.length > 0)
    .map((line, level) => ({
      ...STILL,
      type: 'custom',
      data: line.refused.map(x => [place(x)]),
      renderItem: (params, api) => {
        const { y = 0, height = 0 } = params.coordSys as { readonly y?: number; readonly height?: number }
        const [px = 0] = api.coord([api.value(0), 1])
        const py = y + height - 8 - 12 * level
        return {
          type: 'path',
          shape: { pathData: cross(px, py, 4) },
          style: { stroke: lookOf(line.color, view.palette).color, lineWidth: 2, fill: 'none' },
        }
      },
    }))
}

function cross(x: number, y: number, size: number): string {
  return `M${x - size} ${y - size}L${x + size} ${y + size}M${x - size} ${y + size}L${x + size} ${y - size}`
}

function markSeries(spec: SweepSpec, view: View): CustomSeriesOption[] {
  const marks = spec.marks ?? []
  if (marks.length === 0) return []
  const place = placeOf(spec)
  return [
    {
      ...STILL,
      type: 'custom',
      data: marks.map(mark => [place(mark.x)]),
      renderItem: (params, api) => {
        const { y = 0, height = 0 } = params.coordSys as { readonly y?: number; readonly height?: number }
        const [px = 0] = api.coord([api.value(0), 1])
        const text = marks[params.dataIndex]?.text ?? ''
        return {
          type: 'group',
          children: [
            {
              type: 'line',
              shape: { x1: px, y1: y - 8, x2: px, y2: y + height },
              style: { stroke: view.palette.bad, lineWidth: 1, lineDash: [4, 3] },
            },
            {
              type: 'text',
              style: {
                text,
                x: px,
                y: y - 10,
                align: 'center',
                verticalAlign: 'bottom',
                fontSize: 11,
                fill: view.palette.bad,
              },
            },
          ],
        }
      },
    },
  ]
}
