/** `bench fleet run`: measures between all hosts of a list. */
import { setMaxListeners } from 'node:events'
import { sumOf } from '../../../base/groups.ts'
import { finalize } from '../../../base/random.ts'
import type { Manifest } from '../../../results/schema/manifest.ts'
import type { Case, Plan } from '../../../scenarios/plan.ts'
import { pairsOf } from '../../fleet/planning/pairs.ts'
import type { HostPair } from '../../fleet/planning/rounds.ts'
import { blocksOf, narrowed, trialsOf } from '../../measure/blocks.ts'
import { type FleetPlan, fleetRounds, measureFleet, type PairVisit } from '../../measure/fleet.ts'
import { newNumbers, type RunNumbers } from '../../measure/run.ts'
import type { FleetFigures } from '../../watch/fleet-figures.ts'
import type { Context } from '../command.ts'
import type { RunArguments } from '../run-flags.ts'
import { inTurn, type Turn } from '../series/series.ts'
import { Session } from '../session.ts'
import { showResults } from '../shown.ts'
import { EXIT, type ExitCode } from '../terminal.ts'
import { describeFleet } from './describe.ts'
import { Done } from './done.ts'
import { type FleetFlags, USUAL_SERIAL } from './flags.ts'
import { checkCount, pairsOfTurn } from './fleet-hosts.ts'
import { openHosts } from './hosts.ts'
import { MissingPairs } from './missing.ts'
import { familyOfHosts, preparePlans } from './plans.ts'
import { hostsOfRun, knownRows, NOTHING_KNOWN } from './resume.ts'

