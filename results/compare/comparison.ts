/** What a comparison says: the model that tables, gates and reports are rendered from. */
import type { CellField } from '../schema/cells.ts'
import type { ColumnName } from '../schema/columns.ts'
import type { System } from '../schema/systems.ts'
import type { LossDifference, LossShare } from '../statistics/loss.ts'
import type { Estimate } from '../statistics/processes.ts'
import type { Judgement, Verdict } from './judge.ts'
import type { Metric } from './metrics.ts'
import type { Row } from './rows.ts'

export interface Comparison {
  readonly metric: Metric
  /** The column whose values the sets are; undefined: each is a file. */
  readonly by: ColumnName | undefined
  /** The conditions by which rows were chosen; undefined: all. */
  readonly filter: string | undefined
  /** The first is the base, unless another one was chosen. */
  readonly sets: readonly ComparedSet[]
  readonly base: number
  /** Cell fields that distinguish rows, in the order of CELL_FIELDS. */
  readonly fields: readonly CellField[]
  /** Cell fields that have one value in all trials of all sets. */
  readonly common: readonly CellField[]
  readonly rows: readonly ComparedRow[]
  /** Of the ratios of all rows that have one, for each set; undefined at the base and where there is none. */
  readonly geomeans: readonly (Geomean | undefined)[]
  /** Columns in which sets differ, or trials of one set: the environment, and settings that are not among `fields`. */
  readonly differences: readonly Difference[]
  /** Undefined where all sets are of one system. */
  readonly systems?: Systems | undefined
  readonly warnings: readonly ComparisonWarning[]
}

export interface ComparedSet {
  /** No two are the same. */
  readonly label: string
  readonly runs: number
  readonly trials: number
  /** When its first run began: UTC, ISO 8601. */
  readonly startedAt?: string
}

/** exp(mean ln ratio) over the rows. Without an interval, since rows are not a sample of anything. */
export interface Geomean {
  readonly ratio: number
  /** Rows that have a ratio which is neither 0 nor infinite. */
  readonly rows: number
}

export interface Difference {
  readonly column: ColumnName
  /** The values of each set, most frequent first; settings of a cell in words (`4,194,304 B`, `default`), where rows differ in them. */
  readonly values: readonly (readonly string[])[]
}

/** Its cell says something of it in `fields` and `common` only. */
export interface ComparedRow extends Row {
  /** One for each set; undefined where the set has no trial of this cell with a value. */
  readonly estimates: readonly (Estimate | undefined)[]
  /** Of each set to the base; undefined at the base, and where one of both has no sample. */
  readonly changes: readonly (Change | undefined)[]
  /** Loss as proportions of accepted datagrams; undefined for streams. */
  readonly losses: readonly (LossEstimate | undefined)[]
  /** What the system took and refused; undefined for streams. */
  readonly refusals: readonly (RefusalFacts | undefined)[]
  /** How trials ended; undefined where the set has none of this cell. */
  readonly troubles: readonly (Troubles | undefined)[]
}

/** From the base to another set. */
export interface Change extends Omit<Judgement, 'error'> {
  /** Processes of the side that has fewer; undefined if the sides shared them, or if unknown. */
  readonly processes: number | undefined
  /** Trials with a value that were left out, since their partner has none. */
  readonly leftOut: number
  /** After Holm over all rows and sets. */
  readonly pHolm: number | undefined
  /** The least effect that counts, as a share (0.05: 5%). */
  readonly delta: number
  readonly verdict: Verdict
}

export interface LossEstimate extends LossShare {
  /** Against the base; undefined at the base, and where it has none. */
  readonly change: LossChange | undefined
}

export interface LossChange extends LossDifference {
  /** After Holm over all losses. */
  readonly pHolm: number | undefined
  /** The least difference that counts. */
  readonly delta: number
  readonly verdict: Verdict
}

export interface RefusalFacts {
  /** Datagrams of the payload, and headers or markers that were refused. */
  readonly refused: number
  readonly offered: number
  /** The largest datagram of a trial in which some were accepted and none was refused for its size, and the smallest refused (EMSGSIZE), in bytes. */
  readonly largestAcceptedBytes?: number
  readonly smallestRefusedBytes?: number
  /** The limit was emulated (`--max-datagram`, `--os-profile`) in all trials with such a refusal. */
  readonly emulated?: true
}

export interface Systems {
  /** For each set. */
  readonly sets: readonly SystemOfSet[]
  /** What sockets asked for, and what they were given, where it differs. */
  readonly given: readonly Difference[]
  /** What may be concluded, and what not. */
  readonly may: string
  readonly mayNot: string
}

export interface SystemOfSet extends System {
  readonly limits: readonly SystemLimit[]
}

/** The largest datagrams of a system. */
export interface SystemLimit extends RefusalFacts {
  readonly ipFamily: 4 | 6
  readonly sndbufAskedBytes?: number
  /** The largest that is documented of the system, or of the one that is emulated. */
  readonly expectedBytes?: number
  /** `confirmed` to the byte; `fits` as far as was tried. Undefined of an emulated limit, and under wine. */
  readonly agreement?: 'confirmed' | 'fits' | 'not reached' | 'differs'
  /** What sets it, and what lifts it. */
  readonly cause?: string
}

export interface Troubles {
  readonly trials: number
  readonly failed: number
  readonly timedOut: number
  /** Trials in which damaged bytes arrived (`damagedTrials`), failed ones among them. */
  readonly damaged: number
  /** Trials whose header or marker before the payload was refused or lost, so that no transfer began. */
  readonly notBegun: number
  /** Why, each once. */
  readonly notBegunCodes: readonly string[]
}

export interface ComparisonWarning {
  /** `few-rounds`, `drift`, `bimodal` … */
  readonly code: WarningCode
  /** What, where and by how much; one line. */
  readonly message: string
  readonly remedy: string
}

export const WARNING_CODES = [
  'nothing-shared',
  'single-runs',
  'one-process',
  'few-rounds',
  'left-out',
  'merged-cells',
  'emulated-limit',
  'clock-error',
  'drift',
  'bimodal',
] as const
export type WarningCode = (typeof WARNING_CODES)[number]
