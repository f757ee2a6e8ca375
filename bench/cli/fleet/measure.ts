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
import type { FleetFigures } from '../../watch/fleet-figures.ts'
import type { Context } from '../command.ts'
import { scenariosOf } from '../preparation.ts'
import type { RunArguments } from '../run-flags.ts'
import { inTurn, type Turn } from '../series/series.ts'
import { Session } from '../session.ts'
import { showResults } from '../shown.ts'
import { EXIT, type ExitCode } from '../terminal.ts'
import { describeFleet } from './describe.ts'
import { Done } from './done.ts'
import type { FleetFlags } from './flags.ts'
import { checkCount } from './fleet-hosts.ts'
import { openHosts } from './hosts.ts'
import { knownRows, NOTHING_KNOWN } from './resume.ts'

/** One run of all of them. @param turn of a series @param watch is shown figures as they come */
export async function measureHosts(
  { hosts: named, pairs: asked = ['all'], sample, round: everyMs, resume, ...identity }: FleetFlags,
  args: RunArguments,
  context: Context,
  { turn, watch }: { readonly turn?: Turn | undefined; readonly watch?: FleetFigures | undefined } = {},
): Promise<ExitCode> {
  // Each pair that is under way listens to it.
  setMaxListeners(0, context.signal)
  await using fleetHosts = await openHosts(named, identity, args, context)
  checkCount(fleetHosts)
  const { hosts, bus } = fleetHosts
  for (const note of fleetHosts.notes) context.terminal.err(note)
  const pairs = pairsOf(hosts, asked)
  const { catalog, signal } = context
  const { repeat = 1, seed: own = 1 } = args.overrides
  // Each turn draws its rounds anew.
  const seed = own + (turn?.number ?? 0) * repeat
  const scenarios = await scenariosOf(args, catalog)
  for (const each of scenarios) refuse(conflictsOf(each, catalog.transports))
  const { engine, there } = await engineFor(scenarios, args.overrides.engine ?? 'auto', catalog)
  const hostOf = (index: number) => {
    const host = hosts[index]
    if (!host) throw new Error('a pair has hosts')
    return host
  }
  const namesOf = ([from, to]: HostPair) => [hostOf(from).name, hostOf(to).name] as const
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
    visited: (pair, records) => watch?.measured(namesOf(pair), records),
    missed(pair, error, isLast) {
      const [from, to] = namesOf(pair)
      if (isLast) watch?.missed([from, to])
      if (isLast) missing.set(error.message, [...(missing.get(error.message) ?? []), `${from} to ${to}`])
    },
  }
  const visits = visitsOf(fleet)
  const blocks = blocksOf(plans.map(plan => [{ plan, flows: [], commit: args.commit }]))
  const measuring = {
    trials: visits.length * trialsOf(blocks),
    rows: async function* (options: Parameters<typeof measureFleet>[1]) {
      for await (const each of done.noting(measureFleet(fleet, options))) {
        yield each
        // Whoever asks for the next one has written this one.
        watch?.rowWritten()
      }
    },
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
    { ...args, ...inTurn(args, turn), blocks, keepDir: undefined, suffix: '-fleet', measuring, also },
    context,
  )
  await session.open()
  watch?.begin(visits.map(namesOf), pairs.length)
  session.say(`${describeFleet(fleet)}\n`)
  if (numbered) session.say(`after a crash, go on with --resume ${numbered.runId}\n`)
  await session.measure()
  await showResults(session, args, context)
  for (const [why, ways] of missing) context.terminal.err(`not measured: ${ways.join(', ')}: ${why}\n`)
  const code = session.end()
  return missing.size > 0 && code === EXIT.measured ? EXIT.failed : code
}

/** Pairs of all times. */
function visitsOf(fleet: FleetPlan): readonly HostPair[] {
  return Array.from({ length: fleet.repeat }, (_, index) => fleetRounds(fleet, index + 1).flat()).flat()
}
