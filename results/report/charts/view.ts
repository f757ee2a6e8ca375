/** How a chart is shown, and what each kind of chart says for itself. */
import type { EChartsOption, SeriesOption } from 'echarts'
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
  /** Which of its pictures; the first if absent. */
  readonly choice?: number
  /** A legend within the picture. */
  readonly legend?: boolean
}

/** A chart as ECharts draws it and as a person reads it. Each kind makes its own; nothing else asks which kind it is. */
export interface Plot {
  /** None if the rows of a chart show their names. */
  readonly legend: readonly Key[]
  /** Names of pictures of which one is drawn; absent for a chart that is one. */
  readonly choices?: readonly string[]
  /** px, without a legend. */
  readonly height: number
  /** How many single trials it draws. */
  readonly trials: number
  /** Buttons beside those of the lines. */
  readonly switches: readonly Switch[]
  option(view: View): EChartsOption
  /** What can be read, place by place: steps, rows or trials. */
  places(hidden: ReadonlySet<string>, choice?: number): readonly Place[]
}

/** An entry of a legend. */
export interface Key {
  readonly name: string
  /** Number of its colour. */
  readonly color: number
  /** Default: the symbol of a line of this colour. */
  readonly icon?: 'rect'
}

export interface Switch {
  readonly name: 'trials' | 'log' | 'shares'
  readonly text: string
  readonly on: boolean
}

/** A place of a chart, for the pointer, for arrow keys and for screen readers. */
export interface Place {
  /** On the axes: a step of a sweep has only an x, a row only a y. */
  readonly x?: number | undefined
  readonly y?: number | undefined
  readonly title: string
  readonly entries: readonly (Key & { readonly text: string })[]
}

export const TRIALS: Switch = { name: 'trials', text: 'single trials', on: true }

export function logSwitch(on: boolean): Switch {
  return { name: 'log', text: 'logarithmic', on }
}

export function shown<T extends Key>(
  lines: readonly T[],
  hidden: ReadonlySet<string> | undefined,
): readonly T[] {
  return lines.filter(line => !hidden?.has(line.name))
}

/** Without quotes, which the attributes of an SVG do not escape. */
export const FONT = 'system-ui, -apple-system, Segoe UI, Roboto, Helvetica Neue, Inter, Arial, sans-serif'

/** For every series: readings are found by position. */
export const STILL = { silent: true, clip: false } as const
/** For lines and points: ECharts cannot shade a colour that the page defines. */
export const UNSHADED = { ...STILL, emphasis: { disabled: true } } as const

/** Single trials as small dots, unless they are not to be seen. */
export function trialDots(
  { trials, palette }: View,
  color: number,
  size: number,
  rest: { readonly opacity: number; readonly offset: Offset; readonly data: number[][] },
): readonly SeriesOption[] {
  if (trials === false) return []
  return [
    {
      ...UNSHADED,
      type: 'scatter',
      symbol: 'circle',
      symbolSize: size,
      symbolOffset: rest.offset,
      itemStyle: { color: lookOf(color, palette).color, opacity: rest.opacity },
      data: rest.data,
    },
  ]
}

type Offset =
  | [number, number]
  | ((value: unknown, params: { readonly dataIndex: number }) => [number, number])

/** A legend below, for pictures without a page. */
export function legend(view: View, keys: readonly Key[]): Pick<EChartsOption, 'legend'> {
  if (!view.legend || keys.length === 0) return {}
  return {
    legend: {
      bottom: 4,
      left: 'center',
      itemGap: 18,
      textStyle: { color: view.palette.ink, fontSize: 12 },
      data: keys.map(({ name, color, icon = lookOf(color, view.palette).symbol }) => ({ name, icon })),
    },
  }
}

/** Height in px that such a legend takes. */
export function legendRoom(view: View, keys: readonly Key[]): number {
  if (!view.legend || keys.length === 0) return 0
  const widths = keys.map(({ name }) => name.length * 7 + 50)
  const rows = Math.ceil(widths.reduce((sum, width) => sum + width, 0) / view.width)
  return 12 + rows * 24
}
