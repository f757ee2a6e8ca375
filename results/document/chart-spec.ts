/**
 * A chart as data: the one model of charts. A terminal draws it in characters (chart-lines.ts); ECharts draws it in the page, which holds
 * it as JSON, and as SVG. An unknown number is null.
 */
export type ChartSpec = SweepSpec | HeatSpec | HostsSpec | CasesSpec | StackSpec | CourseSpec

export type Unit = 'rate' | 'share' | 'ms' | 'count'

export interface Axis {
  readonly title: string
  readonly unit: Unit
  /** Where it begins, if not at 0. */
  readonly floor?: number
  /** The most that a value can be. */
  readonly ceiling?: number
  /** By powers of ten, which a reader may switch. */
  readonly log?: boolean
}

/** What was swept. */
export interface SweptAxis {
  readonly title: string
  /** `steps`: the values stand evenly spaced, as they are too close or too uneven for a scale. */
  readonly scale: 'log' | 'steps'
  /** Steps that stand for unequal differences, which is said below the axis. */
  readonly uneven?: boolean
  /** From small to large. */
  readonly values: readonly number[]
  /** How each of them is written. */
  readonly labels: readonly string[]
}

/** Lines over what was swept. */
export interface SweepSpec {
  readonly kind: 'sweep'
  readonly x: SweptAxis
  readonly y: Axis
  readonly lines: readonly SweepLine[]
  /** Upright lines with a word, as where a level changed. */
  readonly marks?: readonly { readonly x: number; readonly text: string }[]
  /** What they are: `a change` if absent. */
  readonly marked?: string
}

/** More lines cannot be distinguished. So many colours there are; lines of a number beyond them have the same ones and other symbols. */
export const MOST_LINES = 6

export interface SweepLine {
  readonly name: string
  /** Which of the colours and symbols. */
  readonly color: number
  readonly points: readonly SweepPoint[]
  /** Single trials: x, y. */
  readonly trials?: readonly (readonly [number, number])[]
  /** Where the system refused. */
  readonly refused?: readonly number[]
}

export interface SweepPoint {
  readonly x: number
  readonly y: number
  readonly low?: number
  readonly high?: number
  /** Trials that it is made from. */
  readonly n: number
  /** Read beside it. */
  readonly more?: string
}

/** Two long sweeps at once: a map for each line, of a cell for each pair of values. */
export interface HeatSpec {
  readonly kind: 'heat'
  readonly value: Axis
  /** The longer sweep, and the other one. */
  readonly x: SweptAxis
  readonly y: SweptAxis
  readonly maps: readonly HeatMap[]
}

export interface HeatMap {
  readonly name: string
  readonly color: number
  /** Each point has the index of its value in both sweeps. */
  readonly cells: readonly (Omit<SweepPoint, 'x' | 'y'> & {
    readonly x: number
    readonly y: number
    /** Undefined where the system refused all. */
    readonly value?: number
  })[]
}

/** From hosts to hosts: maps of which one is seen at a time. */
export interface HostsSpec {
  readonly kind: 'hosts'
  readonly senders: readonly string[]
  readonly receivers: readonly string[]
  readonly maps: readonly HostMap[]
}

export interface HostMap {
  readonly name: string
  readonly value: Axis
  /** Which values are worse. */
  readonly worse: 'less' | 'more'
  /** By sender, then by receiver. */
  readonly cells: readonly (readonly ((Omit<SweepPoint, 'x' | 'y'> & { readonly value: number }) | null)[])[]
}

/** A row a case: its trials as points, their median and its interval. */
export interface CasesSpec {
  readonly kind: 'cases'
  readonly value: Axis
  readonly rows: readonly CaseRow[]
}

export interface CaseRow {
  readonly name: string
  readonly color: number
  readonly median: number
  readonly low?: number
  readonly high?: number
  readonly n: number
  readonly trials: readonly number[]
}

/** A bar a case, of parts that add up. */
export interface StackSpec {
  readonly kind: 'stack'
  readonly value: Axis
  /** Each bar as a whole, whatever its length; a person may choose. */
  readonly shares?: boolean
  /** Their colours are not those of lines. */
  readonly parts: readonly { readonly name: string; readonly color: number }[]
  readonly rows: readonly { readonly name: string; readonly values: readonly (number | null)[] }[]
}

/** Every trial: in the order in which they ran, or by size. */
export interface CourseSpec {
  readonly kind: 'course'
  /** Joined by steps: the share of the trials that reached at most so much. */
  readonly steps?: true
  readonly x: Axis
  readonly y: Axis
  readonly lines: readonly CourseLine[]
}

export interface CourseLine {
  readonly name: string
  readonly color: number
  /** X (position in the run, or value), y (value, or share), round. */
  readonly trials: readonly (readonly [number, number, number])[]
}
