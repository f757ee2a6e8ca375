/** `bench fleet run`: measures between all hosts of a list. */
import { cellOf } from '../../../results/schema/cells.ts'
import { conflictsOf, refuse } from '../../../scenarios/conflicts.ts'
import type { Case, Plan } from '../../../scenarios/plan.ts'
import { pairsOf } from '../../fleet/planning/pairs.ts'
import type { HostPair } from '../../fleet/planning/rounds.ts'
import { blocksOf, narrowed, trialsOf } from '../../measure/blocks.ts'
import { type FleetPlan, fleetRounds, measureFleet } from '../../measure/fleet.ts'
import { engineFor, planFor } from '../../measure/run.ts'
import type { FleetFigures } from '../../watch/fleet-figures.ts'
import { caseKey, cellsOfCase } from '../check/planned-cells.ts'
import type { Context } from '../command.ts'
import { scenariosOf } from '../preparation.ts'
import type { RunArguments } from '../run-flags.ts'
import { inTurn, type Turn } from '../series/series.ts'
import { Session } from '../session.ts'
import { showResults } from '../shown.ts'
import { EXIT, type ExitCode } from '../terminal.ts'
import { describeFleet } from './describe.ts'
import type { FleetFlags } from './flags.ts'
import { checkCount } from './fleet-hosts.ts'
import { openHosts } from './hosts.ts'
import { knownRows } from './resume.ts'

/** One run of all of them. @param turn of a series @param watch is shown figures as they come */
export async function measureHosts(
  { hosts: named, pairs: asked = ['all'], sample, round: everyMs, resume, ...identity }: FleetFlags,
  args: RunArguments,
  context: Context,
  { turn, watch }: { readonly turn?: Turn | undefined; readonly watch?: FleetFigures | undefined } = {},
): Promise<ExitCode> {
  await using fleetHosts = await openHosts(named, identity, args, context)
  checkCount(fleetHosts)
  const { hosts } = fleetHosts
  for (const note of fleetHosts.notes) context.terminal.err(note)
  const pairs = pairsOf(hosts, asked)
  const { catalog } = context
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
  const known = resume === undefined ? [] : await knownRows(resume, plans, context)
  const done = new Set(
    known.map(each => doneKey(each.round, each.pair_from, each.pair_to, caseKey(cellOf(each)))),
  )
  const isDone = (each: Case, [from, to]: HostPair, time: number) =>
    cellsOfCase(each).every(cell =>
      done.has(doneKey(time, hostOf(from).name, hostOf(to).name, caseKey(cell))),
    )
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
  /** By what was wrong. */
  const missing = new Map<string, string[]>()
  const fleet: FleetPlan = {
    ...{ hosts: hosts.length, pairs, sample, repeat, seed, everyMs, known, open },
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
      for await (const each of measureFleet(fleet, options)) {
        yield each
        // Whoever asks for the next one has written this one.
        watch?.rowWritten()
      }
    },
  }
  await using session = new Session(
    { ...args, ...inTurn(args, turn), blocks, keepDir: undefined, suffix: '-fleet', measuring },
    context,
  )
  await session.open()
  watch?.begin(visits.map(namesOf), pairs.length)
  session.say(`${describeFleet(fleet)}\n`)
  await session.measure()
  await showResults(session, args, context)
  for (const [why, ways] of missing) context.terminal.err(`not measured: ${ways.join(', ')}: ${why}\n`)
  const code = session.end()
  return missing.size > 0 && code === EXIT.measured ? EXIT.failed : code
}

function doneKey(...parts: readonly (string | number | undefined)[]): string {
  return JSON.stringify(parts)
}

/** Pairs of all times. */
function visitsOf(fleet: FleetPlan): readonly HostPair[] {
  return Array.from({ length: fleet.repeat }, (_, index) => fleetRounds(fleet, index + 1).flat()).flat()
}
