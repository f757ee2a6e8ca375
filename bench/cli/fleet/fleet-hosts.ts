/** The hosts of a fleet, and how to get at them. */
import { SetupError } from '../../../base/errors.ts'
import { counted } from '../../../base/units.ts'
import type { Plan } from '../../../scenarios/plan.ts'
import type { Bus } from '../../fleet/bus/connection.ts'
import type { Flow } from '../../fleet/flow.ts'
import type { FleetHost } from '../../fleet/planning/hosts-file.ts'
import { NoPairError, pairsOf } from '../../fleet/planning/pairs.ts'
import type { PlansFor } from './plans.ts'

/** What is measured between two hosts. */
interface PairAsked {
  readonly from: FleetHost
  readonly to: FleetHost
  readonly runId: string
  /** It may wait for hosts that are busy. */
  readonly isLast: boolean
  /** Asked for there. */
  readonly engine: string
  readonly plansFor: PlansFor
}

export interface OpenFlows extends AsyncDisposable {
  readonly flows: readonly Flow[]
  /** For the IP version that they use. */
  readonly plans: readonly Plan[]
}

export interface FleetHosts extends AsyncDisposable {
  readonly hosts: readonly FleetHost[]
  /** Lines about hosts that are left out. */
  readonly notes: readonly string[]
  /** Undefined for those of a file. */
  readonly bus?: Bus
  /** Connects two of them. @throws SetupError, UsageError */
  open(asked: PairAsked): Promise<OpenFlows>
}

/** @throws SetupError if too few have joined, which may change */
export function checkCount({ hosts, bus }: FleetHosts): void {
  if (bus && hosts.length < 2)
    throw new SetupError(
      `${bus.name}: ${counted(hosts.length, 'host')} ${hosts.length === 1 ? 'has' : 'have'} joined; start bench serve --join on two at least`,
    )
}

/** What a turn over NATS measures. @throws UsageError, or SetupError for pairs whose hosts may still join */
export function pairsOfTurn(...asked: Parameters<typeof pairsOf>): ReturnType<typeof pairsOf> {
  try {
    return pairsOf(...asked)
  } catch (error) {
    throw error instanceof NoPairError ? new SetupError(error.message, { cause: error }) : error
  }
}

/** Flows that are closed together. */
export function disposable(
  flows: readonly Flow[],
  plans: readonly Plan[],
  also: readonly AsyncDisposable[] = [],
): OpenFlows {
  return {
    ...{ flows, plans },
    async [Symbol.asyncDispose]() {
      await Promise.all(flows.map(flow => flow[Symbol.asyncDispose]()))
      for (const each of also) await each[Symbol.asyncDispose]()
    },
  }
}
