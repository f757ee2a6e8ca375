/** A warning is data: what is wrong, what to do about it, and which cases it concerns. */
import { joinWords } from '../document/text.ts'
import {
  CELL_FIELDS,
  type Cell,
  type CellField,
  cellKey,
  describeField,
  fieldValue,
  tellingFields,
  wholeName,
} from '../schema/cells.ts'
import type { TrialRecord } from '../schema/columns.ts'
import type { CaseSummary } from '../statistics/summary.ts'
import type { AdvisedEnds } from './remedies.ts'

export const WARNING_CODES = [
  'trial-failed',
  'trial-timed-out',
  'answer-elsewhere',
  'unanswered',
  'payload-damaged',
  'refused-header',
  'refused-emsgsize',
  'refused',
  'loss-send-queue',
  'loss-receive-buffer',
  'another-source',
  'loss-fragments',
  'nothing-arrives',
  'loss-elsewhere',
  'loss',
  'protocol-part-lost',
  'late-datagrams',
  'rcvbuf-not-honoured',
  'sndbuf-not-honoured',
  'offload-idle',
  'zerocopy-copied',
  'pacer-stalled',
  'relay-late',
  'impair-left-out',
  'wine',
  'untested-engine',
  'unverified',
  'rate-missed',
  'clock-error',
  'few-rounds',
  'wide-interval',
  'drift',
  'placement',
] as const
type WarningCode = (typeof WARNING_CODES)[number]

export interface Warning {
  readonly code: WarningCode
  readonly message: string
  readonly remedy: string
  readonly cells: readonly Cell[]
}

/** All cases of a run. */
export interface Run {
  readonly summaries: readonly CaseSummary[]
  /** The ends whose flags a remedy may name. */
  readonly advised: AdvisedEnds
}

/** Gives at most one warning, about all cases that it concerns. */
export type Rule = (run: Run) => Warning | undefined

interface Words {
  readonly what: string
  readonly remedy: string
}

type Some<T> = readonly [T, ...T[]]

/** @param factOf what there is to warn about in a case, if anything @param explain gets what was found, with its cases */
export function ruleOfCases<Fact>(
  code: WarningCode,
  factOf: (each: CaseSummary, run: Run) => Fact | false | undefined,
  explain: (facts: Some<Fact>, cases: readonly CaseSummary[], run: Run) => Words,
): Rule {
  return run => {
    const found = run.summaries.flatMap(summary => {
      const fact = factOf(summary, run)
      return fact === undefined || fact === false ? [] : [{ summary, fact }]
    })
    const [first, ...others] = found.map(each => each.fact)
    if (first === undefined) return undefined
    const cases = found.map(each => each.summary)
    const { what, remedy } = explain([first, ...others], cases, run)
    const cells = cases.map(each => each.cell)
    const all = run.summaries.map(each => each.cell)
    const distinct = new Map(cells.map(cell => [cellKey(cell), cell]))
    return { code, message: `${nameCells(cells, all)}: ${what}`, remedy, cells: [...distinct.values()] }
  }
}

/** @param isConcerned whether there is something to warn about in a trial @param explain gets those trials, and their cases */
export function ruleOfTrials(
  code: WarningCode,
  isConcerned: (trial: TrialRecord) => boolean,
  explain: (trials: Some<TrialRecord>, cases: readonly CaseSummary[], run: Run) => Words,
): Rule {
  const trialsIn = ({ records }: CaseSummary) => {
    const [first, ...others] = records.filter(isConcerned)
    return first && ([first, ...others] as const)
  }
  return ruleOfCases(code, trialsIn, ([[first, ...others], ...rest], cases, run) =>
    explain([first, ...others, ...rest.flat()], cases, run),
  )
}

/** The first of those for which `by` is largest. */
export function largest<T>([first, ...others]: Some<T>, by: (item: T) => number): T {
  return others.reduce((most, each) => (by(each) > by(most) ? each : most), first)
}

/**
 * `udp-header and udp-marker, chunk 64 B to 9,216 B (10 cases)`: cells by what distinguishes them from others of their transport. Only
 * `fields` may name them. Empty if one cell stands alone and `fields` lack the transport.
 */
export function nameCells(
  cells: readonly Cell[],
  all: readonly Cell[],
  fields: readonly CellField[] = CELL_FIELDS,
): string {
  if (cells.length > 1 && cells.length === all.length)
    return all.length === 2 ? 'both cases' : `all ${all.length} cases`
  const transports = [...new Set(cells.map(cell => cell.transport))]
  const telling = new Set(
    transports.flatMap(name => tellingFields(all.filter(each => each.transport === name))),
  )
  const details = [...telling]
    .filter(field => fields.includes(field))
    .map(field => nameValues(cells, field))
    .filter(text => text !== '')
  const names = fields.includes('transport') ? [joinWords(transports.map(wholeName))] : []
  const count = cells.length > transports.length ? ` (${cells.length} cases)` : ''
  return [...names, ...details].join(', ') + count
}

/** `chunk 64 B to 9,216 B`; empty if there are several values without an order. */
function nameValues(cells: readonly Cell[], field: CellField): string {
  const sorted = cells.toSorted((a, b) => Number(a[field]) - Number(b[field]))
  const [first, last] = [sorted[0], sorted.at(-1)]
  if (!first || !last) return ''
  if (cells.every(cell => cell[field] === first[field])) return describeField(first, field)
  if (cells.some(cell => typeof cell[field] !== 'number')) return ''
  return `${describeField(first, field)} to ${fieldValue(last, field)}`
}
