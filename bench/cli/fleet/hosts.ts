/** The hosts of a fleet, and how to get at them: those of a file, or those that have joined a NATS server. */
import { UsageError } from '../../../base/errors.ts'
import { counted } from '../../../base/units.ts'
import type { Plan } from '../../../scenarios/plan.ts'
import { isBusUrl, parseBusUrl } from '../../fleet/bus/address.ts'
import type { Bus } from '../../fleet/bus/connection.ts'
import type { Flow } from '../../fleet/flow.ts'
import { LocalHost } from '../../fleet/local/local.ts'
import { type FleetHost, readHosts } from '../../fleet/planning/hosts-file.ts'
import { type BusIdentity, busAddress, checkNoBus } from '../bus-flags.ts'
import type { Context } from '../command.ts'
import { flowsOf, serverAddress } from '../hosts.ts'
import type { RunArguments } from '../run-flags.ts'

/** What is measured between two hosts. */
export interface PairAsked {
  readonly from: FleetHost
  readonly to: FleetHost
  readonly runId: string
  /** Asked for there. */
  readonly engine: string
  readonly plans: readonly Plan[]
}

export interface OpenFlows extends AsyncDisposable {
  readonly flows: readonly Flow[]
}

export interface FleetHosts extends AsyncDisposable {
  readonly hosts: readonly FleetHost[]
  /** Lines about hosts that are left out. */
  readonly notes: readonly string[]
  /** Undefined for those of a file. */
  readonly bus?: Bus
  /** Connects two of them. @throws SetupError, UsageError */
  open(asked: PairAsked): Promise<OpenFlows>
}

/** @param named a file, or the URL of a NATS server @throws UsageError, SetupError */
export async function openHosts(
  named: string,
  identity: BusIdentity,
  { servers, overrides: { ipFamily } }: Pick<RunArguments, 'servers' | 'overrides'>,
  { catalog, signal }: Pick<Context, 'catalog' | 'signal'>,
): Promise<FleetHosts> {
  if (isBusUrl(named)) {
    const address = busAddress(parseBusUrl(named), identity, process.env)
    // What speaks to a NATS server is not loaded where none is used.
    const { openBusHosts } = await import('./bus-hosts.ts')
    return openBusHosts(address, servers, catalog, signal)
  }
  checkNoBus(identity, '--hosts nats://HOST')
  return {
    hosts: readHosts(named),
    notes: [],
    async open({ from, to, engine, plans }) {
      const server = await serverAddress(to.address, servers, ipFamily, signal)
      const ends = { ...servers, flows: [{ from: from.address, to: to.address }] }
      // No end of a fleet is here.
      const here = new LocalHost(engine, { plugins: catalog.plugins })
      return disposable(await flowsOf(ends, server, engine, here, plans, catalog, signal))
    },
    async [Symbol.asyncDispose]() {},
  }
}

/** @throws UsageError if too few have joined */
export function checkCount({ hosts, bus }: FleetHosts): void {
  if (bus && hosts.length < 2)
    throw new UsageError(
      `${bus.name}: ${counted(hosts.length, 'host')} ${hosts.length === 1 ? 'has' : 'have'} joined; start bench serve --join on two at least`,
    )
}

/** Flows that are closed together. */
export function disposable(flows: readonly Flow[], also: readonly AsyncDisposable[] = []): OpenFlows {
  return {
    flows,
    async [Symbol.asyncDispose]() {
      await Promise.all(flows.map(flow => flow[Symbol.asyncDispose]()))
      for (const each of also) await each[Symbol.asyncDispose]()
    },
  }
}
