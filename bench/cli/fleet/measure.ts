/** `bench fleet run`: measures between all hosts of a list. */
import { setMaxListeners } from 'node:events'
import { cellOf } from '../../../results/schema/cells.ts'
import { conflictsOf, refuse } from '../../../scenarios/conflicts.ts'
import type { Case, Plan } from '../../../scenarios/plan.ts'
import { LocalHost } from '../../fleet/local/local.ts'
import { readHosts } from '../../fleet/planning/hosts-file.ts'
import { pairsOf } from '../../fleet/planning/pairs.ts'
import { blocksOf, narrowed, trialsOf } from '../../measure/blocks.ts'
import { type FleetPlan, fleetRounds, measureFleet, type Turn } from '../../measure/fleet.ts'
import { engineFor, planFor } from '../../measure/run.ts'
import { caseKey, cellsOfCase } from '../check/planned-cells.ts'
import type { Context } from '../command.ts'
import { flowsOf, serverAddress } from '../hosts.ts'
import { scenariosOf } from '../preparation.ts'
import type { RunArguments } from '../run-flags.ts'
import { Session } from '../session.ts'
import { showResults } from '../shown.ts'
import { EXIT, type ExitCode } from '../terminal.ts'
import { describeFleet } from './describe.ts'
import { type FleetFlags, USUAL_SERIAL } from './flags.ts'
import { MissingPairs } from './missing.ts'
import { knownRows } from './resume.ts'

export async function measureHosts(
  { hosts: file, pairs: asked = ['all'], sample, serial = USUAL_SERIAL, round: everyMs, resume }: FleetFlags,
  args: RunArguments,
  context: Context,
): Promise<ExitCode> {
  const hosts = readHosts(file)
  const pairs = pairsOf(hosts, asked)
  const { catalog, signal } = context
  const { repeat = 1, seed = 1 } = args.overrides
  const scenarios = await scenariosOf(args, catalog)
  for (const each of scenarios) refuse(conflictsOf(each, catalog.transports))
  const { engine, there } = await engineFor(scenarios, args.overrides.engine ?? 'auto', catalog)
  const hostOf = (index: number) => {
    const host = hosts[index]
    if (!host) throw new Error('a pair has hosts')
    return host
  }
  const plans: Plan[] = await Promise.all(
    scenarios.map(async each => ({
      ...(await planFor(each, engine, catalog)),
      // Each time that a pair has its turn.
      ...{ repeat: 1, processes: 1, until: undefined },
    })),
  )
  const known =
    resume === undefined
      ? []
      : await knownRows(
          resume,
          plans,
          hosts.map(({ name }) => name),
          context,
        )
  const done = new Set(
    known.map(each =>
      doneKey(each.round, each.pair_from, each.pair_to, each.fleet_alone ?? false, caseKey(cellOf(each))),
    ),
  )
  const isDone = (each: Case, { pair: [from, to], time, alone }: Turn) =>
    cellsOfCase(each).every(cell =>
      done.has(doneKey(time, hostOf(from).name, hostOf(to).name, alone, caseKey(cell))),
    )
  // All pairs of a round listen to it.
  setMaxListeners(0, signal)
  const here = new LocalHost(engine, { plugins: catalog.plugins })
  const open = async (turn: Turn) => {
    const [from, to] = turn.pair
    const [sender, receiver] = [hostOf(from), hostOf(to)]
    const { ipFamily } = args.overrides
    const server = await serverAddress(receiver.address, args.servers, ipFamily, signal)
    const ends = { ...args.servers, flows: [{ from: sender.address, to: receiver.address }] }
    const flows = await flowsOf(ends, server, there, here, plans, catalog, signal)
    const pair = { pair_from: sender.name, pair_to: receiver.name }
    return {
      blocks: narrowed(
        blocksOf(plans.map(plan => [{ plan, flows, pair, commit: args.commit }])),
        each => !isDone(each, turn),
      ),
      async [Symbol.asyncDispose]() {
        await Promise.all(flows.map(flow => flow[Symbol.asyncDispose]()))
      },
    }
  }
  const missing = new MissingPairs()
  const fleet: FleetPlan = {
    ...{ hosts, pairs, sample, serial, repeat, seed, everyMs, known, open },
    isDone: turn => plans.every(plan => plan.cases.every(each => isDone(each, turn))),
    missed({ pair: [from, to] }, error, isLast) {
      if (isLast) missing.add(hostOf(from).name, hostOf(to).name, error.message)
    },
  }
  const blocks = blocksOf(plans.map(plan => [{ plan, flows: [], commit: args.commit }]))
  const measuring = {
    trials: countOf(fleet) * trialsOf(blocks),
    rows: (options: Parameters<typeof measureFleet>[1]) => measureFleet(fleet, options),
  }
  const labels = Object.fromEntries(hosts.map(each => [each.name, each.labels]))
  await using session = new Session(
    {
      ...args,
      blocks,
      keepDir: undefined,
      suffix: '-fleet',
      measuring,
      stored: { fleet: { hosts: labels } },
    },
    context,
  )
  await session.open()
  session.say(`${describeFleet(fleet)}\n`)
  await session.measure()
  await showResults(session, args, context)
  for (const line of missing.lines()) context.terminal.err(`not measured: ${line}\n`)
  const code = session.end()
  return missing.any && code === EXIT.measured ? EXIT.failed : code
}

function doneKey(...parts: readonly (string | number | boolean | undefined)[]): string {
  return JSON.stringify(parts)
}

/** Pairs of all times. */
function countOf(fleet: FleetPlan): number {
  return Array.from(
    { length: fleet.repeat },
    (_, index) => fleetRounds(fleet, index + 1).flatMap(each => each.pairs).length,
  ).reduce((sum, each) => sum + each, 0)
}
