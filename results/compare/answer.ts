/** Which transport is better for this payload here, by how much, how sure that is, and at what loss: for whoever reads one thing only. Pure. */
import { given } from '../../base/given.ts'
import { bySize, groupBy, largestOf } from '../../base/groups.ts'
import { counted, formatCount, formatPercent } from '../../base/units.ts'
import type { Text } from '../document/model.ts'
import { say } from '../document/say.ts'
import { capital, joinWords } from '../document/text.ts'
import type { TrialRecord } from '../schema/columns.ts'
import type { ComparedRow } from './comparison.ts'
import { type Contest, contestsOf, wholeTrials } from './contests.ts'
import { type Answer, extremes, gainOf, howMuch, settling, surety } from './gain-words.ts'
import { changesOf, labelsOf } from './words.ts'

/** Undefined where there is nothing to choose from. */
export function answerOf(records: readonly TrialRecord[]): Answer | undefined {
  const contests = contestsOf(records)
  const [only, ...others] = contests
  return only && (others.length === 0 ? oneCase(only) : manyCases([only, ...others]))
}

function oneCase(contest: Contest): Answer {
  const { comparison, row, best = 0, rivals, end } = contest
  const { title, name: metric } = comparison.metric
  const what = metric === 'goodput' ? '' : `${title} `
  const behind = rivals.filter(({ change }) => change.verdict === 'better').map(({ set }) => set)
  // Those that the best is not proven to be ahead of stand beside it.
  const level = [best, ...rivals.map(({ set }) => set).filter(set => !behind.includes(set))]
  const names = { name: joinWords(level.map(set => nameOf(contest, set))) }
  const figures = level.map(set => figureOf(contest, set))
  const heads: Readonly<Record<Contest['end'], () => Text>> = {
    won: () => say`${names} is ${{ strong: 'the fastest' }}: ${what}${figures.join()}`,
    alone: () =>
      say`${names} is ${{ strong: 'the best' }}: it alone delivered everything, ${what}${figures.join()}`,
    same: () => say`${names} are ${{ strong: 'equally fast' }}: ${what}${joinWords(figures)}`,
    open: () =>
      say`${{ strong: 'No proof' }} which of ${names} is faster: ${what}${figures.join(' against ')}`,
    none: () => say`${{ strong: 'None' }} of the transports delivered everything`,
  }
  const others = row.troubles.flatMap((trials, set) =>
    trials && (end === 'none' || !level.includes(set)) ? [describe(contest, set)] : [],
  )
  const changes = row.changes.flatMap(each => each ?? [])
  return [
    heads[end](),
    ...given(
      others.length > 0 && `${others.join('; ')}.`,
      end !== 'none' && surety(end === 'alone' ? changes : rivals.map(({ change }) => change)),
      settling(
        rivals.map(({ change }) => change),
        changesOf(comparison).length,
      ),
    ),
  ]
}

function nameOf({ comparison }: Contest, set: number): string {
  return labelsOf(comparison)[set] ?? ''
}

function figureOf({ comparison, row }: Contest, set: number): string {
  return comparison.metric.format(row.estimates[set]?.median ?? Number.NaN)
}

/** `udp-header: 2.00 Gbit/s, 2.00 times as fast, but lost 25.0 % of the datagrams` */
function describe(contest: Contest, set: number): string {
  const { comparison, row, best } = contest
  const [change, estimate, fault] = [row.changes[set], row.estimates[set], faultOf(row, set)]
  const isShown = best !== undefined && change && estimate?.median !== 0
  const isProven = change?.verdict === 'better' || change?.verdict === 'worse'
  const speed = isProven
    ? howMuch(gainOf(comparison, change))
    : change?.verdict === 'same'
      ? 'as fast'
      : 'not proven to be faster or slower'
  const but = isShown && change.verdict === 'better' ? 'but ' : ''
  const facts = given(
    estimate && figureOf(contest, set),
    isShown && speed,
    fault && but + WORDS[fault.kind](formatPercent(fault.share)),
  )
  return `${nameOf(contest, set)}: ${facts.join(', ')}`
}

/** What a transport did not deliver, as a share; undefined if it delivered everything. */
function faultOf(row: ComparedRow, set: number) {
  const { ratio: lost = 0 } = row.losses[set] ?? {}
  const { refused = 0, offered = 1 } = row.refusals[set] ?? {}
  const { trials = 0, failed = 0, timedOut = 0 } = row.troubles[set] ?? {}
  const shares = {
    lost,
    refused: refused / offered,
    failed: (failed + timedOut) / trials,
    incomplete: 1 - wholeTrials(row, set) / trials,
  }
  const kind = FAULTS.find(each => shares[each] > 0)
  return kind && { kind, share: shares[kind] }
}

const FAULTS = ['lost', 'refused', 'failed', 'incomplete'] as const

const WORDS: Readonly<Record<(typeof FAULTS)[number], (share: string) => string>> = {
  lost: share => `lost ${share} of the datagrams`,
  refused: share => `had ${share} of the datagrams refused`,
  failed: share => `failed in ${share} of the trials`,
  incomplete: share => `did not deliver everything in ${share} of the trials`,
}

const CLAIMS: Readonly<Record<Contest['end'], string>> = {
  won: 'is the fastest',
  alone: 'alone delivered everything',
  same: 'there is no difference',
  open: 'no proof which is faster',
  none: 'no transport delivered everything',
}

function manyCases(contests: readonly [Contest, ...Contest[]]): Answer {
  const [{ comparison }] = contests
  const all = counted(contests.length, 'case')
  const isWin = ({ end }: Contest) => end === 'won' || end === 'alone'
  const claims = bySize(contests, each => JSON.stringify([each.end, isWin(each) && each.best])).map(
    ([, [first, ...more]], index): Text => {
      const who: Text = isWin(first) ? [{ name: nameOf(first, first.best ?? 0) }, ' '] : []
      const claim = index === 0 && !isWin(first) ? capital(CLAIMS[first.end]) : CLAIMS[first.end]
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
      surety(won.flatMap(({ rivals }) => rivals.map(({ change }) => change))),
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
        const most = formatPercent(largestOf(cases, each => each.share) ?? 0)
        return `${WORDS[kind](cases.length > 1 ? `up to ${most}` : most)} in ${counted(cases.length, 'case')}`
      }),
      faster.length > 0 && `faster in ${formatCount(faster.length)} of them${extremes(comparison, faster)}`,
    )
    return facts.length > 0 ? [{ name: labelsOf(comparison)[set] ?? '', text: facts.join('; ') }] : []
  })
  return [...groupBy(lines, ({ text }) => text)].map(
    ([text, alike]) => `${joinWords(alike.map(({ name }) => name))}: ${text}.`,
  )
}
