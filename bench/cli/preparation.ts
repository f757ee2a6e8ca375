/** Prepares a run before anything is measured: plans, the other ends, their hosts; whatever is wrong shows here. */
import { isIP } from 'node:net'
import { UsageError } from '../../base/errors.ts'
import { parseThreshold } from '../../results/gate/threshold.ts'
import { applyOverrides, blocksOf, type CommandSettings, commandSettings } from '../../scenarios/blocks.ts'
import { conflictsOf, refuse } from '../../scenarios/conflicts.ts'
import { DEFAULTS, type UsualRounds, withRounds } from '../../scenarios/defaults.ts'
import { SEVERAL_BINDINGS, severalTransports } from '../../scenarios/end-conflicts.ts'
import { conflictsOfFile } from '../../scenarios/file-conflicts.ts'
import { emulatedWay } from '../../scenarios/paths.ts'
import type { Plan } from '../../scenarios/plan.ts'
import type { Scenario } from '../../scenarios/schema.ts'
import { namesIn } from '../../scenarios/settings/known.ts'
import { namesMeant, ROWS } from '../../scenarios/settings/rows.ts'
import type { Target } from '../../scenarios/settings/words.ts'
import { isMulticast } from '../../transports/contract/addresses.ts'
import type { Endpoint } from '../../transports/contract/socket-facts.ts'
import type { Engines } from '../../transports/engines/engines.ts'
import { checkPins } from '../fleet/agent/pinning.ts'
import { checkLoopback } from '../fleet/facts/loopback.ts'
import { flowHere } from '../fleet/flow.ts'
import { LocalHost } from '../fleet/local/local.ts'
import { type AgentProgram, endAhead } from '../fleet/local/spawn.ts'
import {
  checkBinding,
  checkGroupWithinHost,
  checkWithinHost,
  type LocalBinding,
} from '../fleet/local-binding.ts'
import {
  type Address,
  type Addresses,
  commonFamily,
  firstListening,
  groupOf,
  resolve,
} from '../fleet/resolve.ts'
import { abilitiesOf } from '../measure/abilities.ts'
import { namespacesFor } from '../measure/apart.ts'
import type { Work } from '../measure/blocks.ts'
import { madeFolder } from '../measure/files.ts'
import { engineFor, planFor } from '../measure/run.ts'
import type { Extended } from '../workloads/catalog.ts'
import { flowsOf, serverAddress } from './hosts.ts'
import { endsHere, type HostArguments, hostArguments, idleFlag, otherHost } from './hosts-flags.ts'
import { transportNamed } from './options.ts'
import type { RunArguments } from './run-flags.ts'

/** The arguments that say what to measure, where and with what. */
export interface Measured extends Pick<RunArguments, 'overrides' | 'servers' | 'commit' | 'spare'> {
  /** Names, paths, or what a command is about. */
  readonly scenarios: readonly (string | Scenario)[]
}

/** Holds open connections to other hosts, closed on disposal. */
export interface Preparation extends AsyncDisposable {
  /** One for each scenario. */
  readonly works: readonly Work[]
  /** Why a better engine is not used. */
  readonly warning: string | undefined
  readonly hosts: HostArguments | undefined
  /** A flag that needs another host, if there is none. */
  readonly idle: string | undefined
  readonly keepDir: string | undefined
}

/**
 * @param program of the agents on this host; undefined: this one
 * @param rounds if neither a flag nor a scenario says it
 * @throws UsageError, SetupError
 */
