/**
 * A chart as data: the one model of charts. A terminal draws it in characters (chart-lines.ts); ECharts draws it in the page, which holds
 * it as JSON, and as SVG. An unknown number is null.
 */
export type ChartSpec = SweepSpec | CasesSpec | StackSpec | CourseSpec

export type Unit = 'rate' | 'share' | 'ms' | 'count'

interface Axis {
  readonly title: string
  readonly unit: Unit
  /** The most that a value can be. */
  readonly ceiling?: number
}

/** Lines over what was swept. */
export interface SweepSpec {
  readonly kind: 'sweep'
  readonly x: {
    readonly title: string
    /** `steps`: the values stand evenly spaced, as they are too close or too uneven for a scale. */
    readonly scale: 'log' | 'steps'
    /** From small to large. */
    readonly values: readonly number[]
    /** How each of them is written. */
    readonly labels: readonly string[]
  }
  /** By powers of ten: in pictures only, which a reader may switch, or on a terminal too. */
  readonly y: Axis & { readonly log?: boolean | 'always' }
  readonly lines: readonly SweepLine[]
  /** Upright lines with a word, as where a level changed. */
  readonly marks?: readonly { readonly x: number; readonly text: string }[]
}

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
  readonly parts: readonly { readonly name: string; readonly color: number }[]
  readonly rows: readonly { readonly name: string; readonly values: readonly (number | null)[] }[]
}

/** Every trial in the order in which they ran. */
export interface CourseSpec {
  readonly kind: 'course'
  readonly x: Axis
  readonly y: Axis
  readonly lines: readonly CourseLine[]
}

export interface CourseLine {
  readonly name: string
  readonly color: number
  /** Position in the run, value, round. */
  readonly trials: readonly (readonly [number, number, number])[]
}
