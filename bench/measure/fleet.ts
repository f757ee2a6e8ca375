/** The rounds of a fleet: pairs of hosts that are measured at the same time, round after round, and once more those that could not be. */
import { monotonic } from '../../base/clock.ts'
import { SetupError } from '../../base/errors.ts'
import { largestOf } from '../../base/groups.ts'
import { merged } from '../../base/merged.ts'
import { Bell } from '../../base/waiting.ts'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { type HostPair, type Round, roundsOf } from '../fleet/planning/rounds.ts'
import { HostError } from '../fleet/resolve.ts'
import type { Block } from './blocks.ts'
import { type Measured, measureBlocks, newNumbers, type RunNumbers, type RunOptions } from './run.ts'

/** What is measured of a pair, over connections that are its own. */
interface OpenPair extends AsyncDisposable {
  readonly blocks: readonly Block[]
}

export interface FleetPlan {
  readonly hosts: number
  readonly pairs: readonly HostPair[]
  /** How often all of it is measured; each time other hosts share a round. */
  readonly repeat: number
  /** So many rounds of each time are enough; undefined for all. */
  readonly sample: number | undefined
  readonly seed: number
  /** A round begins so long after the one before at the earliest, and no sooner than that has ended; at once without. */
  readonly everyMs?: number | undefined
  /** Rows of the run that there are already: what they have is not measured again. */
  readonly known: readonly TrialRecord[]
  /** All of a pair has been measured at that time. */
  readonly isDone: (pair: HostPair, time: number) => boolean
  /** What is left of a pair to measure at that time. @throws SetupError for a host that cannot be reached, or is busy */
  readonly open: (pair: HostPair, time: number, runId: string) => Promise<OpenPair>
  /** Rows of a pair that has been visited, also if only a part could be measured. */
  readonly visited?: ((pair: HostPair, records: readonly TrialRecord[]) => void) | undefined
  /** One of a pair could not be measured. @param isLast it is not tried again */
  readonly missed: (pair: HostPair, error: SetupError | HostError, isLast: boolean) => void
}

/** The rounds of one time. Pure. */
export function fleetRounds(
  { hosts, pairs, sample, seed }: Pick<FleetPlan, 'hosts' | 'pairs' | 'sample' | 'seed'>,
  time: number,
): readonly Round[] {
  return roundsOf(hosts, pairs, seed + time).slice(0, sample)
}

/** Yields each row as its trial ends. @throws AgentError with code `ABORTED` if `signal` aborts */
export async function* measureFleet(
  plan: FleetPlan,
  { startedAt = new Date(), ...options }: RunOptions,
): AsyncGenerator<Measured> {
  const { known, everyMs = 0, isDone } = plan
  const numbers = newNumbers(startedAt, known)
  // Those that are there are of the same run.
  for (const record of known) yield { record, pair: 0 }
  let dueAt = monotonic()
  let round = largestOf(known, each => each.fleet_round) ?? 0
  const measure = async function* (pairs: Round, time: number, late?: HostPair[]) {
    const left = pairs.filter(pair => !isDone(pair, time))
    if (left.length === 0) return
    await new Bell().wait(dueAt - monotonic(), options.signal)
    dueAt = Math.max(dueAt + everyMs, monotonic())
    round++
    yield* merged(left.map(pair => measurePair(plan, pair, { time, round, numbers, late }, options)))
  }
  for (let time = 1; time <= plan.repeat; time++) {
    const late: HostPair[] = []
    for (const pairs of fleetRounds(plan, time)) yield* measure(pairs, time, late)
    // Those that were late or busy shift nobody, and have their turn at the end.
    for (const pairs of roundsOf(plan.hosts, late, plan.seed + time)) yield* measure(pairs, time)
  }
}

interface Visit {
  readonly time: number
  readonly round: number
  readonly numbers: RunNumbers
  /** Takes what could not be measured; absent when it is not tried again. */
  readonly late: HostPair[] | undefined
}

async function* measurePair(
  { open, visited, missed }: FleetPlan,
  pair: HostPair,
  { time, round, numbers, late }: Visit,
  options: RunOptions,
): AsyncGenerator<Measured> {
  const records: TrialRecord[] = []
  try {
    await using opened = await open(pair, time, numbers.runId)
    for await (const { record: own, pair: item } of measureBlocks(opened.blocks, {
      ...options,
      ...numbers,
    })) {
      const record = { ...own, round: time, fleet_round: round }
      records.push(record)
      yield { record, pair: item }
    }
    visited?.(pair, records)
  } catch (error) {
    // A name that nobody knows today is a host that is gone.
    if (!(error instanceof SetupError || error instanceof HostError)) throw error
    visited?.(pair, records)
    late?.push(pair)
    missed(pair, error, late === undefined)
  }
}
