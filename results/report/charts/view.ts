/** How a chart is shown, and what all kinds of charts share. */
import type { EChartsOption } from 'echarts'
import type { Unit } from '../../document/chart-spec.ts'
import { axisLabels } from '../../document/chart-units.ts'
import { lookOf, type Palette } from './palette.ts'

export interface View {
  readonly palette: Palette
  /** px */
  readonly width: number
  /** Names of lines that are not drawn. */
  readonly hidden?: ReadonlySet<string>
  /** Draws single trials too: the default. */
  readonly trials?: boolean
  /** A logarithmic scale of values. Default: as the chart says. */
  readonly log?: boolean
  /** Draws bars as shares of their sum. */
  readonly shares?: boolean
  /** A legend within the picture. */
  readonly legend?: boolean
}

/** Without quotes, which the attributes of an SVG do not escape. */
export const FONT = 'system-ui, -apple-system, Segoe UI, Roboto, Helvetica Neue, Inter, Arial, sans-serif'

/** For every series: readings are found by position. */
export const STILL = { silent: true, clip: false } as const
/** For lines and points: ECharts cannot shade a colour that the page defines. */
export const UNSHADED = { ...STILL, emphasis: { disabled: true } } as const

/** An axis of values from 0 up. `top` is the largest value. */
export function valueAxis({ palette }: View, unit: Unit, top: number, ceiling?: number) {
  const label = axisLabels(unit, top)
  // Otherwise the axis of a share of 99 % would reach 120 %.
  const full = ceiling !== undefined && top > ceiling * 0.8
  return {
    type: 'value' as const,
    min: 0,
    ...(full ? { max: ceiling, interval: ceiling / 4 } : {}),
    splitNumber: 4,
    ...axisLook(palette, value => (value === 0 && unit !== 'share' ? '0' : label(value))),
  }
}

/** A logarithmic axis for values from `bottom` to `top`, with a few ticks at round numbers. */
export function logAxis({ palette }: View, unit: Unit, bottom: number, top: number) {
  const ticks = logTicks(bottom / 1.1, top * 1.1)
  const look = axisLook(palette, value => axisLabels(unit, value)(value))
  return {
    type: 'log' as const,
    min: bottom / 1.1,
    max: top * 1.1,
    ...look,
    axisLabel: { ...look.axisLabel, customValues: ticks },
    axisTick: { ...look.axisTick, customValues: ticks },
  }
}

/** 1, 2 and 5 times powers of ten; only powers for wide spans. */
function logTicks(bottom: number, top: number): number[] {
  const powers = Array.from(
    { length: Math.ceil(Math.log10(top)) - Math.floor(Math.log10(bottom)) + 1 },
    (_, index) => 10 ** (Math.floor(Math.log10(bottom)) + index),
  )
  const steps = top / bottom > 300 ? [1] : top / bottom > 30 ? [1, 3] : [1, 2, 5]
  return powers
    .flatMap(power => steps.map(step => step * power))
    .filter(tick => tick >= bottom && tick <= top)
}

function axisLook(palette: Palette, label: (value: number) => string) {
  return {
    axisLabel: {
      color: palette.muted,
      fontSize: 12,
      hideOverlap: true,
      formatter: (value: number) => label(value),
    },
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: palette.grid } },
  }
}

/** The least value above 0 and the largest; 1 if there is none. */
export function rangeOf(values: readonly number[]): { readonly bottom: number; readonly top: number } {
  let [bottom, top] = [Number.POSITIVE_INFINITY, 0]
  for (const value of values) {
    if (value > 0) bottom = Math.min(bottom, value)
    top = Math.max(top, value)
  }
  return top > 0 ? { bottom, top } : { bottom: 1, top: 1 }
}

/** Room for the labels of an upright axis, in px. */
export function labelRoom(unit: Unit, top: number, log: boolean): number {
  const label = axisLabels(unit, top)
  const longest = log ? 10 : Math.max(...[1, 0.75, 0.5].map(part => label(niceBelow(top * part)).length))
  return longest * 6.8 + 14
}

/** A legend below, for pictures without a page. */
export function legend(
  view: View,
  names: readonly { readonly name: string; readonly color: number }[],
  icon?: string,
): EChartsOption {
  if (!view.legend || names.length === 0) return {}
  return {
    legend: {
      bottom: 4,
      left: 'center',
      itemGap: 18,
      textStyle: { color: view.palette.ink, fontSize: 12 },
      data: names.map(({ name, color }) => ({ name, icon: icon ?? lookOf(color, view.palette).symbol })),
    },
  }
}

/** Height in px that such a legend takes. */
export function legendRoom(view: View, names: readonly { readonly name: string }[]): number {
  if (!view.legend || names.length === 0) return 0
  const widths = names.map(({ name }) => name.length * 7 + 50)
  const rows = Math.ceil(widths.reduce((sum, width) => sum + width, 0) / view.width)
  return 12 + rows * 24
}

/** A step of an axis at or below a value, to estimate the length of a label. */
function niceBelow(value: number): number {
  if (value <= 0) return 0
  const power = 10 ** Math.floor(Math.log10(value))
  const step = [5, 2.5, 2, 1].find(each => each * power <= value) ?? 1
  return step * power
}
