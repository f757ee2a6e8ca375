/** Says in sentences which set is faster than the base, by how much, and how sure that is. */
import { given } from '../../base/given.ts'
import { ascending, groupBy } from '../../base/groups.ts'
import { formatCount, formatPercent, significant } from '../../base/units.ts'
import type { Block, Inline, Text } from '../document/model.ts'
import { say } from '../document/say.ts'
import { nameOfRow, shownFields } from './block.ts'
import type { Change, ComparedRow, Comparison } from './comparison.ts'
import { whatProves } from './enough.ts'
import { type Basis, DELTA_SINGLE_BASELINE, LOSS_DELTA, type Verdict } from './judge.ts'
import { changesOf, formatDelta, formatP, labelsOf, TESTS, whyNoInterval, whyUnproven } from './words.ts'

/** An answer, and what it stands on. */
export type Answer = readonly [text: Text, ...more: readonly string[]]

export function answerBlock([text, ...common]: Answer): Block {
  return { kind: 'heading', text, common }
}

/** One for each set but the base. */
export function speedWords(comparison: Comparison): readonly Answer[] {
  const { sets, base, rows } = comparison
  const names = labelsOf(comparison).map(name => ({ name }))
  return sets.flatMap((_, set) => {
    const [name, other] = [names[set], names[base]]
    if (set === base || !name || !other) return []
    const changed = rows.flatMap(row => (row.changes[set] ? [{ row, change: row.changes[set] }] : []))
    const [first, ...more] = changed
    const duel = { comparison, set, name, other }
    if (!first) return [[say`${name} has no case in common with ${other}`]]
    return [more.length === 0 ? oneCase(duel, first) : manyCases(duel, changed)]
  })
}

/** A set and the base, by their names. */
interface Duel {
  readonly comparison: Comparison
  readonly set: number
  readonly name: Inline
  readonly other: Inline
}

export interface Changed {
  readonly row: ComparedRow
  readonly change: Change
}

function oneCase(duel: Duel, changed: Changed): Answer {
  const { comparison, set } = duel
  const { metric, base } = comparison
  const { row, change } = changed
  const [mine, its] = [row.estimates[set]?.median, row.estimates[base]?.median]
  const figures =
    mine === undefined || its === undefined ? '' : ` (${metric.format(mine)} against ${metric.format(its)})`
  const tests = changesOf(comparison).length
  const why = whyUnproven(change, tests)
  return [
    say`${statement(duel, change)}${figures}${why ? `: ${why}` : ''}`,
    ...given(...lossClause(duel, [changed]), surety([change]), settling([change], tests)),
  ]
}

/** `udp-marker is 2.03 times as fast as tcp` */
function statement({ comparison, name, other }: Duel, change: Change): Text {
  const gain = gainOf(comparison, change)
  switch (change.verdict) {
    case 'better':
    case 'worse':
      if (gain === 0) return say`${name} ${{ strong: 'delivered nothing' }} where ${other} did`
      if (gain === Number.POSITIVE_INFINITY)
        return say`${other} ${{ strong: 'delivered nothing' }} where ${name} did`
      return say`${name} is ${{ strong: howMuch(gain) }} ${gain >= TIMES_FROM ? 'as' : 'than'} ${other}`
    case 'same':
      return say`${name} and ${other} are ${{ strong: 'equally fast' }}: a difference of ${formatDelta(change.delta)} is excluded`
    default:
      return say`${{ strong: 'No proof' }} that ${name} and ${other} differ`
  }
}

/** From here on a gain is given as a factor. */
const TIMES_FROM = 1.5

/** `2.03 times as fast`, `12 % faster`, `31 % slower` */
export function howMuch(gain: number): string {
  if (gain === Number.POSITIVE_INFINITY) return 'delivered where nothing did before'
  if (gain === 0) return 'nothing arrived'
  if (gain >= TIMES_FROM) return `${significant(gain)} times as fast`
  return gain >= 1 ? `${formatPercent(gain - 1)} faster` : `${formatPercent(1 - gain)} slower`
}

/** Over 1 is faster, whether the metric is a rate or a time. */
export function gainOf({ metric }: Comparison, { ratio }: Change): number {
  return metric.better === 'higher' ? ratio : 1 / ratio
}

function manyCases(duel: Duel, changed: readonly Changed[]): Answer {
  const { comparison, name, other } = duel
  const of = (...verdicts: readonly Verdict[]) =>
    changed.filter(each => verdicts.includes(each.change.verdict))
  const [faster, slower] = [of('better'), of('worse')]
  const [same, unproven] = [of('same'), of('no evidence', 'inconclusive')]
  const proven = [...faster, ...slower]
  const all = formatCount(changed.length)
  const claims = [
    { word: 'faster', cases: faster },
    { word: 'slower', cases: slower },
  ].filter(({ cases }) => cases.length > 0)
  const [first, second] = claims.map(({ word, cases }, index) => {
    const count = formatCount(cases.length)
    return index === 0
      ? say`${{ strong: word }} than ${other} in ${{ strong: count }} of ${all} cases${extremes(comparison, cases)}`
      : say`, ${{ strong: word }} in ${{ strong: count }}${extremes(comparison, cases)}`
  })
  const head = first
    ? say`${name} is ${first}${second ?? ''}`
    : unproven.length === 0
      ? say`${name} and ${other} are ${{ strong: 'equally fast' }} in all of ${all} cases`
      : say`${{ strong: 'No proof' }} that ${name} is faster or slower than ${other} in any of ${all} cases`
  const rest = given(
    same.length > 0 && (first || unproven.length > 0) && `equally fast in ${formatCount(same.length)}`,
    unproven.length > 0 &&
      first &&
      `${formatCount(unproven.length)} ${unproven.length === 1 ? 'is' : 'are'} unproven`,
    ...reasonsOf(comparison, unproven),
  )
  const changes = (cases: readonly Changed[]) => cases.map(({ change }) => change)
  return [
    say`${head}${rest.map(each => `; ${each}`).join('')}`,
    ...given(
      ...lossClause(duel, faster),
      surety(changes(proven.length > 0 ? proven : changed)),
      settling(changes(unproven), changesOf(comparison).length),
    ),
  ]
}

