/** What is measured of each pair of a fleet: the scenarios of a run, as they can be measured between two other hosts. */
import { isIPv6 } from 'node:net'
import { UsageError } from '../../../base/errors.ts'
import { conflictsOf, refuse } from '../../../scenarios/conflicts.ts'
import { asksMtu, transportsIn } from '../../../scenarios/named.ts'
import { emulatedWay } from '../../../scenarios/paths.ts'
import type { Plan } from '../../../scenarios/plan.ts'
import type { Scenario } from '../../../scenarios/schema.ts'
import type { Target } from '../../../scenarios/settings/words.ts'
import { engineFor, planFor } from '../../measure/run.ts'
import type { Extended } from '../../workloads/catalog.ts'
import { checkFiles } from '../hosts.ts'
import { commonSettings, scenariosOf } from '../preparation.ts'
import type { RunArguments } from '../run-flags.ts'

/** The plans of the scenarios for hosts that have this IP version. */
export type PlansFor = (family: 4 | 6) => Promise<readonly Plan[]>

export interface FleetPlans {
  /** The engine asked for at the hosts. */
  readonly there: string
  /** Asked for. */
  readonly ipFamily: 4 | 6 | undefined
  readonly plansFor: PlansFor
}

/** What a scenario may say, and a fleet has from `--hosts`. */
const PLACES = ['host', 'from', 'to', 'reverse', 'bidir', 'target', 'keep'] as const
/** Neither end is here. */
const ENDS = { from: { host: 'a', port: undefined }, to: { host: 'b', port: undefined } }

/** @throws UsageError for what cannot be measured between other hosts, or is not the same for all pairs */
export async function preparePlans(args: RunArguments, catalog: Extended): Promise<FleetPlans> {
  const scenarios = await scenariosOf(args, catalog)
  const { engine: asked = 'auto', ...ends } = commonSettings(scenarios)
  const place = PLACES.find(each => ends[each])
  if (place !== undefined)
    throw new UsageError(
      `${place}: a scenario of a fleet is measured between the hosts of --hosts; leave it out there`,
    )
  for (const each of scenarios) checkScenario(each, catalog)
  const ipFamily = scenarios.find(each => each.ipFamily !== undefined)?.ipFamily
  const { engine, there } = await engineFor(scenarios, asked, catalog)
  const known = new Map<4 | 6, Promise<readonly Plan[]>>()
  return {
    ...{ there, ipFamily },
    plansFor(family) {
      const plans =
        known.get(family) ??
        Promise.all(scenarios.map(each => pairPlan({ ...each, ipFamily: family }, engine, catalog)))
      known.set(family, plans)
      return plans
    },
  }
}

async function pairPlan(scenario: Scenario, engine: string, catalog: Extended): Promise<Plan> {
  const plan = await planFor(scenario, engine, catalog)
  checkFiles({ isSentThere: true }, plan.cases)
  if (plan.cases.some(emulatedWay))
    throw new UsageError(
      '--impair and --path need an end on this host, where the relay is; measure one pair with bench run --host',
    )
  return plan
}

/** @throws UsageError */
function checkScenario(scenario: Scenario, { transports }: Extended): void {
  if (asksMtu(scenario))
    throw new UsageError(
      '--chunk mtu: the ways between the hosts of a fleet may differ in it; give bytes, such as --chunk 1400',
    )
  const group = transportsIn(scenario).find(each => transports.get(each)?.traits.fansOut)
  if (group !== undefined)
    throw new UsageError(
      `${group} sends to a group, but bench serve sends to confirmed hosts only; leave it out`,
    )
  refuse(conflictsOf({ ...scenario, ...ENDS }, transports))
}

/** The version of most of them, as far as their addresses say it. */
export function familyOfHosts(hosts: readonly { readonly address: Target }[]): 4 | 6 {
  return 2 * hosts.filter(({ address }) => isIPv6(address.host)).length > hosts.length ? 6 : 4
}
