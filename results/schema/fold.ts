/**
 * A trial of several flows at the same time (`--streams`), or to several receivers (`--receivers`), as one: what it has in each column, of
 * what its flows have. The columns say how (`over`). Pure.
 */
import { groupBy } from '../../base/groups.ts'
import { Latencies } from '../../base/latencies.ts'
import { cellKey } from './cells.ts'
import type { ColumnFacts, Over } from './columns/column.ts'
import { COLUMNS, type ColumnName, columnOf, isColumnName, type TrialRecord } from './columns.ts'
import { OUTCOMES } from './outcome.ts'
import type { Value } from './value.ts'

/** How the flows of a trial make up its value of a column: as its facts say, or as is usual for its kind. */
export function overOf({ over, role, type, unit }: ColumnFacts): Over {
  if (over !== undefined) return over
  if (role !== 'measured') return 'first'
  if (type === 'string') return 'worst'
  if (type === 'boolean') return 'least'
  if (unit === 'ms' || unit === 'tasks') return 'most'
  return type === 'integer' || unit === 'bit/s' ? 'sum' : 'mean'
}

/** How many rows make up a trial of a cell; undefined if each row is one. */
export function rowsPerTrial({ streams, receivers }: Pick<TrialRecord, 'streams' | 'receivers'>) {
  return streams ?? receivers
}

/**
 * The value of a trial. One that a flow lacks is unknown for all, unless it is that of a single flow.
 * @param values of its flows, by number of the flow @param worst index of the flow that ended worst
 * @param whole the value of the trial in another column, for a ratio @param rates how its rates make one up, if not as is usual
 */
export function foldValue(
  column: ColumnFacts,
  values: readonly Value[],
  worst: number,
  whole: (column: ColumnName) => Value,
  rates?: RatesOver,
): Value {
  const usual = overOf(column)
  const over = usual === 'sum' && column.unit === 'bit/s' ? (rates ?? usual) : usual
  if (typeof over === 'object') return ratioOf(over, whole)
  if (over === 'none') return undefined
  if (over === 'first') return values[0]
  if (over === 'worst') return values[worst]
  if (values.includes(undefined)) return undefined
  if (over === 'merged') return mergedLatencies(values.map(String))
  if (over === 'most' || over === 'least') {
    const sign = over === 'most' ? 1 : -1
    return values.reduce((best, each) => (sign * (Number(each) - Number(best)) > 0 ? each : best))
  }
  const sum = values.reduce((total: number, each) => total + Number(each), 0)
  return over === 'sum' ? sum : sum / values.length
}

/** Columns without which one of these cannot be folded. */
export function partsOf(names: readonly ColumnName[]): readonly ColumnName[] {
  return names.flatMap(name => {
    const over = overOf(columnOf(name))
    return typeof over === 'object' ? [over.part, over.of].filter(isColumnName) : []
  })
}

/** Whether these are all flows of a trial, each once. */
export function isWhole(flows: readonly number[], streams: number): boolean {
  return flows.length === streams && new Set(flows).size === streams
}

/** Index of the flow that ended worst; the first of equal ones. @param outcomes indexes into OUTCOMES */
export function worstOf(outcomes: readonly number[]): number {
  return outcomes.indexOf(Math.max(...outcomes))
}

/** Of the receivers of a group, the slowest says when all have everything; streams share what there is, and are added up. */
export type RatesOver = Extract<Over, 'sum' | 'least'>
export function ratesOver({ receivers }: Pick<TrialRecord, 'receivers'>): RatesOver {
  return receivers === undefined ? 'sum' : 'least'
}

/** One record of what the flows of a trial, or of an interval, have. */
export function foldRecords<Record extends object>(
  columns: readonly (ColumnFacts & { readonly name: string })[],
  flows: readonly Record[],
  worst = 0,
  rates?: RatesOver,
): Record {
  const folded: { [name: string]: Value } = {}
  const valueIn = (record: object, name: string): Value => (record as { [name: string]: Value })[name]
  for (const column of columns) {
    const values = flows.map(each => valueIn(each, column.name))
    const value = foldValue(column, values, worst, name => folded[name], rates)
    if (value !== undefined) folded[column.name] = value
  }
  // Each column has a value of its own type.
  return folded as Record
}

export interface Flows {
  /** Of each trial, in the order in which they first appear: its rows by number of the flow. */
  readonly trials: readonly (readonly TrialRecord[])[]
  /** Rows of trials that lack some of their flows, as of a run that was killed. */
  readonly partial: readonly TrialRecord[]
}

/** The rows of each trial. Without `--streams` and `--receivers` each row is one. */
export function flowsOf(records: readonly TrialRecord[]): Flows {
  const groups = [...groupBy(records, trialKey).values()].map(rows => {
    const perTrial = rowsPerTrial(rows[0])
    if (perTrial === undefined) return { trials: rows.map(each => [each]), partial: [] }
    return isWhole(rows.map(flowOf), perTrial)
      ? { trials: [rows.toSorted((a, b) => flowOf(a) - flowOf(b))], partial: [] }
      : { trials: [], partial: rows }
  })
  return { trials: groups.flatMap(each => each.trials), partial: groups.flatMap(each => each.partial) }
}

/** A trial as one record. @param flows its rows, by number of the flow */
export function foldTrial(flows: readonly TrialRecord[]): TrialRecord {
  const [only] = flows
  if (only && rowsPerTrial(only) === undefined) return only
  const worst = worstOf(flows.map(each => OUTCOMES.indexOf(each.outcome)))
  return foldRecords(COLUMNS, flows, worst, only && ratesOver(only))
}

/** Rows of older versions have one flow. */
function flowOf({ flow = 1 }: TrialRecord): number {
  return flow
}

function trialKey(record: TrialRecord): string {
  const { run_id, round, trial } = record
  return rowsPerTrial(record) === undefined ? '' : JSON.stringify([run_id, round, trial, cellKey(record)])
}

function ratioOf({ part, of }: Exclude<Over, string>, whole: (column: ColumnName) => Value): Value {
  if (!isColumnName(part) || !isColumnName(of)) throw new Error(`no columns ${part} and ${of}`)
  const [a, b] = [whole(part), whole(of)]
  return typeof a === 'number' && typeof b === 'number' && b > 0 ? a / b : undefined
}

function mergedLatencies(encoded: readonly string[]): string {
  const all = new Latencies()
  for (const each of encoded) all.merge(Latencies.from(each))
  return all.encoded()
}
