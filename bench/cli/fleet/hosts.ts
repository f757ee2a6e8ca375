/** The hosts that `--hosts` names: those of a file, or those that have joined a NATS server. */
import { UsageError } from '../../../base/errors.ts'
import { isBusUrl, parseBusUrl } from '../../fleet/bus/address.ts'
import { LocalHost } from '../../fleet/local/local.ts'
import { type FleetHost, readHosts } from '../../fleet/planning/hosts-file.ts'
import { familyOf, HostError } from '../../fleet/resolve.ts'
import { type BusIdentity, busAddress, checkNoBus } from '../bus-flags.ts'
import type { Context } from '../command.ts'
import { flowsOf, serverAddress } from '../hosts.ts'
import type { RunArguments } from '../run-flags.ts'
import { disposable, type FleetHosts } from './fleet-hosts.ts'

/** @param named a file, or the URL of a NATS server @throws UsageError, SetupError */
export async function openHosts(
  named: string,
  identity: BusIdentity,
  { servers, overrides: { ipFamily } }: Pick<RunArguments, 'servers' | 'overrides'>,
  { catalog, signal }: Pick<Context, 'catalog' | 'signal'>,
): Promise<FleetHosts> {
  if (isBusUrl(named)) {
    const idle = servers.tls ? '--tls' : ipFamily && `-${ipFamily}`
    if (idle)
      throw new UsageError(
        `${idle} is for servers of a list; hosts that have joined say where data reach them (--address), and tls:// in --hosts protects what goes to the NATS server`,
      )
    const address = busAddress(parseBusUrl(named), identity, process.env)
    // What speaks to a NATS server is not loaded where none is used.
    const { openBusHosts } = await import('./bus-hosts.ts')
    return openBusHosts(address, servers, catalog, signal)
  }
  checkNoBus(identity, '--hosts nats://HOST')
  return {
    hosts: readHosts(named),
    notes: [],
    async open({ from, to, runId: run, engine, plansFor }) {
      const family = ipFamily ?? commonFamily(from, to)
      const server = { ...(await serverAddress(to.address, servers, family, signal)), run }
      const ends = { ...servers, flows: [{ from: from.address, to: to.address }] }
      // No end of a fleet is here.
      const here = new LocalHost(engine, { plugins: catalog.plugins })
      const plans = await plansFor(server.family)
      return disposable(await flowsOf(ends, server, engine, here, plans, catalog, signal), plans)
    },
    async [Symbol.asyncDispose]() {},
  }
}

/** The IP version of the addresses of both; undefined where both have names. @throws HostError */
function commonFamily(from: FleetHost, to: FleetHost): 4 | 6 | undefined {
  const [own, other] = [from, to].map(({ address }) => familyOf(address.host, undefined))
  if (own !== undefined && other !== undefined && own !== other)
    throw new HostError(
      `${from.name} has an IPv${own} address, and ${to.name} an IPv${other} one`,
      'give them addresses of one IP version',
    )
  return own ?? other
}
