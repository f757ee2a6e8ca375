/** What a run needs before anything is measured: plans, the other ends, their hosts; whatever is wrong is known by then. */
import { isIP } from 'node:net'
import { UsageError } from '../../base/errors.ts'
import { parseThreshold } from '../../results/gate/threshold.ts'
import { applyOverrides, blocksOf, type Overrides } from '../../scenarios/blocks.ts'
import { DEFAULTS, SINGLE_ROUNDS, type UsualRounds, withRounds } from '../../scenarios/defaults.ts'
import type { Plan } from '../../scenarios/plan.ts'
import type { Scenario } from '../../scenarios/schema.ts'
import type { Catalog } from '../../transports/catalog.ts'
import type { Endpoint } from '../../transports/contract/socket-facts.ts'
import type { Engines } from '../../transports/engines/engines.ts'
import { checkPins } from '../fleet/agent/pinning.ts'
import { type Flow, flowHere } from '../fleet/flow.ts'
import { LocalHost } from '../fleet/local/local.ts'
import type { AgentProgram } from '../fleet/local/process.ts'
import { checkBinding, checkWithinHost, type LocalBinding } from '../fleet/local-binding.ts'
import { type Address, familyOf, firstListening, resolve } from '../fleet/resolve.ts'
import { madeFolder } from '../measure/files.ts'
import { planFor } from '../measure/run.ts'
import { flowsOf, serverAddress } from './hosts.ts'
import { endsHere, HERE, otherHost } from './hosts-flags.ts'
import { transportNamed } from './options.ts'
import type { RunArguments } from './run-flags.ts'
import type { Target } from './target.ts'

/** What of the arguments says what is measured, where and by what. */
export type Measured = Pick<
  RunArguments,
  'scenarios' | 'overrides' | 'engine' | 'commit' | 'pins' | 'target' | 'hosts' | 'keep'
>

/** Connections to other hosts are open, and closed when it is disposed of. */
export interface Preparation extends AsyncDisposable {
  readonly plans: readonly Plan[]
  /** Why the engine is not the one that would be better. */
  readonly warning: string | undefined
  readonly flows: readonly Flow[]
  readonly keepDir: string | undefined
  readonly commit: string | undefined
}

/**
 * @param program of the agents on this host; ours when undefined
 * @param rounds where neither a flag nor a scenario says it
 * @throws UsageError, SetupError
 */
export async function prepare(
  args: Measured,
  catalog: Catalog,
  program: AgentProgram | undefined,
  signal: AbortSignal,
  rounds: UsualRounds = SINGLE_ROUNDS,
): Promise<Preparation> {
  const { pins, hosts } = args
  for (const name of args.overrides.transports ?? []) transportNamed(catalog, name)
  checkTarget(args)
  checkHosts(args)
  const { engine, warning } = await catalog.engines.choose(args.engine)
  if (pins) await checkPins(pins)
  const scenarios = await scenariosOf(args, catalog)
  const other = hosts && otherHost(hosts)
  const family = askedFamily(other ?? args.target, args, scenarios)
  const local = bindingOf(args, scenarios)
  const server = hosts && other && (await serverAddress(other, hosts, family, signal, local))
  const target = args.target && (await targetOf(args.target, scenarios, args, family, catalog, signal))
  const plans = await planAll(scenarios, args.overrides, engine, catalog, (server ?? target)?.family, rounds)
  await checkBindings(plans, catalog.engines, server ?? target)
  const keepDir = args.keep === undefined ? undefined : await madeFolder(args.keep, 'keep')
  const { plugins } = catalog
  const flows =
    hosts && server
      ? await flowsOf(
          hosts,
          server,
          args.engine,
          new LocalHost(engine, { plugins, program }),
          plans,
          catalog,
          signal,
        )
      : [flowHere(engine, { pins, plugins, program, target })]
  return {
    ...{ plans, warning, flows, keepDir, commit: args.commit },
    async [Symbol.asyncDispose]() {
      await Promise.all(flows.map(flow => flow[Symbol.asyncDispose]()))
    },
  }
}

/** Only our own receiver saves, drains and checks what arrives. */
function checkTarget({ target, keep, overrides }: Measured): void {
  if (target === undefined) return
  const asked = { keep, drain: overrides.drainMs, verify: overrides.verify }
  const [idle] = Object.entries(asked).flatMap(([name, value]) => (value === undefined ? [] : [name]))
  if (idle)
    throw new UsageError(
      `--${idle} needs our own receiver and cannot be combined with --target; leave one out`,
    )
}