/** What would settle changes that are open; undefined without one. @param tests how many were judged together */
export function settling(changes: readonly Change[], tests: number): string | undefined {
  const open = changes.filter(({ verdict }) => verdict === 'no evidence' || verdict === 'inconclusive')
  if (open.length === 0) return undefined
  const proof = whatProves(open, tests)
  if (proof === undefined)
    return 'More rounds would hardly settle it: the difference is about the least that counts, or trials scatter too much.'
  const what = proof.settles === open.length ? 'it' : `${proof.settles} of ${open.length} comparisons`
  return `To settle ${what}: ${proof.flags}.`
}

/** Why intervals that exclude 1 are not a proof. */
function reasonsOf(comparison: Comparison, unproven: readonly Changed[]): readonly string[] {
  const tests = changesOf(comparison).length
  return [...groupBy(unproven, ({ change }) => whyUnproven(change, tests))].flatMap(
    ([why, [first, ...more]]) => {
      if (!why) return []
      const where =
        more.length === 0 ? placeOf(comparison, first) : `in ${formatCount(1 + more.length)} of these`
      return [`${where} the interval excludes 1: ${why}`]
    },
  )
}

/** ` (12 % faster at chunk 64 B, up to 2.1 times as fast at chunk 65,507 B)` */
export function extremes(comparison: Comparison, changed: readonly Changed[]): string {
  const size = ({ change }: Changed) => Math.abs(Math.log(change.ratio))
  const sorted = changed.toSorted((a, b) => ascending(size(a), size(b)))
  const [least, most] = [sorted[0], sorted.at(-1)]
  if (!least || !most) return ''
  const amount = ({ change }: Changed) => howMuch(gainOf(comparison, change))
  const text = (each: Changed) => `${amount(each)} ${placeOf(comparison, each)}`
  if (changed.length === 1) return ` (${text(least)})`
  return amount(least) === amount(most)
    ? ` (${amount(least)} in each)`
    : ` (${text(least)}, up to ${text(most)})`
}

/** `at chunk 64 B`, `with tcp` */
function placeOf(comparison: Comparison, { row: { cell } }: Changed): string {
  const fields = shownFields(comparison)
  return `${fields.includes('transport') ? 'with' : 'at'} ${nameOfRow(cell, fields)}`
}

const HOW: Readonly<Record<Basis, string>> = {
  pairs: 'pairs of one round',
  processes: 'processes a side',
  runs: 'runs',
  single: 'unpaired trials a side',
}

/** `95 % interval of the ratio 1.9 to 2.2, 20 pairs of one round, p < 0.001 (sign test).` */
export function surety(changes: readonly Change[]): string | undefined {
  const [first, ...more] = changes
  if (!first) return undefined
  const { basis, interval } = first
  const ps = changes.flatMap(each => each.pHolm ?? [])
  const proven = changes.every(({ verdict }) => verdict === 'better' || verdict === 'worse')
  const p = formatP(proven ? Math.max(...ps) : Math.min(...ps))
  const single = changes.some(each => each.basis !== 'runs' && !each.paired)
  const caution = single
    ? ` Single runs differ by more than their trials show, so only ${formatPercent(DELTA_SINGLE_BASELINE)} counts.`
    : ''
  if (more.length > 0) {
    const least = formatCount(Math.min(...changes.map(each => each.n)))
    const most = `${proven ? 'at most' : 'at least'} ${p.replace('<', '')}`
    const tested = ps.length > 0 ? `, p ${most} (${TESTS[basis]}, Holm-corrected)` : ''
    return `${least} ${HOW[basis]} or more${tested}.${caution}`
  }
  const range =
    interval && !whyNoInterval(first)
      ? `95 % interval of the ratio ${significant(interval.low)} to ${significant(interval.high)}, `
      : ''
  const equals = p.startsWith('<') ? p.replace('<', '< ') : `= ${p}`
  const tested = ps.length > 0 ? `, p ${equals} (${TESTS[basis]})` : ''
  return `${range}${formatCount(first.n)} ${HOW[basis]}${tested}.${caution}`
}

/** A faster transfer may have delivered less: a loss larger by a percentage point or more is reported. */
function lossClause({ comparison: { base }, set }: Duel, faster: readonly Changed[]): readonly string[] {
  const losses = faster
    .filter(each => each.change.verdict === 'better')
    .map(({ row }) => ({ mine: row.losses[set]?.ratio ?? 0, its: row.losses[base]?.ratio ?? 0 }))
    .filter(({ mine, its }) => mine > its + LOSS_DELTA)
  if (losses.length === 0) return []
  const most = formatPercent(Math.max(...losses.map(each => each.mine)))
  return [
    `Faster, but it lost ${faster.length > 1 ? 'up to ' : ''}${most} of its datagrams: goodput counts what arrived.`,
  ]
}
