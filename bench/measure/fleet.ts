/** The rounds of a fleet: pairs of hosts that are measured at the same time, round after round, and once more those that could not be. */
import { monotonic } from '../../base/clock.ts'
import { SetupError } from '../../base/errors.ts'
import { largestOf } from '../../base/groups.ts'
import { merged } from '../../base/merged.ts'
import { Bell } from '../../base/waiting.ts'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { pairsAlone } from '../fleet/planning/alone.ts'
import type { FleetHost } from '../fleet/planning/hosts-file.ts'
import { type HostPair, type Round, roundsOf } from '../fleet/planning/rounds.ts'
import { HostError } from '../fleet/resolve.ts'
import type { Block } from './blocks.ts'
import { type Measured, measureBlocks, type RunNumbers, type RunOptions } from './run.ts'

/** What is measured of a pair, over connections that are its own. */
interface OpenPair extends AsyncDisposable {
  readonly blocks: readonly Block[]
}

/** A pair has its turn. */
export interface PairVisit {
  readonly pair: HostPair
  /** From 1 on: which time of `repeat`. */
  readonly time: number
  /** No other pair is measured meanwhile. */
  readonly alone: boolean
}

export interface FleetPlan {
  /** Of each host its labels. */
  readonly hosts: readonly Pick<FleetHost, 'labels'>[]
  readonly pairs: readonly HostPair[]
  /** How often all of it is measured; each time other hosts share a round. */
  readonly repeat: number
  /** So many rounds of each time are enough; undefined for all. */
  readonly sample: number | undefined
  /** So many pairs of each time are measured once more, alone. */
  readonly serial: number
  readonly seed: number
  /** A round begins so long after the one before at the earliest, and no sooner than that has ended; at once without. */
  readonly everyMs?: number | undefined
  /** Rows of the run that there are already: what they have is not measured again. */
  readonly known: readonly TrialRecord[]
  /** By which the others are told apart. */
  readonly numbers: (startedAt: Date) => RunNumbers
  /** All of a pair has been measured at that time. */
  readonly isDone: (visit: PairVisit) => boolean
  /**
   * What is left of a pair to measure at that time.
   * @param isLast it may wait: all others have had their turn @throws SetupError for a host that cannot be reached, or is busy
   */
  readonly open: (visit: PairVisit, runId: string, isLast: boolean) => Promise<OpenPair>
  /** Rows of a pair that has been visited, also if only a part could be measured. */
  readonly visited?: ((visit: PairVisit, records: readonly TrialRecord[]) => void) | undefined
  /** One of a pair could not be measured. @param isLast it is not tried again */
  readonly missed: (visit: PairVisit, error: SetupError | HostError, isLast: boolean) => void
}

export interface FleetRound {
  readonly pairs: Round
  /** It has one pair, which was in an earlier round with others. */
  readonly alone: boolean
}

/** The rounds of one time: a pair has its turn alone right after the one beside others, so that nothing else has changed. Pure. */
export function fleetRounds(
  { hosts, pairs, sample, serial, seed }: Pick<FleetPlan, 'hosts' | 'pairs' | 'sample' | 'serial' | 'seed'>,
  time: number,
): readonly FleetRound[] {
  const rounds = roundsOf(hosts.length, pairs, seed + time).slice(0, sample)
  const labels = hosts.map(each => each.labels)
  const alone = new Set(pairsAlone(rounds, labels, serial, seed + time))
  return rounds.flatMap(round => [
    { pairs: round, alone: false },
    ...round.filter(pair => alone.has(pair)).map(pair => ({ pairs: [pair], alone: true })),
  ])
}

/** Yields each row as its trial ends. @throws AgentError with code `ABORTED` if `signal` aborts */
export async function* measureFleet(
  plan: FleetPlan,
  { startedAt = new Date(), ...options }: RunOptions,
): AsyncGenerator<Measured> {
  const { known, everyMs = 0, isDone } = plan
  const numbers = plan.numbers(startedAt)
  // Those that are there are of the same run.
  for (const record of known) yield { record, pair: 0 }
  let dueAt = monotonic()
  let round = largestOf(known, each => each.fleet_round) ?? 0
  const measure = async function* ({ pairs, alone }: FleetRound, time: number, late?: HostPair[]) {
    const visits = pairs.map(pair => ({ pair, time, alone }))
    // Of one that is late there is nothing to compare with.
    const left = visits.filter(each => !isDone(each) && !(alone && late?.includes(each.pair)))
    if (left.length === 0) return
    await new Bell().wait(dueAt - monotonic(), options.signal)
    dueAt = Math.max(dueAt + everyMs, monotonic())
    round++
    const again = alone ? undefined : late
    yield* merged(left.map(visit => measurePair(plan, visit, { round, numbers, late: again }, options)))
  }
  for (let time = 1; time <= plan.repeat; time++) {
    const late: HostPair[] = []
    for (const each of fleetRounds(plan, time)) yield* measure(each, time, late)
    // Those that were late or busy shift nobody, and have their turn at the end.
    for (const pairs of roundsOf(plan.hosts.length, late, plan.seed + time))
      yield* measure({ pairs, alone: false }, time)
  }
}

interface Numbering {
  readonly round: number
  readonly numbers: RunNumbers
  /** Takes what could not be measured; absent when it is not tried again. */
  readonly late: HostPair[] | undefined
}

async function* measurePair(
  { open, visited, missed }: FleetPlan,
  visit: PairVisit,
  { round, numbers, late }: Numbering,
  options: RunOptions,
): AsyncGenerator<Measured> {
  const own = { round: visit.time, fleet_round: round, ...(visit.alone ? { fleet_alone: true } : {}) }
  const records: TrialRecord[] = []
  try {
    await using opened = await open(visit, numbers.runId, late === undefined && !visit.alone)
    for await (const measured of measureBlocks(opened.blocks, { ...options, ...numbers })) {
      const record = { ...measured.record, ...own }
      records.push(record)
      yield { record, pair: measured.pair }
    }
    visited?.(visit, records)
  } catch (error) {
    // A name that nobody knows today is a host that is gone.
    if (!(error instanceof SetupError || error instanceof HostError)) throw error
    visited?.(visit, records)
    late?.push(visit.pair)
    missed(visit, error, late === undefined)
  }
}