/** One run of all of them. @param turn of a series @param watch is shown figures as they come */
export async function measureHosts(
  {
    hosts: named,
    pairs: asked = ['all'],
    sample,
    serial = USUAL_SERIAL,
    round: everyMs,
    resume,
    ...identity
  }: FleetFlags,
  args: RunArguments,
  context: Context,
  { turn, watch }: { readonly turn?: Turn | undefined; readonly watch?: FleetFigures | undefined } = {},
): Promise<ExitCode> {
  const { signal } = context
  // Each pair that is under way listens to it.
  setMaxListeners(0, signal)
  const { there, ipFamily, plansFor } = await preparePlans(args, context.catalog)
  const settled = { ...args, overrides: { ...args.overrides, ipFamily } }
  await using fleetHosts = await openHosts(named, identity, settled, context)
  checkCount(fleetHosts)
  const { bus } = fleetHosts
  for (const note of fleetHosts.notes) context.terminal.err(note)
  const { repeat = 1, seed: first = 1 } = args.overrides
  // Each turn draws its rounds anew.
  const ownSeed = first + (turn?.number ?? 0) * repeat
  const plansOf = async (family: 4 | 6) => (await plansFor(ipFamily ?? family)).map(once)
  const asking = { pairs: [...asked], sample, serial, seed: ownSeed }
  const {
    records: known,
    fleet: begun,
    stored,
    plans = await plansOf(familyOfHosts(fleetHosts.hosts)),
  } = resume === undefined
    ? NOTHING_KNOWN
    : await knownRows(resume, { plansOf, rounds: asking, bus }, context)
  // A turn of a series that goes on has the rounds of that turn.
  const seed = begun?.rounds?.seed ?? ownSeed
  // In the order that a manifest keeps, as rounds follow from it.
  const planned = begun ?? {
    hosts: Object.fromEntries(fleetHosts.hosts.map(each => [each.name, each.labels])),
  }
  const { hosts, notes } = hostsOfRun(resume ?? '', planned, fleetHosts.hosts, bus !== undefined)
  for (const note of notes) context.terminal.err(note)
  const pairs = (turn && bus ? pairsOfTurn : pairsOf)(hosts, asked)
  const hostOf = (index: number) => {
    const host = hosts[index]
    if (!host) throw new Error('a pair has hosts')
    return host
  }
  const namesOf = ([from, to]: HostPair) => [hostOf(from).name, hostOf(to).name] as const
  const done = new Done(known)
  const isDone = (each: Case, { pair: [from, to], time, alone }: PairVisit) =>
    done.has(each, {
      ...{ round: time, pair_from: hostOf(from).name, pair_to: hostOf(to).name, fleet_alone: alone },
    })
  const open = async (visit: PairVisit, runId: string, isLast: boolean) => {
    const [from, to] = [hostOf(visit.pair[0]), hostOf(visit.pair[1])]
    const opened = await fleetHosts.open({ from, to, runId, isLast, engine: there, plansFor })
    const pair = { pair_from: from.name, pair_to: to.name }
    return {
      blocks: narrowed(
        blocksOf(
          opened.plans.map(plan => [{ plan: once(plan), flows: opened.flows, pair, commit: args.commit }]),
        ),
        each => !isDone(each, visit),
        () => ({ seed: seedOf(visit, seed, hosts.length) }),
      ),
      [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
    }
  }
  let numbered: RunNumbers | undefined
  const numbers = (startedAt: Date) => {
    numbered ??= newNumbers(startedAt, known, stored?.lastTrial)
    return numbered
  }
  const missing = new MissingPairs()
  const fleet: FleetPlan = {
    ...{ hosts, pairs, sample, serial, repeat, seed, everyMs, known, numbers, open },
    isDone: visit => plans.every(plan => plan.cases.every(each => isDone(each, visit))),
    visited({ pair, alone }, records) {
      // Figures are those of pairs beside others.
      if (!alone) watch?.measured(namesOf(pair), records)
    },
    missed({ pair, alone }, error, isLast) {
      const [from, to] = namesOf(pair)
      if (isLast && !alone) watch?.missed([from, to])
      if (isLast) missing.add(from, to, error.message)
    },
  }
  const visits = visitsOf(fleet)
  const blocks = blocksOf(plans.map(plan => [{ plan, flows: [], commit: args.commit }]))
  const measuring = {
    trials: sumOf(visits, visit => trialsOf(narrowed(blocks, each => !isDone(each, visit)))),
    rows: async function* (options: Parameters<typeof measureFleet>[1]) {
      for await (const each of done.noting(measureFleet(fleet, options))) {
        yield each
        // Whoever asks for the next one has written this one.
        watch?.rowWritten()
      }
    },
  }
  const own = inTurn(args, turn)
  let isStored = false
  const also = bus && {
    name: `the stream of ${bus.name}`,
    async open(manifest: Manifest) {
      const { openRows } = await import('../../fleet/bus/rows.ts')
      const { runId } = numbers(new Date(manifest.started_at))
      const sink = await openRows(bus, { runId, manifest, stored, signal })
      isStored = true
      return sink
    },
  }
  await using session = new Session(
    {
      ...args,
      ...own,
      blocks,
      keepDir: undefined,
      suffix: '-fleet',
      measuring,
      also,
      stored: { fleet: { hosts: planned.hosts, rounds: { ...asking, seed } }, ...own.stored },
    },
    context,
  )
  await session.open()
  watch?.begin(
    visits.flatMap(({ pair, alone }) => (alone ? [] : [namesOf(pair)])),
    pairs.length,
  )
  session.say(`${describeFleet(fleet)}\n`)
  if (isStored && numbered) session.say(`after a crash, go on with --resume ${numbered.runId}\n`)
  await session.measure()
  await showResults(session, args, context)
  for (const line of missing.lines()) context.terminal.err(`not measured: ${line}\n`)
  const code = session.end()
  return missing.any && code === EXIT.measured ? EXIT.failed : code
}

/** As a pair is measured each time that it has its turn. */
function once(plan: Plan): Plan {
  return { ...plan, repeat: 1, processes: 1, until: undefined }
}

/** The order of cases is drawn anew for each visit, but for the one alone, which is compared with that beside others. */
function seedOf({ pair: [from, to], time }: PairVisit, seed: number, hosts: number): number {
  return finalize(finalize(seed + time) + from * hosts + to)
}

/** Of all times. */
function visitsOf(fleet: FleetPlan): readonly PairVisit[] {
  return Array.from({ length: fleet.repeat }, (_, index) => index + 1).flatMap(time =>
    fleetRounds(fleet, time).flatMap(({ pairs, alone }) => pairs.map(pair => ({ pair, time, alone }))),
  )
}
