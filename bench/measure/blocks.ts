/** What a run measures: blocks of cases that are interleaved, of one side or of two. Pure. */
import { UsageError } from '../../base/errors.ts'
import { counted } from '../../base/units.ts'
import type { TrialRecord } from '../../results/schema/columns.ts'
import type { Case, Plan } from '../../scenarios/plan.ts'
import type { Flow } from '../fleet/flow.ts'
import { roundsInAll } from './schedule.ts'

/** A plan, and the flows of each of its trials. */
export interface Work {
  readonly plan: Plan
  readonly flows: readonly Flow[]
  /** Which side of a comparison this is. */
  readonly side?: TrialRecord['side'] | undefined
  /** Names of the hosts of a fleet that it is between. */
  readonly pair?: Pick<TrialRecord, 'pair_from' | 'pair_to'> | undefined
  /** The version under test, as a hash or a name; the column `commit`. */
  readonly commit?: string | undefined
}

/** One work, or those of sides A and B, whose cases are pairs: the first of A and the first of B, and so on. */
export interface Block {
  readonly works: readonly [Work, ...Work[]]
  /** What of them is measured: the place of a case in its plan, and the number of that case, or pair, within the run. */
  readonly items: readonly { readonly index: number; readonly pair: number }[]
}

/** Numbers the cases of all works, which are given one or two a block. @throws UsageError if cases do not correspond */
export function blocksOf(works: readonly Block['works'][]): readonly Block[] {
  let pair = 0
  return works.map(together => {
    checkPartners(together)
    return { works: together, items: together[0].plan.cases.map((_, index) => ({ index, pair: pair++ })) }
  })
}

/** The same with only some cases, in other rounds; blocks without any are left out. @param rounds those of a plan */
export function narrowed(
  blocks: readonly Block[],
  wanted: (each: Case, pair: number) => boolean,
  rounds: (plan: Plan) => Partial<Plan> = () => ({}),
): readonly Block[] {
  const paced = (work: Work): Work => ({ ...work, plan: { ...work.plan, ...rounds(work.plan) } })
  return blocks.flatMap(({ works: [first, ...others], items }) => {
    const kept = items.filter(({ index, pair }) => {
      const each = first.plan.cases[index]
      return each && wanted(each, pair)
    })
    return kept.length > 0 ? [{ works: [paced(first), ...others.map(paced)] as const, items: kept }] : []
  })
}

/** The plan of each work, with the cases that are measured. */
export function plansOf({ works, items }: Block): readonly Plan[] {
  return works.map(({ plan }) => ({ ...plan, cases: items.flatMap(({ index }) => plan.cases[index] ?? []) }))
}

/** How many trials they take, warm-up included. */
export function trialsOf(blocks: readonly Block[]): number {
  return blocks.flatMap(plansOf).reduce((sum, plan) => sum + plan.cases.length * roundsInAll(plan), 0)
}

/** Whether the same processes can carry the trials of all: of one program, on the same CPUs, with both ends on this host. */
export function canShareAgents(works: readonly Pick<Work, 'flows'>[]): boolean {
  const keys = works.map(({ flows }) =>
    JSON.stringify(flows.map(({ hosts }) => hosts.map(host => host.agentsKey))),
  )
  return new Set(keys).size === 1
}

/** @throws UsageError when a case of one side has no partner on the other, or one that was verified in another way; or without a fixed number of rounds */
function checkPartners([{ plan: a }, other]: Block['works']): void {
  if (!other) return
  const b = other.plan
  if (a.until ?? b.until)
    throw new UsageError(
      '--until is for one side: two are compared after --repeat rounds, a number that their verdict is calibrated for; leave it out, or override that of a file with --until none',
    )
  const [ofA, ofB] = [a.cases.length, b.cases.length]
  if (a.cases.some((each, pair) => each.verify !== b.cases[pair]?.verify && pair < ofB))
    throw new UsageError('the sides differ in --verify, so they do different work; give both the same')
  if (ofA === ofB) return
  throw new UsageError(
    `A has ${counted(ofA, 'case')} and B ${counted(ofB, 'case')}, and they are paired in order; give both sides as many transports, sizes and chunks`,
  )
}
