/** Formats the figures of a comparison. Minus signs are − (U+2212), as wide as a plus. */
import { tellApart } from '../../base/groups.ts'
import { counted, formatCount, significant } from '../../base/units.ts'
import { isCellField, shorten, titleOfField, wholeName } from '../schema/cells.ts'
import { type ColumnName, columnOf } from '../schema/columns.ts'
import type { Estimate } from '../statistics/processes.ts'
import type { Interval } from '../statistics/quantiles.ts'
import type { Change, Comparison } from './comparison.ts'
import { ALPHA, type Basis, LEAST_ERRORS, type Verdict } from './judge.ts'

/** `7 %`: the farther end of the interval of a median, in shares of it; undefined without one. */
export function formatSpread({ median, interval }: Estimate): string | undefined {
  if (!interval || median === 0) return undefined
  const percent = (Math.max(interval.high - median, median - interval.low) / median) * 100
  if (percent >= 999.5) return '>999 %'
  return `${percent >= 0.95 || percent === 0 ? percent.toFixed(0) : percent.toFixed(1)} %`
}

/** `+96.0 %`, `−4.2 %`, `×12.3` of a ratio; `×∞` where the base is nothing. */
export function formatRatio(ratio: number): string {
  return ratio >= 10 ? formatFactor(ratio) : `${formatEnd(ratio)} %`
}

/** The same in words: `rose by 96.0 %`, `fell by 4.2 %`, `rose ×12.3`, `is as before`. */
export function formatMove(ratio: number): string {
  const amount = formatRatio(ratio)
  if (ratio >= 10) return `rose ${amount}`
  if (Number((ratio * 100 - 100).toFixed(1)) === 0) return 'is as before'
  return `${ratio > 1 ? 'rose' : 'fell'} by ${amount.slice(1)}`
}

/** An end of an interval of a ratio, in per cent without the sign for it. */
function formatEnd(ratio: number): string {
  if (ratio >= 10) return formatFactor(ratio)
  const percent = (ratio - 1) * 100
  if (ratio > 0 && percent <= -99.95) return '−99.9'
  return signed(percent, Math.abs(percent) >= 99.95 ? 0 : 1)
}

/** `+88.1` and `+104`; the sign for per cent stands once, behind the second. */
export function formatEnds({ low, high }: Interval): { readonly low: string; readonly high: string } {
  return { low: formatEnd(low), high: high >= 10 ? formatFactor(high) : `${formatEnd(high)} %` }
}

/** `−25.9` points of a hundred. */
export function formatPoints(difference: number): string {
  const points = difference * 100
  return signed(points, Math.abs(points) >= 0.095 || points === 0 ? 1 : 2)
}

/** A factor of 1.5 either way: from here on per cent of a fall and of a rise are too far apart to be called the same. */
const LARGE_DELTA = 0.5

/** The least effect that counts, either way: `5 %` of 0.05, `×2.15` of 1.15, since nothing falls by 115 %. */
export function formatDelta(delta: number): string {
  if (delta >= LARGE_DELTA) return formatFactor(1 + delta)
  return `${Number((delta * 100).toPrecision(3))} %`
}

/** `<0.001`, `0.012` */
export function formatP(p: number | undefined): string {
  if (p === undefined) return ''
  return p < 0.001 ? '<0.001' : p.toFixed(p < 0.0995 ? 3 : 2)
}

/** Shown in place of a change that is not proven. */
export const SYMBOLS: Readonly<Record<Verdict, string>> = {
  better: '',
  worse: '',
  same: '=',
  'no evidence': '~',
  inconclusive: '?',
}

/** Which test gives p, on which basis. */
export const TESTS: Readonly<Record<Basis, string>> = {
  pairs: 'sign test',
  processes: 't-test on processes',
  runs: 't-test on runs',
  single: 'Mann–Whitney test',
}

/** The name of a column in words: `kernel`, `receiver node`. */
export function titleOf(column: ColumnName): string {
  const end = columnOf(column).end
  if (end !== undefined) {
    const name = column.slice(end.length + 1)
    return `${end} ${TITLES[name] ?? name}`
  }
  if (isCellField(column)) return titleOfField(column)
  return TITLES[column] ?? column.replace(/_bytes$/, '').replaceAll('_', ' ')
}