export async function prepare(
  args: Measured,
  catalog: Extended,
  program: AgentProgram | undefined,
  signal: AbortSignal,
  rounds?: UsualRounds,
): Promise<Preparation> {
  const { withTransport } = args.overrides
  if (withTransport !== undefined) transportNamed(catalog, withTransport, '--with: ')
  const scenarios = await scenariosOf(args, catalog)
  for (const each of scenarios) refuse(conflictsOf(each, catalog.transports))
  const { engine: asked = 'auto', pins, keep, target: receiver, ...ends } = commonSettings(scenarios)
  const hosts = hostArguments(ends, args.servers)
  const idle = hosts ? undefined : idleFlag(args.servers, ends)
  if (idle && !args.spare) throw idleError(idle)
  const { engine, there, warning } = await engineFor(scenarios, asked, catalog)
  if (pins) await checkPins(pins)
  const other = hosts && otherHost(hosts)
  const family = askedFamily(other ?? receiver, args, scenarios)
  const local = bindingOf(hosts, scenarios)
  const server = hosts && other && (await serverAddress(other, hosts, family, signal, local))
  const target = receiver && (await targetOf(receiver, scenarios, family, catalog, signal))
  await checkLoopback((server ?? target)?.host)
  const reached = (server ?? target)?.family
  const plans = await Promise.all(
    scenarios.map(each => {
      const scenario = { ...each, ipFamily: reached ?? each.ipFamily }
      return planFor(rounds ? withRounds(scenario, rounds) : scenario, engine, catalog, server ?? target)
    }),
  )
  if (hosts && !endsHere(hosts) && plans.some(({ cases }) => cases.some(emulatedWay)))
    throw new UsageError(
      '--impair and --path need an end on this host, where the relay is; measure with --host',
    )
  await checkBindings(plans, catalog.engines, server ?? target)
  const keepDir = keep === undefined ? undefined : await madeFolder(keep, 'keep')
  const { plugins } = catalog
  const here = { plugins, program }
  const flows =
    hosts && server
      ? await flowsOf(hosts, server, there, new LocalHost(engine, here), plans, catalog, signal)
      : [
          flowHere(engine, {
            ...here,
            pins,
            target,
            namespaces: namespacesFor(plans, catalog.engines, warning),
          }),
        ]
  if (!flows.every(flow => flow.withinHost && flow.from.isHere)) endAhead()
  return {
    works: plans.map(plan => ({ plan, flows, commit: args.commit })),
    ...{ warning, hosts, idle, keepDir },
    async [Symbol.asyncDispose]() {
      await Promise.all(flows.map(flow => flow[Symbol.asyncDispose]()))
    },
  }
}

/** For a flag that needs another host, when there is none. */
export function idleError(flag: string): UsageError {
  return new UsageError(`--${flag} is for another host; name it with --host`)
}

/** A line for each reason why a better engine is not used. */
export function engineNotes(preparations: readonly Preparation[]): ReadonlySet<string> {
  return new Set(
    preparations.flatMap(({ warning, works: [work] }) =>
      warning === undefined ? [] : [`${warning}; measuring with the ${work?.plan.engine} engine`],
    ),
  )
}

/** The settings that all scenarios of a command must share. @throws UsageError if they differ */
export function commonSettings([first, ...others]: readonly Scenario[]): CommandSettings {
  if (!first) return {}
  for (const [name, { scope, field }] of ROWS) {
    const own = (each: Scenario) => JSON.stringify(commandSettings(each)[field as keyof CommandSettings])
    const other = others.find(each => scope === 'command' && own(each) !== own(first))
    if (other)
      throw new UsageError(
        `${first.name} and ${other.name} differ in ${name}, but a run can only have one; measure them in separate runs`,
      )
  }
  return commandSettings(first)
}

/** What the command names, with the overrides applied. @throws UsageError with all that is wrong with a file */
export async function scenariosOf(
  { scenarios, overrides: given, spare = false }: Pick<Measured, 'scenarios' | 'overrides' | 'spare'>,
  catalog: Extended,
): Promise<readonly Scenario[]> {
  const names = [...catalog.transports.keys()]
  const transports = given.transports?.flatMap(each => namesMeant(each, 'transport', names, '--transport: '))
  const overrides = { ...given, transports: transports && [...new Set(transports)] }
  const whole = (file: Scenario) => applyOverrides(file, overrides)
  if (scenarios.length === 0) return [whole({ name: 'custom', variants: [] })]
  // Without a scenario there is no YAML to read.
  const { loadScenario } = await import('../../scenarios/load.ts')
  const abilities = await abilitiesOf(catalog)
  const conflicts = (file: Scenario) => conflictsOfFile(file, overrides, abilities, spare)
  const rules = { known: namesIn(catalog), checkThreshold: parseThreshold, conflicts }
  return scenarios.map(each => whole(typeof each === 'string' ? loadScenario(each, rules) : each))
}

