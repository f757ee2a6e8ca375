/** What is faster, by how much, and how sure that is: a comparison in sentences. */
import { formatCount, formatPercent } from '../../../base/units.ts'
import { shownFields } from '../../compare/block.ts'
import type { Basis, Change, ComparedRow, Comparison } from '../../compare/comparison.ts'
import { DELTA_SINGLE_BASELINE, LOSS_DELTA, type Verdict } from '../../compare/judge.ts'
import { changesOf, formatDelta, formatP, labelsOf, TESTS, whyUnproven } from '../../compare/words.ts'
import { significant } from '../../document/format.ts'
import type { Inline, Text } from '../../document/model.ts'
import { capital } from '../../document/text.ts'
import { type CellField, describeCell, groupBy } from '../../schema/cells.ts'
import type { Interval } from '../../statistics/quantiles.ts'

/** A sentence or two for each set but the base. */
export function speedWords(comparison: Comparison): readonly Text[] {
  const { sets, base, rows } = comparison
  return sets.flatMap((_, set) => {
    if (set === base) return []
    const changed = rows.flatMap(row => {
      const change = row.changes[set]
      return change ? [{ row, change }] : []
    })
    if (changed.length === 0) return [nothingShared(comparison, set)]
    const [first] = changed
    return [
      first && changed.length === 1 ? oneCase(comparison, set, first) : manyCases(comparison, set, changed),
    ]
  })
}

interface Changed {
  readonly row: ComparedRow
  readonly change: Change
}

function nothingShared(comparison: Comparison, set: number): Text {
  const labels = labelsOf(comparison)
  return [
    { name: labels[set] ?? '' },
    ' has no case that can be held against one of ',
    { name: labels[comparison.base] ?? '' },
    '.',
  ]
}

function oneCase(comparison: Comparison, set: number, changed: Changed): Text {
  const { metric, base } = comparison
  const { row, change } = changed
  const labels = labelsOf(comparison)
  const [name, other] = [{ name: labels[set] ?? '' }, { name: labels[base] ?? '' }]
  const [mine, its] = [row.estimates[set]?.median, row.estimates[base]?.median]
  const figures =
    mine === undefined || its === undefined ? '' : ` (${metric.format(mine)} against ${metric.format(its)})`
  return [
    ...statement(name, other, change, metric.better),
    `${figures}${unlessProven(change, changesOf(comparison).length)}. ${surety([change])}`,
    ...lossClause(comparison, set, [changed]),
  ]
}

/** Why an interval that excludes 1 is not a proof. */
function unlessProven(change: Change, tests: number): string {
  const why = whyUnproven(change, tests)
  return why === undefined ? '' : `: ${why}`
}

/** `udp-marker is 2.03 times as fast as tcp` */
function statement(name: Inline, other: Inline, change: Change, better: 'higher' | 'lower'): Text {
  const gain = gainOf(change.ratio, better)
  switch (change.verdict) {
    case 'better':
    case 'worse':
      if (gain === 0 || gain === Number.POSITIVE_INFINITY) {
        const [works, fails] = gain > 0 ? [name, other] : [other, name]
        return ['Of ', fails, { strong: ' nothing arrived' }, ' where ', works, ' delivered']
      }
      return [name, ' is ', { strong: howMuch(gain) }, gain >= TIMES_FROM ? ' as ' : ' than ', other]
    case 'same':
      return [
        name,
        ' and ',
        other,
        ' are ',
        { strong: 'equally fast' },
        `: a difference of ${formatDelta(change.delta)} is excluded`,
      ]
    default:
      return [{ strong: 'No proof' }, ' that ', name, ' and ', other, ' differ']
  }
}

/** From here on a gain is given as a factor. */
const TIMES_FROM = 1.5

/** `2.03 times as fast`, `12 % faster`, `31 % slower` */
function howMuch(gain: number): string {
  if (gain === Number.POSITIVE_INFINITY) return 'delivered where nothing did before'
  if (gain === 0) return 'nothing arrived'
  if (gain >= TIMES_FROM) return `${significant(gain)} times as fast`
  return gain >= 1 ? `${formatPercent(gain - 1)} faster` : `${formatPercent(1 - gain)} slower`
}

/** Over 1 is faster, whether the metric is a rate or a time. */
function gainOf(ratio: number, better: 'higher' | 'lower'): number {
  return better === 'higher' ? ratio : 1 / ratio
}

