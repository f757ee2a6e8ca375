/** What the program can do: its transports and engines, its workloads, and the sinks of plug-ins. */
import { UsageError } from '../../base/errors.ts'
import { suggestion } from '../../base/nearest.ts'
import type { SinkKind } from '../../results/store/writers.ts'
import type { Case } from '../../scenarios/plan.ts'
import { doingOf, TRANSFER } from '../../scenarios/settings/words.ts'
import { type Catalog, type PluginIdentity, BUILT_IN as PROTOCOLS } from '../../transports/catalog.ts'
import type { Transport } from '../../transports/contract/transport.ts'
import type { Engine } from '../../transports/engines/engines.ts'
import { exchange } from './exchange/exchange.ts'
import { frames } from './frames/frames.ts'
import { responsiveness } from './responsiveness/responsiveness.ts'
import { stream } from './stream/stream.ts'
import { transfer } from './transfer/transfer.ts'
import type { Workload } from './workload.ts'

/** The default export of a plug-in's module. */
export interface Plugin {
  /** As others know it, lower case. */
  readonly name: string
  /** Both ends of a run between hosts need the same one. */
  readonly version: string
  readonly transports?: readonly Transport[] | undefined
  readonly workloads?: readonly Workload[] | undefined
  /** `auto` never chooses one of these. */
  readonly engines?: readonly Engine[] | undefined
  readonly sinks?: readonly SinkKind[] | undefined
}

export interface Extended extends Catalog {
  /** By name. */
  readonly workloads: ReadonlyMap<string, Workload>
  readonly sinks: readonly SinkKind[]
}

export const BUILT_IN: Extended = {
  ...PROTOCOLS,
  workloads: new Map([transfer, stream, frames, exchange, responsiveness].map(each => [each.name, each])),
  sinks: [],
}

/** The same with what a plug-in adds, whose names are new to it. @param module its URL on this host */
export function extended(all: Extended, plugin: Plugin, module: string): Extended {
  const { name, version, transports = [], workloads = [], engines = [], sinks = [] } = plugin
  const identity: PluginIdentity = {
    ...{ name, version, module },
    transports: transports.map(each => each.name),
    workloads: workloads.map(each => each.name),
    engines: engines.map(each => each.name),
    sinks: sinks.map(each => each.extension),
  }
  return {
    transports: new Map([...all.transports, ...transports.map(each => [each.name, each] as const)]),
    workloads: new Map([...all.workloads, ...workloads.map(each => [each.name, each] as const)]),
    engines: all.engines.with(engines),
    sinks: [...all.sinks, ...sinks.map(each => ({ ...each, plugin: `${name} ${version}` }))],
    plugins: [...all.plugins, identity],
  }
}

/** The default export of a plug-in's module. CommonJS that a compiler made of it (`__esModule`) has that one level further down. */
export async function importPlugin(module: string) {
  const { default: exported } = await import(module)
  return exported?.__esModule ? exported.default : exported
}

/** The workload of a case. @throws UsageError if there is none of this name, or if it cannot carry the case */
export function workloadOf(catalog: Extended, each: Case): Workload {
  const { name } = doingOf(each.workload ?? TRANSFER)
  const { workloads } = catalog
  const workload = workloads.get(name)
  if (!workload)
    throw new UsageError(`unknown workload ${JSON.stringify(name)}${suggestion(name, [...workloads.keys()])}`)
  const obstacle = obstacleTo(catalog, each)
  if (obstacle !== undefined) {
    const others = [...catalog.transports.keys()].filter(
      transport => obstacleTo(catalog, { ...each, transport }) === undefined,
    )
    const said = each.durationMs === undefined ? `--workload ${name}` : '--duration'
    throw new UsageError(
      `${said} over ${each.transport}: ${obstacle}${others.length > 0 ? `; --transport ${others.join(',')}` : ''}`,
    )
  }
  return workload
}

/** Why a workload cannot be carried over a transport; undefined if it can, or if there is no such workload or transport. */
export function obstacleTo(
  { workloads, transports }: Extended,
  { workload = TRANSFER, transport }: Pick<Case, 'workload' | 'transport'>,
): string | undefined {
  const { name, wishes } = doingOf(workload)
  const over = transports.get(transport)
  return over && workloads.get(name)?.obstacle(over, wishes)
}
