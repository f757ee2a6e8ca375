/** Which transport (side, file) is better for this payload here, by how much, how sure that is, and at what loss: for whoever reads one thing only. Pure. */
import { given } from '../../base/given.ts'
import { bySize, groupBy, largestOf } from '../../base/groups.ts'
import { counted, formatCount } from '../../base/units.ts'
import type { Block, Text } from '../document/model.ts'
import { say } from '../document/say.ts'
import { capital, joinWords } from '../document/text.ts'
import type { TrialRecord } from '../schema/columns.ts'
import type { Comparison } from './comparison.ts'
import { type Contest, contestsOf } from './contests.ts'
import { faultOf, faultWords, isUnchecked, isWhole } from './delivered.ts'
import { extremes, gainOf, howMuch, type Judged, ratioName, settling, surety } from './gain-words.ts'
import { DELTA } from './judge.ts'
import { unlikeSettings } from './unlike-settings.ts'
import { compareTransports } from './within.ts'
import { changesOf, formatDelta, labelsOf, whyUnproven } from './words.ts'

/** An answer, and what it stands on. */
export type Answer = readonly [text: Text, ...more: readonly string[]]

export function answerBlock([text, ...common]: Answer): Block {
  return { kind: 'heading', text, common }
}

/** One for each workload that transports compete in: a round trip and a goodput have nothing in common. */
export function answersOf(records: readonly TrialRecord[]): readonly Answer[] {
  return given(...[...groupBy(records, each => each.workload).values()].map(answerOf))
}

/** Of the transports of one workload; undefined where there is nothing to choose from. */
export function answerOf(records: readonly TrialRecord[]): Answer | undefined {
  return bestOf(base => compareTransports({ records }, base))
}

/** Of any sets. @param against compares them with the one at this index */
export function bestOf(against: (base: number) => Comparison | undefined): Answer | undefined {
  const first = against(0)
  const [only, ...others] = first ? contestsOf(first, against) : []
  if (only && first?.systems) return severalSystems([only, ...others])
  if (only) return others.length === 0 ? oneCase(only) : manyCases([only, ...others])
  return first && first.by !== 'transport' ? [say`They have ${{ strong: 'no case in common' }}`] : undefined
}

/** What is the fastest may be so for another reason than the system; what was lost and refused stays so. */
function severalSystems([first, ...others]: readonly [Contest, ...Contest[]]): Answer {
  const withoutBest = (each: Contest) => ({ ...each, best: undefined })
  return [
    say`Which system is faster ${{ strong: 'may not be concluded' }}`,
    ...lossLines([withoutBest(first), ...others.map(withoutBest)]),
    ...given(unlikeSettings([first, ...others])),
  ]
}

function oneCase(contest: Contest): Answer {
  const { comparison, row, tried, best = 0, rivals, end } = contest
  const { title, name: metric } = comparison.metric
  const what = metric === 'goodput' ? '' : `${title} `
  const tests = changesOf(comparison).length
  const isBehind = (set: number) => rivals.some(each => each.set === set && each.change.verdict === 'better')
  // Those that the best is not proven to be ahead of stand beside it.
  const level = [best, ...rivals.map(({ set }) => set).filter(set => !isBehind(set))]
  const names = { name: joinWords(level.map(set => nameOf(contest, set))) }
  const figures = level.map(set => figureOf(contest, set))
  const reasons = new Set(rivals.flatMap(({ set }) => reasonOf(contest, set) ?? []))
  const why = end === 'open' && reasons.size > 0 ? `; ${[...reasons].join('; ')}` : ''
  const unchecked = tried.filter(set => isUnchecked(row, set)).map(set => nameOf(contest, set))
  const heads: Readonly<Record<Contest['end'], () => Text>> = {
    won: () => say`${names} is ${{ strong: fastest(contest) }}: ${what}${figures.join()}`,
    alone: () =>
      say`${names} is ${{ strong: 'the best' }}: it ${aloneWords(contest)}, ${what}${figures.join()}`,
    same: () => say`${names} are ${{ strong: 'equally fast' }}: ${what}${joinWords(figures)}`,
    open: () =>
      say`${{ strong: 'No proof' }} which of ${names} is faster: ${what}${figures.join(' against ')}${why}`,
    unchecked: () =>
      say`${{ strong: 'Unknown' }} which is better: what ${{ name: joinWords(unchecked) }} delivered was not checked (--verify none)`,
    none: () => say`${{ strong: 'None' }} of them delivered everything`,
  }
  const hasBest = end !== 'none' && end !== 'unchecked'
  const others = tried.filter(set => !hasBest || !level.includes(set))
  const judged = end === 'alone' ? tried : rivals.map(({ set }) => set)
  return [
    heads[end](),
    ...given(
      others.length > 0 && `${others.map(set => describe(contest, set)).join('; ')}.`,
      end === 'same' && `A difference of ${formatDelta(rivals[0]?.change.delta ?? DELTA)} is excluded.`,
      unlikeSettings([contest]),
      ...(hasBest ? surety(judgedOf(contest, judged), tests) : []),
      settling(
        rivals.map(({ change }) => change),
        tests,
      ),
    ),
  ]
}

/** Others may have been faster, and lost data. */
function fastest({ comparison: { by }, row, tried }: Contest): string {
  return by !== 'transport' || tried.every(set => isWhole(row, set))
    ? 'the fastest'
    : 'the fastest of those that delivered everything'
}

function nameOf({ comparison }: Contest, set: number): string {
  return labelsOf(comparison)[set] ?? ''
}

