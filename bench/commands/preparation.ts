/** What a run needs before anything is measured: plans, the other ends, their hosts; whatever is wrong is known by then. */
import { parseThreshold } from '../../results/gate/threshold.ts'
import { applyOverrides } from '../../scenarios/blocks.ts'
import { loadScenario } from '../../scenarios/load.ts'
import { DEFAULTS } from '../../scenarios/schema.ts'
import { transports } from '../../transports/registry.ts'
import type { Endpoint } from '../../transports/sockets/sockets.ts'
import { chooseEngine } from '../agent/engine.ts'
import { checkPins, type Pins } from '../agent/pinning.ts'
import type { AgentProgram } from '../agent/process.ts'
import type { ServerAddress } from '../control/connect.ts'
import type { Direction } from '../direction.ts'
import { UsageError } from '../errors.ts'
import { madeFolder } from '../files.ts'
import { LocalPlace } from '../places.ts'
import type { Plan } from '../plan.ts'
import { planFor } from '../run.ts'
import { directionsOf, serverAddress } from './hosts.ts'
import { TRANSPORT_NAMES } from './options.ts'
import type { RunArguments } from './run-arguments.ts'
import { familyOf, resolveTarget, type Target } from './target.ts'

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
  readonly target: Endpoint | undefined
  readonly directions: readonly Direction[] | undefined
  readonly keepDir: string | undefined
  readonly commit: string | undefined
  readonly pins: Pins | undefined
  readonly program: AgentProgram | undefined
}

/**
 * @param program of the agents on this host; ours when undefined
 * @param rounds where neither a flag nor a scenario says how many
 * @throws UsageError, SetupError
 */
export async function prepare(
  args: Measured,
  program: AgentProgram | undefined,
  signal: AbortSignal,
  rounds: number = DEFAULTS.repeat,
): Promise<Preparation> {
  const { pins, hosts } = args
  checkTarget(args)
  checkHosts(args)
  const { engine, warning } = await chooseEngine(args.engine)
  if (pins) await checkPins(pins)
  const server = hosts && (await serverAddress(hosts.host, hosts, args.overrides.ipFamily))
  const plans = await planAll(args, engine, server, rounds)
  const target = args.target === undefined ? undefined : await targetOf(args.target, plans)
  const keepDir = args.keep === undefined ? undefined : await madeFolder(args.keep, 'keep')
  const here = new LocalPlace(engine, { program })
  const directions =
    hosts && server ? await directionsOf(hosts, server, args.engine, here, plans, signal) : undefined
  return {
    ...{ plans, warning, target, keepDir, commit: args.commit, pins, program },
    directions: directions?.all,
    async [Symbol.asyncDispose]() {
      await directions?.[Symbol.asyncDispose]()
    },
  }
}

/** Only a receiver of ours saves, drains and looks at what arrives. */
function checkTarget({ target, keep, overrides }: Measured): void {
  if (target === undefined) return
  const asked = { keep, drain: overrides.drainMs, verify: overrides.verify }
  const [idle] = Object.entries(asked).flatMap(([name, value]) => (value === undefined ? [] : [name]))
  if (idle)
    throw new UsageError(`--${idle} wants a receiver of ours, and --target has one of others; leave one out`)
}

/** What needs both agents, or a receiver, on this host. */
function checkHosts({ hosts, target, pins, keep }: Measured): void {
  if (!hosts) return
  if (target !== undefined)
    throw new UsageError('--target does not go with other hosts of ours; leave one out')
  if (pins) throw new UsageError('--pin is for two agents of this host; leave it out')
  if (keep !== undefined && hosts.mode !== 'reverse')
    throw new UsageError('--keep saves what arrives on this host; with --host that is --reverse')
}

async function planAll(
  { scenarios, target, overrides }: Measured,
  engine: string,
  server: ServerAddress | undefined,
  rounds: number,
): Promise<Plan[]> {
  const asked = overrides.ipFamily
  const ipFamily = server?.family ?? (target === undefined ? asked : familyOf(target.host, asked))
  const wanted =
    scenarios.length === 0
      ? [{ name: 'custom', variants: [] }]
      : scenarios.map(name => loadScenario(name, TRANSPORT_NAMES, parseThreshold))
  return Promise.all(
    wanted.map(each => {
      const scenario = applyOverrides(each, { ...overrides, ipFamily })
      return planFor({ ...scenario, repeat: scenario.repeat ?? rounds }, engine)
    }),
  )
}

async function targetOf(target: Target, plans: readonly Plan[]) {
  const cases = plans.flatMap(plan => plan.cases)
  const families = new Set(cases.map(each => each.ipFamily))
  const kinds = new Set(cases.map(each => each.transport))
  if (kinds.size > 1) {
    throw new UsageError(
      `--target takes one transport, since a port speaks one wire format; choose with --transport (now ${[...kinds].join(', ')})`,
    )
  }
  const [family = DEFAULTS.ipFamily] = families
  const [kind = ''] = kinds
  const transport = transports.get(kind)
  if (!transport) throw new Error(`no transport ${kind}`)
  return resolveTarget(target, transport.port, family)
}