/** What needs both agents, or a receiver, on this host. */
function checkHosts({ hosts, target, pins, keep }: Measured): void {
  if (!hosts) return
  if (target !== undefined)
    throw new UsageError('--target cannot be combined with other hosts; leave one out')
  if (pins) throw new UsageError('--pin is for two agents of this host; leave it out')
  if (keep !== undefined && hosts.flows.some(({ to }) => to !== HERE))
    throw new UsageError('--keep saves what arrives on this host; with --host that is --reverse')
}

async function scenariosOf({ scenarios }: Measured, catalog: Catalog): Promise<readonly Scenario[]> {
  if (scenarios.length === 0) return [{ name: 'custom', variants: [] }]
  // Without a scenario there is no YAML to read.
  const { loadScenario } = await import('../../scenarios/load.ts')
  return scenarios.map(name => loadScenario(name, [...catalog.transports.keys()], parseThreshold))
}

/**
 * What the end on this host is bound to in a run with others; nothing where a scenario says different things, and both ends are here.
 * @throws UsageError when there are several with another host: it takes data only from where it is spoken with
 */
function bindingOf({ hosts, overrides }: Measured, scenarios: readonly Scenario[]): LocalBinding | undefined {
  const blocks = scenarios.map(each => applyOverrides(each, overrides)).flatMap(blocksOf)
  const bindings = new Map(
    blocks.map(({ bind, interface: device }) => [JSON.stringify([bind, device]), { bind, device }]),
  )
  const [binding, other] = [...bindings.values()]
  if (!hosts) return binding
  if (other)
    throw new UsageError(
      'a run with another host has one --bind and one --interface; measure them in runs of their own',
    )
  const given = binding?.bind === undefined ? binding?.device && 'interface' : 'bind'
  if (given && !endsHere(hosts))
    throw new UsageError(
      `--${given} is for an end on this host, and both are on others; leave it out, and give it to bench serve there`,
    )
  return binding
}

/** @param peer the other end, on another host @throws UsageError when sockets of this host cannot be bound so */
async function checkBindings(
  plans: readonly Plan[],
  engines: Engines,
  peer: Address | undefined,
): Promise<void> {
  const bound = plans.flatMap(({ engine, cases }) =>
    cases.flatMap(({ bind, ipFamily, socket: { device } }) =>
      bind === undefined && device === undefined ? [] : [{ engine, ipFamily, bind, device }],
    ),
  )
  for (const each of new Map(bound.map(each => [JSON.stringify(each), each])).values()) {
    const sockets = await engines.sockets(each.engine)
    await checkBinding(sockets, each.ipFamily, each, peer)
    if (!peer) await checkWithinHost(sockets, each.ipFamily, each)
  }
}

/** A scenario may choose among the addresses of a name; an address is of the version that it is of. */
function askedFamily(other: Target | undefined, { overrides }: Measured, scenarios: readonly Scenario[]) {
  const { ipFamily, bind } = overrides
  if (other === undefined) return ipFamily
  if (bind !== undefined) return familyOf(bind, ipFamily)
  if (ipFamily !== undefined || isIP(other.host) !== 0) return ipFamily
  return scenarios.find(each => each.ipFamily !== undefined)?.ipFamily
}

/** @param reached the IP version by which the other end is reached; undefined where both are on this host */
function planAll(
  scenarios: readonly Scenario[],
  overrides: Overrides,
  engine: string,
  catalog: Catalog,
  reached: 4 | 6 | undefined,
  rounds: UsualRounds,
): Promise<Plan[]> {
  const ipFamily = reached ?? overrides.ipFamily
  return Promise.all(
    scenarios.map(each => {
      const scenario = applyOverrides(each, { ...overrides, ipFamily })
      return planFor(withRounds(scenario, rounds), engine, catalog)
    }),
  )
}

/** Of a name with several addresses the first that a stream can be connected to; datagrams go to the first of all. */
async function targetOf(
  { host, port }: Target,
  scenarios: readonly Scenario[],
  { overrides }: Measured,
  family: 4 | 6 | undefined,
  { transports }: Catalog,
  signal: AbortSignal,
): Promise<Endpoint> {
  const kinds = new Set(
    scenarios
      .map(each => applyOverrides(each, overrides))
      .flatMap(blocksOf)
      .flatMap(block => block.transports ?? DEFAULTS.transports),
  )
  if (kinds.size > 1) {
    throw new UsageError(
      `--target takes one transport, since a port speaks one wire format; choose with --transport (now ${[...kinds].join(', ')})`,
    )
  }
  const [kind = ''] = kinds
  const transport = transports.get(kind)
  if (!transport) throw new UsageError(`unknown transport: ${kind}`)
  const addresses = await resolve(host, family, 'send')
  const at = port ?? transport.port
  const address =
    transport.traits.socket === 'stream' ? await firstListening(addresses, at, signal) : addresses[0]
  return { ...address, port: at }
}
