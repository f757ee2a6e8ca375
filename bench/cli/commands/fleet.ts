/** `bench fleet`: measures between all hosts of a list, or says how long that takes. */
import { UsageError } from '../../../base/errors.ts'
import { counted, formatCount, formatDuration, parseDuration } from '../../../base/units.ts'
import { cellOf } from '../../../results/schema/cells.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import { conflictsOf, refuse } from '../../../scenarios/conflicts.ts'
import { type Case, type Plan, planSchema } from '../../../scenarios/plan.ts'
import { integer, oneOf } from '../../../scenarios/settings/grammar.ts'
import { TIMEOUT } from '../../../scenarios/settings/units.ts'
import { LocalHost } from '../../fleet/local/local.ts'
import { type FleetHost, readHosts } from '../../fleet/planning/hosts-file.ts'
import { pairsOf } from '../../fleet/planning/pairs.ts'
import type { HostPair } from '../../fleet/planning/rounds.ts'
import { blocksOf, narrowed, trialsOf } from '../../measure/blocks.ts'
import { type FleetPlan, fleetRounds, measureFleet } from '../../measure/fleet.ts'
import { engineFor, planFor } from '../../measure/run.ts'
import { caseKey, cellsOfCase } from '../check/planned-cells.ts'
import type { Command, Context } from '../command.ts'
import { list, needed, readFlags, text } from '../flags.ts'
import { flowsOf, serverAddress } from '../hosts.ts'
import { scenariosOf } from '../preparation.ts'
import { RUN_FLAGS, type RunArguments, runArguments } from '../run-flags.ts'
import { Session } from '../session.ts'
import { showResults } from '../shown.ts'
import { readStored } from '../stored.ts'
import { EXIT } from '../terminal.ts'

/** Where the ends are says the list, and rounds are of all pairs. */
const {
  host: _host,
  from: _from,
  to: _to,
  reverse: _reverse,
  bidir: _bidir,
  target: _target,
  pin: _pin,
  keep: _keep,
  until: _until,
  'max-time': _most,
  processes: _processes,
  pause: _pause,
  ...OTHERS
} = RUN_FLAGS

const OWN = {
  hosts: needed(text('file with the hosts where bench serve runs; fleet plan also takes a number', String)),
  pairs: list('all, across:LABEL, within:LABEL; or A>B, A<>B with names, LABEL=VALUE or *', String, 'all'),
  sample: text(
    'so many rounds instead of all: each host has at most so many pairs',
    integer(1, 100_000).parse,
  ),
  round: text(
    'a round begins so long after the one before at the earliest; fleet plan: how long one takes (12s)',
    TIMEOUT.parse,
    'at once',
  ),
  resume: text('rows of such a run that was broken off: the new file has these, and what they lack', String),
}
const USUAL_ROUND_MS = parseDuration('12s')
const ACTION = oneOf(['run', 'plan'])

export const fleet: Command = {
  flags: { ...OWN, ...OTHERS },
  examples: [
    [
      'BENCH_TOKEN=… $0 fleet run --hosts hosts.yaml',
      'every pair, both directions, no host in two trials at a time',
    ],
    [
      '$0 fleet run sizes --hosts hosts.yaml --pairs across:zone',
      'a scenario, between hosts whose label zone differs',
    ],
    ['$0 fleet plan --hosts 500 --sample 8', 'how many rounds and rows that is'],
  ],
  epilogue:
    'The file has a line for each host, hosts: {a: 192.0.2.7, b: {address: "192.0.2.8:5990", labels: {zone: x}}}. Which hosts share a round is drawn anew for each --repeat. What could not be measured is tried once more at the end; exit code 1 says that something is missing.',
  before: 'anything was measured',
  async run({ operands: [action = '', ...scenarios], flags }, context) {
    const own = readFlags(OWN, flags)
    const asked = runArguments(scenarios, readFlags(RUN_FLAGS, flags))
    if (ACTION.parse(action) === 'plan') return plan(own, asked, context)
    const hosts = readHosts(own.hosts)
    const pairs = pairsOf(hosts, own.pairs ?? ['all'])
    const { sample, round: everyMs, resume } = own
    return measure(hosts, { pairs, sample, everyMs, resume }, asked, context)
  },
}

interface Asked extends Pick<FleetPlan, 'pairs' | 'sample' | 'everyMs'> {
  readonly resume: string | undefined
}