/**
 * What the end on this host is bound to in a run with others; undefined if scenarios differ and both ends are here.
 * @throws UsageError for several of them with another host
 */
function bindingOf(
  hosts: HostArguments | undefined,
  scenarios: readonly Scenario[],
): LocalBinding | undefined {
  const ends = scenarios.flatMap(blocksOf).map(({ bind, interface: device }) => ({ bind, device }))
  const bindings = new Map(ends.map(each => [JSON.stringify([each.bind, each.device]), each]))
  const [binding, other] = [...bindings.values()]
  if (!hosts) return binding
  if (other) refuse([SEVERAL_BINDINGS])
  return binding
}

/** @param peer the other end, on another host @throws UsageError when sockets of this host cannot be bound as asked */
async function checkBindings(
  plans: readonly Plan[],
  engines: Engines,
  peer: Address | undefined,
): Promise<void> {
  const bound = plans.flatMap(({ engine, cases }) =>
    cases.flatMap(({ bind, ipFamily, socket, group }) => {
      // No socket is bound to the interface of a group.
      const device = group === undefined ? socket.device : undefined
      return bind === undefined && device === undefined ? [] : [{ engine, ipFamily, bind, device }]
    }),
  )
  for (const each of distinct(bound)) {
    const sockets = await engines.sockets(each.engine)
    await checkBinding(sockets, each.ipFamily, each, peer && !isMulticast(peer.host) ? peer : undefined)
    if (!peer) await checkWithinHost(sockets, each.ipFamily, each)
  }
  if (peer) return
  const groups = plans.flatMap(({ engine, cases }) =>
    cases.flatMap(({ group, ipFamily, bind, socket: { device, source } }) =>
      group === undefined ? [] : [{ engine, group, ipFamily, bind, device, source }],
    ),
  )
  for (const each of distinct(groups)) await checkGroupWithinHost(await engines.sockets(each.engine), each)
}

function distinct<T>(items: readonly T[]): Iterable<T> {
  return new Map(items.map(each => [JSON.stringify(each), each])).values()
}

/** A scenario may choose among the addresses of a name; an address has its own IP version. */
function askedFamily(other: Target | undefined, { overrides }: Measured, scenarios: readonly Scenario[]) {
  const { ipFamily, bind } = overrides
  if (other === undefined) return ipFamily
  if (bind !== undefined) return commonFamily(other.host, bind, ipFamily)
  if (ipFamily !== undefined || isIP(other.host) !== 0) return ipFamily
  return scenarios.find(each => each.ipFamily !== undefined)?.ipFamily
}

/** Finds the first of a name's addresses that accepts a connection; datagrams go to the very first. */
async function targetOf(
  { host, port }: Target,
  scenarios: readonly Scenario[],
  family: 4 | 6 | undefined,
  { transports }: Extended,
  signal: AbortSignal,
): Promise<Endpoint> {
  const kinds = new Set(scenarios.flatMap(blocksOf).flatMap(block => block.transports ?? DEFAULTS.transports))
  if (kinds.size > 1) refuse([severalTransports(kinds)])
  const [kind = ''] = kinds
  const transport = transports.get(kind)
  if (!transport) throw new UsageError(`unknown transport: ${kind}`)
  const addresses: Addresses = transport.traits.fansOut
    ? [groupOf(host, family, scenarios.flatMap(blocksOf)[0]?.interface)]
    : await resolve(host, family, 'send')
  const at = port ?? transport.port
  const address =
    transport.traits.socket === 'stream' ? await firstListening(addresses, at, signal) : addresses[0]
  return { ...address, port: at }
}
