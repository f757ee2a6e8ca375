/** What a gate says: one check for each thing that was judged. Terminal, GitHub, JUnit and JSON are rendered from it. */
import type { Cell } from '../schema/cells.ts'
import type { Interval } from '../statistics/quantiles.ts'

/**
 * `failed`: a threshold is broken, a regression proven, or a fact says so; `inconclusive`: it can be neither proven nor excluded;
 * `skipped`: shown and not judged.
 */
export const STATUSES = ['failed', 'inconclusive', 'skipped', 'passed'] as const
export type Status = (typeof STATUSES)[number]

/** `threshold`; against a baseline or another side: `metric`, `loss`, and the facts `refusal`, `damage`, `failure`, `delivery`, `missing` (trials, or any judgement). */
export const KINDS = [
  'threshold',
  'metric',
  'loss',
  'refusal',
  'damage',
  'failure',
  'delivery',
  'missing',
] as const
export type Kind = (typeof KINDS)[number]

export interface Check {
  readonly kind: Kind
  /** The threshold as it was written, or what was compared: `goodput`, `loss`, `refused datagrams` … */
  readonly subject: string
  /** Undefined: a threshold that speaks of no cell. */
  readonly cell: Cell | undefined
  readonly status: Status
  /** What was found, in one sentence without the cell's name. */
  readonly sentence: string
  readonly figures: Figures
  /** Samples differ from run to run, so that a failure has to show twice; facts need not. */
  readonly statistical: boolean
  /** It would fail if it were judged alone (before Holm), which is enough to look at it again. */
  readonly suspect?: true
  /** What came of measuring it again: undefined when that was not needed, a text when it could not be. */
  readonly again?: Again | { readonly notMeasured: string }
}

interface Again {
  readonly status: Status
  readonly sentence: string
  readonly figures: Figures
}

/** The figures behind the sentence, in the unit that is named; shares are 0 to 1. */
export interface Figures {
  readonly unit?: 'bit/s' | 'ms' | '0 to 1' | 'trials' | 'datagrams' | 'B' | undefined
  /** Of the results. */
  readonly value?: number | undefined
  /** Of the value, 95 %. */
  readonly valueInterval?: Interval | undefined
  /** What a threshold permits. */
  readonly limit?: number | undefined
  /** Of the baseline, or of side A. */
  readonly base?: number | undefined
  /** Results / base; for a loss the difference of both. */
  readonly change?: number | undefined
  /** Of the change, 95 %. */
  readonly changeInterval?: Interval | undefined
  readonly p?: number | undefined
  /** After Holm over all that were judged together. */
  readonly pHolm?: number | undefined
  /** The least effect that counts. */
  readonly delta?: number | undefined
  /** What `count` is a number of. */
  readonly basis?: 'trials' | 'pairs' | 'processes' | 'runs' | undefined
  readonly count?: number | undefined
}

/** Something to know beside the checks: an environment that differs, a cell that could not be measured, rows left out. */
export interface Note {
  readonly message: string
  readonly remedy?: string
}

export type GateVerdict = 'passed' | 'failed'

export interface Gate {
  readonly verdict: GateVerdict
  /** What is inconclusive or was skipped fails too. */
  readonly strict: boolean
  /** What was judged, and against what: a line each. */
  readonly heading: readonly string[]
  readonly checks: readonly Check[]
  readonly notes: readonly Note[]
}

/** With `strict`, only what has passed passes. */
export function verdictOfChecks(checks: readonly Check[], strict: boolean): GateVerdict {
  const bad: readonly Status[] = strict ? ['failed', 'inconclusive', 'skipped'] : ['failed']
  return checks.some(each => bad.includes(each.status)) ? 'failed' : 'passed'
}

/** How many checks there are of each status. */
export function countStatuses(checks: readonly Check[]): Readonly<Record<Status, number>> {
  const counts = { failed: 0, inconclusive: 0, skipped: 0, passed: 0 }
  for (const { status } of checks) counts[status]++
  return counts
}

/**
 * Worth measuring again: it fails, and may do so by chance; or it would fail alone. Suspects that have to fail by the whole rule
 * in twice as many trials find more and cry wolf less than one look does (docs/statistics.md, "Rules").
 */
export function isSuspicious({ status, statistical, suspect, cell }: Check): boolean {
  return (status === 'failed' || suspect === true) && statistical && cell !== undefined
}

/** So many times the rounds of the first look has the second one. */
export const AGAIN_ROUNDS = 2
