/** A threshold as a person writes it: `tcp.goodput.p50 > 1Gbps`, `udp-*.loss < 0.1%`, `refused == 0 @ chunk<=9216`. */
import { UsageError } from '../../base/errors.ts'
import { suggestion } from '../../base/nearest.ts'
import { parseRate } from '../../base/units.ts'
import type { Cell } from '../schema/cells.ts'
import { parsePercent, parseTime } from '../select/operands.ts'
import { parseSelector, type Selector } from '../select/selector.ts'
import { SUBJECTS, type Subject } from './subjects.ts'

export interface Threshold {
  /** As it was written, with single blanks. */
  readonly text: string
  /** A transport, or several by `*` and `?`; undefined for all of them. */
  readonly transport: string | undefined
  readonly subject: Subject
  /** Undefined where none was named: the median of samples, the share of all datagrams for loss. Counts have none. */
  readonly statistic: Statistic | undefined
  readonly operator: Operator
  /** In bit/s, ms, as a share from 0 to 1, or as a count. */
  readonly limit: number
  /** Counts only: the limit is a share of the trials, or of the datagrams offered. */
  readonly asShare: boolean
  readonly selector: Selector | undefined
}

export type Statistic =
  | { readonly kind: 'quantile'; readonly p: number }
  | { readonly kind: 'min' | 'max' | 'mean' }

const OPERATORS = ['<=', '>=', '==', '<', '>'] as const
export type Operator = (typeof OPERATORS)[number]

const EXAMPLE = "'tcp.goodput.p50 > 1Gbps'"

/**
 * Reads `[transport.]metric[.statistic] operator value [@ conditions]`. Transports may have `*` and `?`; statistics are p1 to
 * p99 (p50 where none is named), min, max and mean; conditions are those of `--filter`.
 * @throws UsageError in one line: which part is wrong, and what may stand there
 */
export function parseThreshold(written: string): Threshold {
  const text = written.trim().replaceAll(/\s+/g, ' ')
  try {
    return { text, ...parse(text) }
  } catch (thrown) {
    if (!(thrown instanceof UsageError)) throw thrown
    throw new UsageError(`threshold ${JSON.stringify(text)}: ${thrown.message}`)
  }
}

function parse(text: string): Omit<Threshold, 'text'> {
  const [, left = '', operator = '', value = '', conditions] =
    /^([^<>=!@]*?) ?([<>=!]+) ?([^@]*?)(?: ?@ ?(.*))?$/.exec(text) ?? []
  if (operator === '') throw new UsageError(noOperator(text))
  const known = OPERATORS.find(each => each === operator)
  if (!known)
    throw new UsageError(`unknown operator ${JSON.stringify(operator)}; write one of <, <=, >, >=, ==`)
  const named = parseLeft(left)
  const { subject, statistic } = named
  const continuous = ['rate', 'time', 'share', 'trips'].includes(subject.kind)
  if (known === '==' && (continuous || statistic))
    throw new UsageError(
      `== never holds for a ${continuous ? (subject.kind === 'trips' ? 'time' : subject.kind) : 'statistic'}; write <= or >=`,
    )
  const limit = parseLimit(value, subject)
  const certain = certainty(known, limit)
  if (certain !== undefined)
    throw new UsageError(`${known} ${value} ${certain} holds, which guards nothing; write another limit`)
  if (conditions === '') throw new UsageError('there is nothing after @; write a condition, as chunk<=9216')
  const selector = conditions === undefined ? undefined : parseSelector(conditions, { cellsOnly: true })
  return { ...named, operator: known, ...limit, selector }
}

/** True or false whatever is measured: nothing is below 0, and no share above 100 %. */
function certainty(
  operator: Operator,
  { limit, asShare }: Pick<Threshold, 'limit' | 'asShare'>,
): 'always' | 'never' | undefined {
  if (limit === 0 && (operator === '<' || operator === '>=')) return operator === '<' ? 'never' : 'always'
  if (asShare && limit === 1 && (operator === '>' || operator === '<='))
    return operator === '>' ? 'never' : 'always'
  return undefined
}

/** Whether a threshold selects a cell, by its transport and the conditions. */
export function speaksOf({ transport, selector }: Threshold, cell: Cell): boolean {
  const pattern = transport?.replaceAll('*', '.*').replaceAll('?', '.')
  const named = pattern === undefined || new RegExp(`^${pattern}$`).test(cell.transport)
  return named && (selector?.matchesCell(cell) ?? true)
}

