/** Measures two variants as pairs in one run: in each round, each case runs once per side, one directly after the other. */

import { UsageError } from '../../base/errors.ts'
import { formatCount } from '../../base/units.ts'
import type { TrialRecord } from '../../results/schema/columns.ts'
import type { Case, Plan } from '../../scenarios/plan.ts'
import { AgentPair } from '../fleet/agent-pair.ts'
import { Flow } from '../fleet/flow.ts'
import { Measuring, type MeasuringOptions, Numbers } from '../measure/measuring.ts'
import { durationOf } from '../measure/run.ts'
import { newRunId } from '../measure/run-id.ts'
import { pairOrder, type Rounds, schedule } from '../measure/schedule.ts'
import { SIDES, type SideName } from './side-names.ts'

/** What is measured on one side: a plan, and where its ends are. */
export interface Side extends Pick<MeasuringOptions, 'commit' | 'flows'> {
  readonly plan: Plan
}

export type Sides = Readonly<Record<SideName, Side>>

export interface PairOptions extends Pick<MeasuringOptions, 'catalog' | 'signal' | 'keepDir' | 'lost'> {
  /** Default: a new one. */
  readonly runId?: string
  /** Numbers the trials and processes of all plans of a run. Default: new ones. */
  readonly numbers?: Numbers
  /** Rounds, warm-up, processes and seed of the order. Default: those of A's plan. */
  readonly rounds?: Rounds
  /** Measures only these pairs, by their index among the cases. Default: all. */
  readonly only?: ReadonlySet<number>
  /** Called when a trial begins; `round` is 0 or less in warm-up. */
  readonly began?: (each: Case, round: number, side: SideName) => void
  /** Called when a trial has ended, including warm-up. */
  readonly ended?: () => void
}

/** A record and its pair: the index of its case in its side's plan. */
export interface PairedRecord {
  readonly record: TrialRecord
  readonly pair: number
}

/**
 * Measures case i of A and case i of B as pairs, and yields each record as its trial ends: in seeded random order, each side first
 * as often as the other (up to one). Sides that differ only in options share their agents, so that differences between processes do not
 * count as differences between sides; otherwise the agents of both sides are alive together. Both sides get fresh agents
 * `rounds.processes - 1` times, at once; all agents have ended when it returns. A pair with a failed trial keeps both rows: the comparison
 * drops it.
 *
 * To measure suspicious cases again with fresh pairs, call it again with `only`: that is a run with its own `run_id`.
 * @throws UsageError when the cases of both sides do not correspond
 * @throws AgentError with code `ABORTED` when `signal` aborts; the trial under way is not recorded
 */
export async function* measurePairs(sides: Sides, options: PairOptions): AsyncGenerator<PairedRecord> {
  checkPartners(sides)
  const { runId = newRunId(new Date()), numbers = new Numbers(), rounds = sides.a.plan } = options
  const share = canShareAgents(sides)
  const pairs = sides.a.flows.map(() => new AgentPair())
  const shared = share ? SIDES.map(side => sides[side].plan) : undefined
  const measuring = (side: SideName) => {
    const { plan, commit, flows: own } = sides[side]
    const flows = share ? own.map(({ from, to }, index) => new Flow(from, to, pairs[index])) : own
    return new Measuring(plan, numbers, { ...options, commit, flows, runId, side, shared })
  }
  await using a = measuring('a')
  await using b = measuring('b')
  const measured = { a, b }
  const trial = async ({ side, pair, each }: Item, round: number) => {
    options.began?.(each, round, side)
    const records = await measured[side].trial(each, round)
    options.ended?.()
    return records.map(record => ({ record, pair }))
  }
  const durationMs = (results: readonly PairedRecord[]) => durationOf(results.map(({ record }) => record))
  const items = itemsOf(sides, options.only)
  const renew = async () => void (await Promise.all([a.renew(), b.renew()]))
  for await (const results of schedule(items, rounds, { trial, renew, order: pairOrder() }, durationMs))
    yield* results
}

/** Whether the same processes can carry the trials of both sides: same program, same CPUs, both ends on this host. */
export function canShareAgents({ a, b }: Readonly<Record<SideName, Pick<Side, 'flows'>>>): boolean {
  const essence = ({ flows }: Pick<Side, 'flows'>) =>
    JSON.stringify(flows.map(({ hosts }) => hosts.map(host => host.agentsKey)))
  return essence(a) === essence(b)
}

/** @throws UsageError when a case of one side has no partner on the other, or one that is verified differently */
export function checkPartners({ a, b }: Readonly<Record<SideName, Pick<Side, 'plan'>>>): void {
  const [ofA, ofB] = [a.plan.cases.length, b.plan.cases.length]
  if (a.plan.cases.some((each, pair) => each.verify !== b.plan.cases[pair]?.verify && pair < ofB))
    throw new UsageError('the sides differ in --verify, so they do different work; give both the same')
  if (ofA === ofB) return
  throw new UsageError(
    `A has ${counted(ofA)} and B ${counted(ofB)}, and they are paired in order; give both sides as many transports, sizes and chunks`,
  )
}

interface Item {
  readonly side: SideName
  readonly pair: number
  readonly each: Case
}

/** Both trials of a pair, side by side. */
function itemsOf(sides: Sides, only: ReadonlySet<number> | undefined): readonly Item[] {
  return sides.a.plan.cases.flatMap((_, pair) =>
    only && !only.has(pair)
      ? []
      : SIDES.flatMap(side => {
          const each = sides[side].plan.cases[pair]
          return each ? [{ side, pair, each }] : []
        }),
  )
}

function counted(count: number): string {
  return `${formatCount(count)} case${count === 1 ? '' : 's'}`
}
