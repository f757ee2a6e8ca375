/** Connects to the other hosts of a run, checks what they can do, and makes flows between them. */

import { errorCodes, SetupError, UsageError } from '../../base/errors.ts'
import { formatCount } from '../../base/units.ts'
import type { Plan } from '../../scenarios/plan.ts'
import type { Target } from '../../scenarios/settings/words.ts'
import { flagOf } from '../../scenarios/socket-settings.ts'
import type { Catalog } from '../../transports/catalog.ts'
import { isLinkLocal } from '../../transports/contract/addresses.ts'
import { optionKindOf } from '../../transports/contract/sockets.ts'
import { chunkCount } from '../../transports/payload/reception.ts'
import { Flow } from '../fleet/flow.ts'
import type { Host } from '../fleet/host.ts'
import { DEFAULT_PORT, type ServerAddress, type Way } from '../fleet/link/connect.ts'
import { addressOf, checkGroupSource, type LocalBinding } from '../fleet/local-binding.ts'
import { directWay } from '../fleet/remote/direct.ts'
import { RemoteHost } from '../fleet/remote/host.ts'
import { firstListening, HostError, resolve } from '../fleet/resolve.ts'
import {
  type EndAsked,
  endsHere,
  HERE,
  type HostArguments,
  otherHost,
  type ServerIdentity,
} from './hosts-flags.ts'
import { readPems, readToken } from './secrets.ts'

/** How many digests of a file's datagrams fit into a control message. */
const MOST_DIGESTS = 1_000_000

/**
 * Finds a server's address; if its name has several, the first that answers.
 * @param family the IP version to use @throws UsageError when it is unknown, or a token or certificate cannot be read
 */
export async function serverAddress(
  target: Target,
  { tokenFile, tls }: ServerIdentity,
  family: 4 | 6 | undefined,
  signal: AbortSignal,
  local: LocalBinding = { bind: undefined, device: undefined },
): Promise<ServerAddress> {
  const { port = DEFAULT_PORT } = target
  const addresses = await resolve(target.host, family, 'send')
  const address = await firstListening(addresses, port, signal)
  const { bind, device } = local
  return {
    name: target.host,
    ...address,
    port,
    from: bind ?? (device === undefined ? undefined : addressOf(device, address)?.host),
    token: readToken(tokenFile, process.env['BENCH_TOKEN']),
    tls: tls && readPems(tls),
  }
}

/**
 * Makes the flows of a run with other hosts, after checking that these can do what the plans ask.
 * @param server of `otherHost` @param engine asked for there @param here this host @throws UsageError, SetupError
 */
export async function flowsOf(
  hosts: HostArguments,
  server: ServerAddress,
  engine: string,
  here: Host,
  plans: readonly Plan[],
  catalog: Catalog,
  signal: AbortSignal,
): Promise<readonly Flow[]> {
  const cases = plans.flatMap(plan => plan.cases)
  checkFiles({ isSentThere: hosts.flows.some(({ from }) => from !== HERE) }, cases)
  if (!endsHere(hosts) && isLinkLocal(server.host))
    throw new UsageError(
      `--to ${server.host}: a link-local address is valid on one host only, and not for the sender; give another address`,
    )
  const connected: RemoteHost[] = []
  const hostOf = async (end: EndAsked): Promise<Host> => {
    if (end === HERE) return here
    const address =
      end === otherHost(hosts)
        ? server
        : { ...(await serverAddress(end, hosts, server.family, signal)), from: server.from, run: server.run }
    const host = await RemoteHost.connect(directWay(address), engine, catalog.plugins, signal).catch(
      error => {
        // In a run both ways, the second session finds the server busy with the first.
        const isSecond = connected.length > 0 && hosts.flows.some(each => each.to === HERE)
        throw isSecond ? busyWithFirst(error, '--bidir needs two sessions') : error
      },
    )
    connected.push(host)
    checkReach(hosts, host)
    await checkHost(host, cases, catalog, signal)
    return host
  }
  try {
    const flows: Flow[] = []
    for (const { from, to } of hosts.flows)
      flows.push(new Flow(await hostOf(from), { host: await hostOf(to) }))
    if (hosts.flows.every(({ from }) => from === HERE)) checkSource(connected, cases)
    return flows
  } catch (error) {
    await Promise.all(connected.map(host => host[Symbol.asyncDispose]()))
    throw error
  }
}

