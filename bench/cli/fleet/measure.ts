/** `bench fleet run`: measures between all hosts of a list. */
import { setMaxListeners } from 'node:events'
import type { Manifest } from '../../../results/schema/manifest.ts'
import { conflictsOf, refuse } from '../../../scenarios/conflicts.ts'
import type { Case, Plan } from '../../../scenarios/plan.ts'
import { pairsOf } from '../../fleet/planning/pairs.ts'
import type { HostPair } from '../../fleet/planning/rounds.ts'
import { blocksOf, narrowed, trialsOf } from '../../measure/blocks.ts'
import { type FleetPlan, fleetRounds, measureFleet } from '../../measure/fleet.ts'
import { engineFor, newNumbers, planFor, type RunNumbers } from '../../measure/run.ts'
import type { Context } from '../command.ts'
import { scenariosOf } from '../preparation.ts'
import type { RunArguments } from '../run-flags.ts'
import { Session } from '../session.ts'
import { showResults } from '../shown.ts'
import { EXIT, type ExitCode } from '../terminal.ts'
import { describeFleet } from './describe.ts'
import { Done } from './done.ts'
import type { FleetFlags } from './flags.ts'
import { checkCount } from './fleet-hosts.ts'
import { openHosts } from './hosts.ts'
import { knownRows, NOTHING_KNOWN } from './resume.ts'

export async function measureHosts(
  { hosts: named, pairs: asked = ['all'], sample, round: everyMs, resume, ...identity }: FleetFlags,
  args: RunArguments,
  context: Context,
): Promise<ExitCode> {
  // Each pair that is under way listens to it.
  setMaxListeners(0, context.signal)
  await using fleetHosts = await openHosts(named, identity, args, context)
  checkCount(fleetHosts)
  const { hosts, bus } = fleetHosts
  for (const note of fleetHosts.notes) context.terminal.err(note)
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
  const { records: known, stored } =
    resume === undefined ? NOTHING_KNOWN : await knownRows(resume, plans, bus, context)
  const done = new Done()
  const isDone = (each: Case, [from, to]: HostPair, time: number) =>
    done.has(each, { round: time, pair_from: hostOf(from).name, pair_to: hostOf(to).name })
  const open = async (hostPair: HostPair, time: number, runId: string) => {
    const [from, to] = [hostOf(hostPair[0]), hostOf(hostPair[1])]
    const opened = await fleetHosts.open({ from, to, runId, engine: there, plans })
    const pair = { pair_from: from.name, pair_to: to.name }
    return {
      blocks: narrowed(
        blocksOf(plans.map(plan => [{ plan, flows: opened.flows, pair, commit: args.commit }])),
        each => !isDone(each, hostPair, time),
      ),
      [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
    }
  }
  let numbered: RunNumbers | undefined
  const numbers = (startedAt: Date) => {
    numbered ??= newNumbers(startedAt, known, stored?.lastTrial)
    return numbered
  }
  /** By what was wrong. */
  const missing = new Map<string, string[]>()
  const fleet: FleetPlan = {
    ...{ hosts: hosts.length, pairs, sample, repeat, seed, everyMs, known, numbers, open },
    isDone: (pair, time) => plans.every(plan => plan.cases.every(each => isDone(each, pair, time))),
    missed(pair, error, isLast) {
      const [from, to] = pair.map(index => hostOf(index).name)
      if (isLast) missing.set(error.message, [...(missing.get(error.message) ?? []), `${from} to ${to}`])
    },
  }
  const blocks = blocksOf(plans.map(plan => [{ plan, flows: [], commit: args.commit }]))
  const measuring = {
    trials: countOf(fleet) * trialsOf(blocks),
    rows: (options: Parameters<typeof measureFleet>[1]) => done.noting(measureFleet(fleet, options)),
  }
  const also = bus && {
    name: `the stream of ${bus.name}`,
    async open(manifest: Manifest) {
      const { openRows } = await import('../../fleet/bus/rows.ts')
      const { runId } = numbers(new Date(manifest.started_at))
      return openRows(bus, { runId, manifest, stored, signal })
    },
  }
  await using session = new Session(
    { ...args, blocks, keepDir: undefined, suffix: '-fleet', measuring, also },
    context,
  )
  await session.open()
  session.say(`${describeFleet(fleet)}\n`)
  if (numbered) session.say(`after a crash, go on with --resume ${numbered.runId}\n`)
  await session.measure()
  await showResults(session, args, context)
  for (const [why, ways] of missing) context.terminal.err(`not measured: ${ways.join(', ')}: ${why}\n`)
  const code = session.end()
  return missing.size > 0 && code === EXIT.measured ? EXIT.failed : code
}

/** Pairs of all times. */
function countOf(fleet: FleetPlan): number {
  return Array.from(
    { length: fleet.repeat },
    (_, index) => fleetRounds(fleet, index + 1).flat().length,
  ).reduce((sum, each) => sum + each, 0)
}