const TITLES: Readonly<Record<string, string>> = {
  os_release: 'kernel',
  cpu_model: 'CPU',
  cpu_count: 'CPUs',
  cpu_quota: 'CPU quota',
  node_version: 'node',
  bench_version: 'bench',
  pinned_cpus: 'pinned to',
  rcvbuf_bytes: 'rcvbuf given',
  sndbuf_bytes: 'sndbuf given',
  mss_bytes: 'TCP segment',
}

/** Up to three values: `linux, darwin`, `10.0.0.1, 10.0.0.2, 10.0.0.3 and 7 more`. */
export function formatValues(values: readonly string[]): string {
  if (values.length === 0) return '–'
  const shown = values.slice(0, values.length > 4 ? 3 : 4).map(wholeName)
  const more = values.length - shown.length
  return shown.join(', ') + (more > 0 ? ` and ${formatCount(more)} more` : '')
}

/** Labels as they may be shown; where they are the same once they are short, with numbers. */
export function labelsOf({ sets }: Pick<Comparison, 'sets'>): readonly string[] {
  return tellApart(sets.map(each => shorten(each.label)))
}

export function changesOf({ rows }: Pick<Comparison, 'rows'>): readonly Change[] {
  return rows.flatMap(row => row.changes.filter(each => each !== undefined))
}

function formatFactor(ratio: number): string {
  if (!Number.isFinite(ratio)) return '×∞'
  return `×${ratio >= 999.5 ? formatCount(ratio) : significant(ratio)}`
}

function signed(value: number, decimals: number): string {
  const text = Math.abs(value).toFixed(decimals)
  return Number(text) === 0 ? text : `${value < 0 ? '−' : '+'}${text}`
}

/** From so many samples on it is not their number that leaves a ratio open. */
const ENOUGH = 10

/**
 * Why a change has no interval to show: one from a tenth to ten times, or wider, says nothing, and two pairs that differ by a third have
 * no better one. Undefined where the interval says something, or there is none.
 */
export function whyNoInterval({ interval, basis, n }: Change): string | undefined {
  if (!interval || interval.low > 0.1 || interval.high < 10) return undefined
  if (n >= ENOUGH) return 'they scatter too much to say anything about the ratio'
  return `too few to say anything about the ratio; use ${MORE[basis]}`
}

const MORE: Readonly<Record<Basis, string>> = {
  pairs: `--repeat 20`,
  processes: '--processes 8 or more',
  runs: `${ENOUGH} runs or more`,
  single: `--repeat 20`,
}

/** `20 pairs`, `8 processes`, `5 runs`, `20 trials`: what a change stands on; of each side, where they are not pairs. */
export function basisText({ basis, n }: Pick<Change, 'basis' | 'n'>): string {
  if (basis === 'processes') return counted(n, 'process', 'processes')
  return counted(n, basis === 'single' ? 'trial' : basis === 'pairs' ? 'pair' : 'run')
}

/**
 * Why a change is not proven although its interval excludes no change: an interval is for its row alone, and a verdict for all that were
 * judged together. Undefined if both agree.
 * @param tests how many were judged together
 */
export function whyUnproven(
  { verdict, ratio, interval, p, pHolm, delta, basis, n }: Change,
  tests: number,
): string | undefined {
  const unproven = verdict === 'no evidence' || verdict === 'inconclusive'
  if (!unproven || !interval || (interval.low <= 1 && interval.high >= 1)) return undefined
  if (p === undefined || p > ALPHA) return `the ${TESTS[basis]} alone does not reach`
  if (pHolm !== undefined && pHolm > ALPHA)
    return `alone it would be significant; among ${formatCount(tests)} rows it is not`
  if (Math.abs(Math.log(ratio)) < Math.log1p(delta))
    return `the change is not shown to be one of ${formatDelta(delta)} or more`
  // Of the conditions of verdictOf only this one is left.
  return basis === 'processes'
    ? `the change is smaller than ${counted(n, 'process', 'processes')} can prove`
    : `the change is less than ${LEAST_ERRORS} of its standard errors`
}