function figureOf({ comparison, row }: Contest, set: number): string {
  return comparison.metric.format(row.estimates[set]?.median ?? Number.NaN)
}

function reasonOf({ comparison, row }: Contest, set: number): string | undefined {
  const change = row.changes[set]
  return change && whyUnproven(change, changesOf(comparison).length)
}

/** These sets to the best. */
function judgedOf({ comparison, row }: Contest, sets: readonly number[]): readonly Judged[] {
  return sets.flatMap(set => {
    const change = row.changes[set]
    return change ? [{ change, ratio: ratioName(comparison, set) }] : []
  })
}

/** `udp-header: 2.00 Gbit/s, 2.00 times as fast, but lost 25.0 % of the datagrams` */
function describe(contest: Contest, set: number): string {
  const { comparison, row, best } = contest
  const [change, estimate, fault] = [row.changes[set], row.estimates[set], faultOf(row, set)]
  const isShown = best !== undefined && change && estimate?.median !== 0
  const isProven = change?.verdict === 'better' || change?.verdict === 'worse'
  const reason = reasonOf(contest, set)
  const speed = isProven
    ? howMuch(gainOf(comparison, change))
    : change?.verdict === 'same'
      ? 'as fast'
      : `not proven to be faster or slower${reason === undefined ? '' : ` (${reason})`}`
  const but = isShown && change.verdict === 'better' ? 'but ' : ''
  const facts = given(
    estimate && figureOf(contest, set),
    isShown && speed,
    fault && but + faultWords(fault),
    isUnchecked(row, set) && 'delivery unknown',
  )
  return `${nameOf(contest, set)}: ${facts.join(', ')}`
}

function aloneWords({ comparison: { by } }: Contest): string {
  return by === 'transport' ? 'alone delivered everything' : 'lost less than the others'
}

function claimOf(contest: Contest): string {
  if (contest.end === 'won') return `is ${fastest(contest)}`
  return contest.end === 'alone' ? aloneWords(contest) : CLAIMS[contest.end]
}

const CLAIMS: Readonly<Record<Exclude<Contest['end'], 'won' | 'alone'>, string>> = {
  same: 'there is no difference',
  open: 'no proof which is faster',
  unchecked: 'unknown which is better, since arrival was not checked (--verify none),',
  none: 'none delivered everything',
}

function manyCases(contests: readonly [Contest, ...Contest[]]): Answer {
  const [{ comparison }] = contests
  const all = counted(contests.length, 'case')
  const isWin = ({ end }: Contest) => end === 'won' || end === 'alone'
  const claims = bySize(contests, each => JSON.stringify([claimOf(each), isWin(each) && each.best])).map(
    ([, [first, ...more]], index): Text => {
      const who: Text = isWin(first) ? [{ name: nameOf(first, first.best ?? 0) }, ' '] : []
      const claim = index === 0 && !isWin(first) ? capital(claimOf(first)) : claimOf(first)
      const count = formatCount(1 + more.length)
      return say`${index > 0 ? '; ' : ''}${who}${{ strong: claim }} in ${index > 0 ? count : `${count} of ${all}`}`
    },
  )
  const won = contests.filter(({ end }) => end === 'won')
  const ahead = bySize(won, each => nameOf(each, each.best ?? 0)).map(([name, cases]) => {
    const nearest = cases.flatMap(({ rivals }) => rivals.slice(0, 1))
    return name + extremes(comparison, nearest)
  })
  return [
    claims.flat(),
    ...given(
      ahead.length > 0 && `Ahead of the next: ${ahead.join('; ')}.`,
      ...lossLines(contests),
      unlikeSettings(contests),
      ...surety(
        won.flatMap(each =>
          judgedOf(
            each,
            each.rivals.map(({ set }) => set),
          ),
        ),
        changesOf(comparison).length,
      ),
      settling(
        contests.flatMap(({ rivals }) => rivals.map(({ change }) => change)),
        changesOf(comparison).length,
      ),
    ),
  ]
}

/**
 * `udp-header and udp-marker: lost up to 25.0 % of the datagrams in 2 cases; faster in 1 of them (2.00 times as fast at chunk 1,024 B).`;
 * those of which the same is to be said have a line together.
 */
function lossLines(contests: readonly [Contest, ...Contest[]]): readonly string[] {
  const [{ comparison }] = contests
  const lines = comparison.sets.flatMap((_, set) => {
    const lossy = contests.flatMap(({ row, best }) => {
      const fault = faultOf(row, set)
      const change = best === undefined ? undefined : row.changes[set]
      return fault ? [{ row, change, ...fault }] : []
    })
    const faster = lossy.flatMap(({ row, change }) => (change?.verdict === 'better' ? [{ row, change }] : []))
    const facts = given(
      ...bySize(lossy, each => each.kind).map(([kind, cases]) => {
        const share = largestOf(cases, each => each.share) ?? 0
        return `${faultWords({ kind, share }, cases.length > 1 ? 'up to ' : '')} in ${counted(cases.length, 'case')}`
      }),
      faster.length > 0 && `faster in ${formatCount(faster.length)} of them${extremes(comparison, faster)}`,
    )
    return facts.length > 0 ? [{ name: labelsOf(comparison)[set] ?? '', text: facts.join('; ') }] : []
  })
  return [...groupBy(lines, ({ text }) => text)].map(
    ([text, alike]) => `${joinWords(alike.map(({ name }) => name))}: ${text}.`,
  )
}