/** A flow between two hosts, of which neither is this one, after checking both. @param engine asked for there @throws UsageError, SetupError */
export async function flowBetween(
  from: Way,
  to: Way,
  engine: string,
  plans: readonly Plan[],
  catalog: Catalog,
  signal: AbortSignal,
): Promise<Flow> {
  const cases = plans.flatMap(plan => plan.cases)
  checkFiles({ isSentThere: true }, cases)
  const connected: RemoteHost[] = []
  try {
    for (const way of [from, to]) {
      const host = await RemoteHost.connect(way, engine, catalog.plugins, signal)
      connected.push(host)
      await checkHost(host, cases, catalog, signal)
    }
    const [sender, receiver] = connected
    if (!sender || !receiver) throw new Error('a flow has two hosts')
    return new Flow(sender, { host: receiver })
  } catch (error) {
    await Promise.all(connected.map(host => host[Symbol.asyncDispose]()))
    throw error
  }
}

/** @throws UsageError when a file cannot be sent, or not be recognized */
export function checkFiles({ isSentThere }: { readonly isSentThere: boolean }, cases: Plan['cases']): void {
  const many = cases.find(
    each => each.file !== undefined && each.frames === undefined && chunkCount(each) > MOST_DIGESTS,
  )
  if (many)
    throw new UsageError(
      `${many.file}: ${formatCount(chunkCount(many))} datagrams are too many to be recognized on another host; choose a larger --chunk`,
    )
  if (isSentThere && cases.some(each => each.file !== undefined))
    throw new UsageError('--file is on this host, but other hosts send generated data; use --size')
}

/** What goes to a group leaves from one address, and each server takes data only from the one that it was reached from. @throws SetupError */
function checkSource([first, ...others]: readonly RemoteHost[], cases: Plan['cases']): void {
  const other = others.find(each => each.path.ourHost !== first?.path.ourHost)
  if (first && other)
    throw new SetupError(
      `${first.name} is reached from ${first.path.ourHost} and ${other.name} from ${other.path.ourHost}, but a group is sent to from one address; give it with --bind`,
    )
  if (first)
    for (const { socket } of cases)
      checkGroupSource(socket.source, [first.path.translated ?? first.path.ourHost])
}

/** A server cannot send to us through a NAT that changes our address. @throws SetupError */
function checkReach({ flows }: HostArguments, { name, path }: RemoteHost): void {
  if (path.translated === undefined || !flows.some(({ to }) => to === HERE)) return
  const flag = flows.length > 1 ? '--bidir' : '--reverse'
  throw new SetupError(
    `${name} sees this host as ${path.translated}, not as ${path.ourHost}: there is a NAT between them, and bench sends nothing to an address behind one; leave ${flag} out, or use a path without NAT, such as a VPN`,
  )
}

/** The error of a second session, which says why there are two. */
export function busyWithFirst(error: unknown, why: string): unknown {
  return error instanceof SetupError && errorCodes(error).includes('BUSY')
    ? new SetupError(`${error.message}; ${why}`, { cause: error })
    : error
}

async function checkHost(
  host: RemoteHost,
  cases: Plan['cases'],
  { transports }: Catalog,
  signal: AbortSignal,
): Promise<void> {
  const asked = new Map(
    cases.map(each => [JSON.stringify([each.transport, each.ipFamily, each.socket]), each]),
  )
  for (const { transport, ipFamily, socket } of asked.values()) {
    const traits = transports.get(transport)?.traits
    const kind = traits && optionKindOf(traits)
    const objection = kind && (await host.objection(kind, ipFamily, socket, signal))
    if (!objection) continue
    // In a fleet, it is a reason to leave out this host alone.
    const [finding = '', ...remedies] = objection.reason.split('; ')
    throw new HostError(
      `${flagOf(objection.option)}: ${finding}`,
      `${remedies.join('; ') || 'leave it out'} (at ${host.name})`,
    )
  }
}