async function measure(
  hosts: readonly FleetHost[],
  { pairs, sample, everyMs, resume }: Asked,
  args: RunArguments,
  context: Context,
) {
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
  const known = resume === undefined ? [] : await knownRows(resume, plans, context)
  const done = new Set(
    known.map(each => doneKey(each.round, each.pair_from, each.pair_to, caseKey(cellOf(each)))),
  )
  const isDone = (each: Case, [from, to]: HostPair, time: number) =>
    cellsOfCase(each).every(cell =>
      done.has(doneKey(time, hostOf(from).name, hostOf(to).name, caseKey(cell))),
    )
  const here = new LocalHost(engine, { plugins: catalog.plugins })
  const open = async (hostPair: HostPair, time: number) => {
    const [from, to] = hostPair
    const [sender, receiver] = [hostOf(from), hostOf(to)]
    const { ipFamily } = args.overrides
    const server = await serverAddress(receiver.address, args.servers, ipFamily, signal)
    const ends = { ...args.servers, flows: [{ from: sender.address, to: receiver.address }] }
    const flows = await flowsOf(ends, server, there, here, plans, catalog, signal)
    const pair = { pair_from: sender.name, pair_to: receiver.name }
    return {
      blocks: narrowed(
        blocksOf(plans.map(plan => [{ plan, flows, pair, commit: args.commit }])),
        each => !isDone(each, hostPair, time),
      ),
      async [Symbol.asyncDispose]() {
        await Promise.all(flows.map(flow => flow[Symbol.asyncDispose]()))
      },
    }
  }
  /** By what was wrong. */
  const missing = new Map<string, string[]>()
  const fleet: FleetPlan = {
    ...{ hosts: hosts.length, pairs, sample, repeat, seed, everyMs, known, open },
    isDone: (pair, time) => plans.every(plan => plan.cases.every(each => isDone(each, pair, time))),
    missed(pair, error, isLast) {
      const [from, to] = pair.map(index => hostOf(index).name)
      if (isLast) missing.set(error.message, [...(missing.get(error.message) ?? []), `${from} to ${to}`])
    },
  }
  const blocks = blocksOf(plans.map(plan => [{ plan, flows: [], commit: args.commit }]))
  const measuring = {
    trials: countOf(fleet) * trialsOf(blocks),
    rows: (options: Parameters<typeof measureFleet>[1]) => measureFleet(fleet, options),
  }
  await using session = new Session(
    { ...args, blocks, keepDir: undefined, suffix: '-fleet', measuring },
    context,
  )
  await session.open()
  session.say(`${describe(fleet)}\n`)
  await session.measure()
  await showResults(session, args, context)
  for (const [why, ways] of missing) context.terminal.err(`not measured: ${ways.join(', ')}: ${why}\n`)
  const code = session.end()
  return missing.size > 0 && code === EXIT.measured ? EXIT.failed : code
}

function doneKey(...parts: readonly (string | number | undefined)[]): string {
  return JSON.stringify(parts)
}

/** @throws UsageError where they are not of a run of the same */
async function knownRows(
  path: string,
  plans: readonly Plan[],
  context: Context,
): Promise<readonly TrialRecord[]> {
  const { files, problems } = await readStored({ files: [path], filter: undefined }, context)
  const [problem] = problems
  if (problem !== undefined) throw new UsageError(`--resume ${path}: ${problem}`)
  const records = files.flatMap(each => each.records)
  const [manifest, ...others] = files.flatMap(each => each.manifests)
  const asked = (all: readonly { readonly plan: unknown }[]) =>
    JSON.stringify(all.map(({ plan }) => planSchema.safeParse(plan).data?.cases))
  if (!manifest || others.length > 0 || records.some(each => each.pair_from === undefined))
    throw new UsageError(`--resume ${path}: it is not of one bench fleet run, with its .run.json beside it`)
  if (asked(manifest.plans) !== asked(plans.map(plan => ({ plan: JSON.parse(JSON.stringify(plan)) }))))
    throw new UsageError(
      `--resume ${path}: it measured something else; give the same words as then: bench ${manifest.argv.join(' ')}`,
    )
  return records
}

/** Pairs of all times. */
function countOf(fleet: FleetPlan): number {
  return Array.from(
    { length: fleet.repeat },
    (_, index) => fleetRounds(fleet, index + 1).flat().length,
  ).reduce((sum, each) => sum + each, 0)
}

/** `5 hosts: 20 pairs in 10 rounds of up to 2 at a time` */
function describe(fleet: Pick<FleetPlan, 'hosts' | 'pairs' | 'sample' | 'seed' | 'repeat'>): string {
  const rounds = fleetRounds(fleet, 1)
  const most = Math.max(...rounds.map(each => each.length))
  const times = fleet.repeat > 1 ? `, ${formatCount(fleet.repeat)} times` : ''
  return `${counted(fleet.hosts, 'host')}: ${counted(rounds.flat().length, 'pair')} in ${counted(rounds.length, 'round')} of up to ${formatCount(most)} at a time${times}`
}

async function plan(
  {
    hosts: named,
    pairs: asked = ['all'],
    sample,
    round = USUAL_ROUND_MS,
  }: ReturnType<typeof readFlags<typeof OWN>>,
  args: RunArguments,
  { terminal, catalog }: Context,
) {
  const hosts = /^\d+$/.test(named)
    ? Array.from({ length: integer(2, 1000).parse(named) }, (_, index) => ({
        name: `host-${index + 1}`,
        labels: {},
      }))
    : readHosts(named)
  const { repeat = 1, seed = 1 } = args.overrides
  const fleet = { hosts: hosts.length, pairs: pairsOf(hosts, asked), sample, seed, repeat }
  const rounds = fleetRounds(fleet, 1)
  const scenarios = await scenariosOf(args, catalog)
  const { engine } = await engineFor(scenarios, args.overrides.engine ?? 'auto', catalog)
  const plans = await Promise.all(scenarios.map(each => planFor(each, engine, catalog)))
  const cases = plans.reduce((sum, each) => sum + each.cases.length, 0)
  const all = repeat * rounds.length
  terminal.out(
    [
      describe(fleet),
      `${formatDuration(all * round)} in all, at ${formatDuration(round)} a round`,
      `${formatCount(repeat * rounds.flat().length * cases)} rows: ${counted(cases, 'case')} a pair`,
      '',
    ].join('\n'),
  )
  return EXIT.measured
}