function parseLeft(left: string): Pick<Threshold, 'transport' | 'subject' | 'statistic'> {
  // The point of p99.9 parts nothing.
  const parts = left.split(/(?<!\bp\d+)\./).map(part => part.trim())
  const last = parts.at(-1) ?? ''
  const statistic = parts.length > 1 ? parseStatistic(last) : undefined
  const name = (statistic ? parts.at(-2) : last) ?? ''
  const before = parts.slice(0, statistic ? -2 : -1)
  const subject = SUBJECTS.find(each => each.name === name)
  if (!subject && name !== '' && SUBJECTS.some(each => each.name === parts.at(-2)))
    throw new UsageError(`there is no statistic ${name}; write p1 to p99, min, max or mean`)
  if (!subject) throw new UsageError(unknownMetric(name))
  if (before.length > 1)
    throw new UsageError(`${JSON.stringify(left)} has too many parts; write TRANSPORT.METRIC.STATISTIC`)
  if (statistic && (subject.kind === 'trials' || subject.kind === 'refused'))
    throw new UsageError(`${name} is a count and has no ${last}; write ${name} alone`)
  const [transport] = before
  if (transport !== undefined && !/^[\w*?-]+$/.test(transport))
    throw new UsageError(`${JSON.stringify(transport)} is not a name of transports; write it as tcp or udp-*`)
  return { transport, subject, statistic }
}

function parseStatistic(word: string): Statistic | undefined {
  if (word === 'min' || word === 'max' || word === 'mean') return { kind: word }
  if (word === 'median') return { kind: 'quantile', p: 0.5 }
  const [, digits] = /^p(\d+(?:\.\d+)?)$/.exec(word) ?? []
  if (digits === undefined) return undefined
  const percent = Number(digits)
  if (percent >= 1 && percent <= 99 && Number.isInteger(percent))
    return { kind: 'quantile', p: percent / 100 }
  throw new UsageError(`there is no statistic ${word}; write p1 to p99, min, max or mean`)
}

function unknownMetric(name: string): string {
  const known = SUBJECTS.map(each => each.name)
  return name === ''
    ? `it names no metric; known metrics are ${known.join(', ')}`
    : `unknown metric ${JSON.stringify(name)}${suggestion(name, known)}`
}

const SHARES: readonly Subject['kind'][] = ['loss', 'unanswered', 'share']

function parseLimit(value: string, { kind, name }: Subject): Pick<Threshold, 'limit' | 'asShare'> {
  if (value === '') throw new UsageError(`it has no value; write it as ${EXAMPLE}`)
  if (/^[-+]/.test(value)) throw new UsageError(`${JSON.stringify(value)} has a sign; write 0 or more`)
  if (/^0+(\.0+)?$/.test(value)) return { limit: 0, asShare: SHARES.includes(kind) }
  if (kind === 'rate') return { limit: parseRateWithUnit(value), asShare: false }
  if (kind === 'time' || kind === 'trips') return { limit: parseTime(value), asShare: false }
  const share = parsePercent(value)
  if (share !== undefined && share <= 1) return { limit: share, asShare: true }
  if (SHARES.includes(kind))
    throw new UsageError(`${JSON.stringify(value)} is not a share; write it with its percent sign, as 0.1%`)
  if (/^\d{1,15}$/.test(value)) return { limit: Number(value), asShare: false }
  throw new UsageError(
    `${JSON.stringify(value)} is not a count of ${name}; write a whole number, or a share as 1%`,
  )
}

/** A forgotten M or G would make a threshold that always holds. */
function parseRateWithUnit(value: string): number {
  if (/^\d+(?:\.\d+)?$/.test(value))
    throw new UsageError(
      `not a rate with its unit: ${JSON.stringify(value)}; write it as 10M (10,000,000 bit/s), 1G or ${value}bps`,
    )
  return parseRate(value)
}

/** `--threshold` takes all words up to the next flag, a file that stands behind it too. */
function noOperator(text: string): string {
  return /\.(?:csv|jsonl?|ya?ml)$/i.test(text)
    ? 'it looks like a file; name files before --threshold'
    : `it has no operator; write it as ${EXAMPLE}`
}
