/** Words for how much faster one set is than another, how sure that is, and what would settle it. Pure. */
import { ascending, groupBy, largestOf, smallestOf } from '../../base/groups.ts'
import { counted, formatPercent, significant } from '../../base/units.ts'
import { nameOfRow, shownFields } from './block.ts'
import type { Change, ComparedRow, Comparison } from './comparison.ts'
import { isBetweenRuns, leastP, whatProves } from './enough.ts'
import { type Basis, DELTA_SINGLE_BASELINE } from './judge.ts'
import { formatP, labelsOf, TESTS, whyNoInterval } from './words.ts'

export interface Changed {
  readonly row: ComparedRow
  readonly change: Change
}

/** `udp-header / tcp` */
export function ratioName(comparison: Comparison, set: number): string {
  const labels = labelsOf(comparison)
  return `${labels[set]} / ${labels[comparison.base]}`
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