function manyCases(comparison: Comparison, set: number, changed: readonly Changed[]): Text {
  const labels = labelsOf(comparison)
  const fields = shownFields(comparison)
  const { better } = comparison.metric
  const of = (...verdicts: readonly Verdict[]) =>
    changed
      .filter(each => verdicts.includes(each.change.verdict))
      .sort((a, b) => gainOf(a.change.ratio, better) - gainOf(b.change.ratio, better))
  const [faster, slower] = [of('better'), of('worse').reverse()]
  const [same, unproven] = [of('same'), of('no evidence', 'inconclusive')]
  const base = { name: labels[comparison.base] ?? '' }
  const all = formatCount(changed.length)
  const proven = [...faster, ...slower]
  const claim = (word: string, some: readonly Changed[], first: boolean): Text => [
    { strong: word },
    ...(first ? [' than ', base] : []),
    ' in ',
    { strong: formatCount(some.length) },
    ...(first ? [` of ${all} cases`] : []),
    extremes(some, fields, better),
  ]
  const claims: Text[] = [
    ...(faster.length > 0 ? [claim('faster', faster, true)] : []),
    ...(slower.length > 0 ? [claim('slower', slower, faster.length === 0)] : []),
  ]
  const rest = [
    ...(same.length > 0 ? [`equally fast in ${formatCount(same.length)}`] : []),
    ...(unproven.length > 0 && claims.length > 0
      ? [`${formatCount(unproven.length)} ${unproven.length === 1 ? 'is' : 'are'} unproven`]
      : []),
    ...reasonsOf(unproven, fields, changesOf(comparison).length),
  ].join('; ')
  const name = { name: labels[set] ?? '' }
  const head: Text =
    claims.length > 0
      ? [name, ' is ', ...claims.flatMap((text, index) => [...(index > 0 ? [', '] : []), ...text])]
      : [
          { strong: 'No proof' },
          ' that ',
          name,
          ' is faster or slower than ',
          base,
          ` in any of ${all} cases`,
        ]
  return [
    ...head,
    `${rest && `; ${rest}`}. ${surety((proven.length > 0 ? proven : changed).map(each => each.change))}`,
    ...lossClause(comparison, set, faster),
  ]
}

/** Why intervals that exclude 1 are not a proof. */
function reasonsOf(
  unproven: readonly Changed[],
  fields: readonly CellField[],
  tests: number,
): readonly string[] {
  const excluding = unproven.filter(({ change }) => whyUnproven(change, tests) !== undefined)
  return [...groupBy(excluding, ({ change }) => whyUnproven(change, tests) ?? '')].map(([why, alike]) => {
    const [first] = alike
    const where =
      first && alike.length === 1 ? placeOf(first, fields) : `in ${formatCount(alike.length)} of these`
    return `${where} the interval excludes 1: ${why}`
  })
}

/** ` (12 % faster at chunk 64 B, up to 2.1 times as fast at chunk 65,507 B)` */
function extremes(
  changed: readonly Changed[],
  fields: readonly CellField[],
  better: 'higher' | 'lower',
): string {
  const [least, most] = [changed[0], changed.at(-1)]
  if (!least || !most) return ''
  const amount = ({ change }: Changed) => howMuch(gainOf(change.ratio, better))
  const text = (each: Changed) => `${amount(each)} ${placeOf(each, fields)}`
  if (changed.length === 1) return ` (${text(least)})`
  return amount(least) === amount(most)
    ? ` (${amount(least)} in each)`
    : ` (${text(least)}, up to ${text(most)})`
}

/** `at chunk 64 B`, `with tcp` */
function placeOf({ row: { cell } }: Changed, fields: readonly CellField[]): string {
  const name = describeCell(cell, fields)
  return fields.includes('transport') ? `with ${name}` : `at ${name.replace(`${cell.transport}, `, '')}`
}

const HOW: Readonly<Record<Basis, string>> = {
  pairs: 'pairs of one round',
  processes: 'processes a side',
  runs: 'runs',
  single: 'unpaired trials a side',
}

/** `95 % interval of the ratio 1.9 to 2.2, 20 pairs, p <0.001 (sign test).` */
function surety(changes: readonly Change[]): string {
  const [first] = changes
  if (!first) return ''
  const how = HOW[first.basis]
  const least = Math.min(...changes.map(each => each.n))
  const ps = changes.flatMap(each => each.pHolm ?? [])
  const proven = changes.every(({ verdict }) => verdict === 'better' || verdict === 'worse')
  const largest = ps.length > 0 ? formatP(proven ? Math.max(...ps) : Math.min(...ps)) : ''
  const single = changes.some(each => each.basis !== 'runs' && !each.paired)
  const caution = single
    ? ` Single runs differ by more than their trials show, so only ${formatPercent(DELTA_SINGLE_BASELINE)} counts.`
    : ''
  const p = largest === '' ? '' : `, p ${equalsOrNot(largest)} (${TESTS[first.basis]}`
  if (changes.length === 1) {
    const interval = first.interval ? `95 % interval of the ratio ${rangeOf(first.interval)}, ` : ''
    return `${capital(`${interval}${formatCount(first.n)} ${how}${p}${p && ')'}`)}.${caution}`
  }
  const corrected =
    p &&
    `, p ${proven ? 'at most' : 'at least'} ${largest.replace('<', '')} (${TESTS[first.basis]}, Holm-corrected)`
  return `${capital(`${formatCount(least)} ${how} or more${corrected}`)}.${caution}`
}

/** What arrived faster may be less of it; a point of a hundred more is reported. */
function lossClause({ base }: Comparison, set: number, faster: readonly Changed[]): Text {
  const losses = faster
    .filter(each => each.change.verdict === 'better')
    .map(({ row }) => ({ mine: row.losses[set]?.ratio ?? 0, its: row.losses[base]?.ratio ?? 0 }))
    .filter(({ mine, its }) => mine > its + LOSS_DELTA)
  if (losses.length === 0) return []
  const most = Math.max(...losses.map(each => each.mine))
  return [
    ` Goodput counts what arrived: it lost ${faster.length > 1 ? 'up to ' : ''}`,
    { strong: formatPercent(most) },
    ' of its datagrams.',
  ]
}

function rangeOf({ low, high }: Interval): string {
  return `${significant(low)} to ${significant(high)}`
}

function equalsOrNot(p: string): string {
  return p.startsWith('<') ? p.replace('<', '< ') : `= ${p}`
}
