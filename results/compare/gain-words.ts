/** Says in sentences which set is faster than the base, by how much, and how sure that is. */
import { given } from '../../base/given.ts'
import { ascending, groupBy, largestOf, smallestOf } from '../../base/groups.ts'
import { counted, formatCount, formatPercent, significant } from '../../base/units.ts'
import type { Block, Inline, Text } from '../document/model.ts'
import { say } from '../document/say.ts'
import { nameOfRow, shownFields } from './block.ts'
import type { Change, ComparedRow, Comparison } from './comparison.ts'
import { isBetweenRuns, leastP, whatProves } from './enough.ts'
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
    ...given(
      ...lossClause(duel, [changed]),
      ...surety([judgedIn(duel, changed)], tests),
      settling([change], tests),
    ),
  ]
}

function judgedIn({ comparison, set }: Duel, { change }: Changed): Judged {
  return { change, ratio: ratioName(comparison, set) }
}

/** `udp-header / tcp` */
export function ratioName(comparison: Comparison, set: number): string {
  const labels = labelsOf(comparison)
  return `${labels[set]} / ${labels[comparison.base]}`
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
  const tests = changesOf(comparison).length
  return [
    say`${head}${rest.map(each => `; ${each}`).join('')}`,
    ...given(
      ...lossClause(duel, faster),
      ...surety(
        (proven.length > 0 ? proven : changed).map(each => judgedIn(duel, each)),
        tests,
      ),
      settling(changes(unproven), tests),
    ),
  ]
}

/** What would settle changes that are open; undefined without one. @param tests how many were judged together */
export function settling(changes: readonly Change[], tests: number): string | undefined {
  const open = changes.filter(({ verdict }) => verdict === 'no evidence' || verdict === 'inconclusive')
  if (open.length === 0) return undefined
  if (open.every(isBetweenRuns))
    return 'More rounds would not settle it, since runs differ by more than their rounds show: measure both sides as pairs of one run (bench ab), or compare with five runs or more.'
  const proof = whatProves(open, tests)
  if (proof === undefined)
    return 'More rounds would hardly settle it: the difference is about the least that counts, or trials scatter too much.'
  if (proof.isGuess) return `Too few to say what would settle it. To learn more: ${proof.flags}.`
  const what = proof.settles === open.length ? 'it' : `${proof.settles} of ${open.length} comparisons`
  return `To settle ${what}, if the difference is what it looks like: ${proof.flags}.`
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

const HOW: Readonly<Record<Basis, readonly [one: string, many: string]>> = {
  pairs: ['pair of one round', 'pairs of one round'],
  processes: ['process a side', 'processes a side'],
  runs: ['run', 'runs'],
  single: ['unpaired trial a side', 'unpaired trials a side'],
}

/** A change, and of what to what: `udp-header / tcp`. */
export interface Judged {
  readonly change: Change
  readonly ratio: string
}

/**
 * `95 % interval of udp-header / tcp 1.9 to 2.2, 20 pairs of one round, p < 0.001 (sign test).`; a line for those that are proven, for those
 * that are excluded and for the others. @param tests how many were judged together
 */
export function surety(judged: readonly Judged[], tests: number): readonly string[] {
  const groups = [...groupBy(judged, ({ change }) => `${kindOf(change)} ${change.basis}`).values()]
  return groups.map(
    group => (groups.length > 1 ? `${kindOf(group[0].change)}: ` : '') + evidence(group, tests),
  )
}

function kindOf({ verdict }: Change): 'Proven' | 'Equal' | 'Not proven' {
  if (verdict === 'better' || verdict === 'worse') return 'Proven'
  return verdict === 'same' ? 'Equal' : 'Not proven'
}

function evidence([first, ...more]: readonly [Judged, ...Judged[]], tests: number): string {
  const { basis, interval } = first.change
  const changes = [first, ...more].map(({ change }) => change)
  const [least, most] = [smallestOf(changes, each => each.n) ?? 0, largestOf(changes, each => each.n)]
  const count = counted(least, ...HOW[basis])
  const number = least === most ? count : `${count} or more`
  const range =
    more.length === 0 && interval && !whyNoInterval(first.change)
      ? `95 % interval of ${first.ratio} ${significant(interval.low)} to ${significant(interval.high)}, `
      : ''
  const caution = changes.some(each => each.basis !== 'runs' && !each.paired)
    ? ` Single runs differ by more than their trials show, so only ${formatPercent(DELTA_SINGLE_BASELINE)} counts.`
    : ''
  return `${range}${number}${pText(changes, tests)}.${caution}`
}

/** `, p at most 0.003 (sign test, Holm-corrected)`; of equality it says nothing, and no result of a single pair is significant. */
function pText(changes: readonly Change[], tests: number): string {
  const [first] = changes
  const ps = changes.flatMap(each => each.pHolm ?? [])
  if (!first || ps.length === 0 || (changes.length > 1 && kindOf(first) === 'Equal')) return ''
  if (changes.every(({ paired, n }) => leastP(paired, n, n) >= 1)) return ''
  const p = formatP(kindOf(first) === 'Proven' ? largestOf(ps, Number) : smallestOf(ps, Number))
  const single = p.startsWith('<') ? p.replace('<', '< ') : `= ${p}`
  const several = `${kindOf(first) === 'Proven' ? 'at most' : 'at least'} ${p.replace('<', '')}`
  const corrected = tests > 1 ? ', Holm-corrected' : ''
  return `, p ${changes.length > 1 ? several : single} (${TESTS[first.basis]}${corrected})`
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
