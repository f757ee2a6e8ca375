/** Other hosts of a run: connected, asked what they can, and made directions of. */

import { SetupError, UsageError, unreachable } from '../../base/errors.ts'
import { formatCount } from '../../base/units.ts'
import type { Plan } from '../../scenarios/plan.ts'
import { FLAGS } from '../../scenarios/socket-settings.ts'
import type { Catalog } from '../../transports/catalog.ts'
import { isLinkLocal } from '../../transports/contract/addresses.ts'
import { chunkCount } from '../../transports/payload/reception.ts'
import { Direction } from '../fleet/direction.ts'
import type { ServerAddress } from '../fleet/link/connect.ts'
import { addressOf, type LocalBinding } from '../fleet/local-binding.ts'
import { type Place, RemotePlace } from '../fleet/places.ts'
import { firstListening, resolve } from '../fleet/resolve.ts'
import type { HostArguments, ServerIdentity } from './hosts-flags.ts'
import { DEFAULT_PORT } from './hosts-flags.ts'
import { readPem, readToken } from './secrets.ts'
import type { Target } from './target.ts'

/** So many digests of a file's datagrams fit a control message. */
const MOST_DIGESTS = 1_000_000

/**
 * A server; of a name with several addresses the first that answers.
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
    from: bind ?? (device === undefined ? undefined : addressOf(device, address.family)?.host),
    token: readToken(tokenFile, process.env['BENCH_TOKEN']),
    tls: tls && {
      ca: tls.ca === undefined ? undefined : readPem('tls-ca', tls.ca),
      cert: tls.cert === undefined ? undefined : readPem('tls-cert', tls.cert),
      key: tls.key === undefined ? undefined : readPem('tls-key', tls.key),
    },
  }
}

/** The ends of a run. Whatever is still connected is closed when it is disposed of, run or not. */
export class Directions implements AsyncDisposable {
  readonly all: readonly Direction[]

  constructor(all: readonly Direction[]) {
    this.all = all
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.all.map(direction => direction[Symbol.asyncDispose]()))
  }
}

/**
 * The ends of a run with other hosts, one direction or both, once those have said that they can do what the plans ask.
 * @param server of `hosts.host` @param engine asked for there @param here the ends on this host @throws UsageError, SetupError
 */
export async function directionsOf(
  hosts: HostArguments,
  server: ServerAddress,
  engine: string,
  here: Place,
  plans: readonly Plan[],
  catalog: Catalog,
  signal: AbortSignal,
): Promise<Directions> {
  const cases = plans.flatMap(plan => plan.cases)
  const many = cases.find(each => each.file !== undefined && chunkCount(each) > MOST_DIGESTS)
  if (many)
    throw new UsageError(
      `${many.file}: ${formatCount(chunkCount(many))} datagrams are too many to be known again on another host; choose a larger --chunk`,
    )
  if (hosts.mode !== 'forward' && cases.some(each => each.file !== undefined))
    throw new UsageError('--file is on this host, and what other hosts send is generated; use --size')
  const places: RemotePlace[] = []
  const connected = async (address: ServerAddress) => {
    const place = await RemotePlace.connect(address, engine, signal)
    places.push(place)
    await checkPlace(place, cases, catalog, signal)
    return place
  }
  try {
    return new Directions(await directed(hosts, server, here, connected, signal))
  } catch (error) {
    await Promise.all(places.map(place => place[Symbol.asyncDispose]()))
    throw error
  }
}

async function directed(
  hosts: HostArguments,
  server: ServerAddress,
  here: Place,
  connected: (address: ServerAddress) => Promise<RemotePlace>,
  signal: AbortSignal,
): Promise<readonly Direction[]> {
  switch (hosts.mode) {
    case 'forward':
      return [new Direction('forward', here, await connected(server))]
    case 'reverse':
      return [new Direction('reverse', reaching(await connected(server), '--reverse'), here)]
    case 'bidir':
      return [
        new Direction('bidir-forward', here, reaching(await connected(server), '--bidir')),
        new Direction('bidir-reverse', await connected(server).catch(secondOfTwo), here),
      ]
    case 'third-party': {
      if (!hosts.from) throw new Error('a run between two other hosts has a sender')
      if (isLinkLocal(server.host))
        throw new UsageError(
          `--to ${server.host}: a link-local address means something on one host only, and not to the sender; give another address`,
        )
      const sender = await serverAddress(hosts.from, hosts, server.family, signal)
      return [new Direction('third-party', await connected(sender), await connected(server))]
    }
    default:
      return unreachable(hosts.mode)
  }
}

/** A server that can send to us: through a NAT that makes another address of ours no way leads back. */
function reaching(place: RemotePlace, flag: string): RemotePlace {
  if (!place.translated) return place
  const { seenAs, ourHost } = place.translated
  throw new SetupError(
    `${place.server.name} sees this host as ${seenAs}, not as ${ourHost}: a NAT is between, and data that it sends cannot come in through it; leave ${flag} out, or reach it by a way without NAT, such as a VPN`,
  )
}

/** The first session of a run both ways is what the second one finds under way. */
function secondOfTwo(error: unknown): never {
  if (error instanceof SetupError && error.message.includes('busy:'))
    throw new SetupError(`${error.message}; --bidir takes two sessions`, { cause: error })
  throw error
}

async function checkPlace(
  place: RemotePlace,
  cases: Plan['cases'],
  { transports }: Catalog,
  signal: AbortSignal,
): Promise<void> {
  const asked = new Map(
    cases.map(each => [JSON.stringify([each.transport, each.ipFamily, each.socket]), each]),
  )
  for (const { transport, ipFamily, socket } of asked.values()) {
    const kind = transports.get(transport)?.traits.socket
    const objection = kind && (await place.objection(kind, ipFamily, socket, signal))
    if (objection)
      throw new UsageError(`${FLAGS[objection.option]}: ${objection.reason} (at ${place.server.name})`)
  }
}
