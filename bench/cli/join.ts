/** `bench serve --join`: where data reach this host, and what may go over a NATS server without a token. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'
import { hostname } from 'node:os'
import { isLoopback } from '../../base/addresses.ts'
import { SetupError, UsageError } from '../../base/errors.ts'
import { harmless } from '../../base/foreign-text.ts'
import { systemError } from '../../base/system-errors.ts'
import type { Target } from '../../scenarios/settings/words.ts'
import { formatEndpoint, isWildcard } from '../../transports/contract/addresses.ts'
import type { Endpoint } from '../../transports/contract/socket-facts.ts'
import type { Engines } from '../../transports/engines/engines.ts'
import { type BusAddress, busName } from '../fleet/bus/address.ts'
import { connectBus } from '../fleet/bus/connection.ts'
import { HOST_NAME, inboxOfHost, nameOnBus } from '../fleet/bus/subjects.ts'
import { joinBus } from '../fleet/daemon/join.ts'
import type { Log } from '../fleet/daemon/log.ts'
import type { BenchServer } from '../fleet/daemon/server.ts'
import { resolve } from '../fleet/resolve.ts'

export interface JoinArguments {
  readonly bus: BusAddress
  /** The host name without one. */
  readonly name: string | undefined
  readonly labels: Readonly<Record<string, string>>
  /** Where data reach this host, and other servers this one. */
  readonly address: Target | undefined
}

/** Disposed after the server, whose last words go over the NATS server. */
interface JoinedServer extends AsyncDisposable {
  /** Lines to show. */
  readonly notes: string
  /** Nobody finds the server there any more; its sessions go on. */
  leave(): Promise<void>
}

interface About {
  /** Where its data are. */
  readonly bind: string | undefined
  readonly tls: boolean
  readonly engines: Engines
  readonly log: Log
  /** Ends the attempt to join. */
  readonly signal: AbortSignal
}

/**
 * Checks what can be checked before anything listens, and returns what announces a server and has it take clients over the NATS server;
 * that calls `lost` with why, once the name belongs to another one.
 * @throws UsageError; SetupError later
 */
export function joining(args: JoinArguments, token: string | undefined) {
  const name = ownName(args.name)
  checkAccess(args.bus, token)
  return (server: BenchServer, about: About, lost: (why: SetupError) => void) =>
    join({ ...args, name }, server, about, lost)
}

async function join(
  { bus: address, labels, name, ...args }: JoinArguments & { readonly name: string },
  server: BenchServer,
  { bind, tls, engines, log, signal }: About,
  lost: (why: SetupError) => void,
): Promise<JoinedServer> {
  const place = await ownPlace(args.address, server.endpoint, bind, address)
  const bus = await connectBus({ ...address, inbox: inboxOfHost(name) })
  try {
    const own = {
      name,
      labels,
      tls,
      engines: [...(await engines.working())],
      address: place.host,
      port: place.port,
    }
    const joined = await joinBus(bus, own, server, log, {
      lost: () =>
        lost(new SetupError(`--name ${name}: another bench serve has taken that name; choose another`)),
      signal,
    })
    const at = formatEndpoint(place)
    const note =
      isLoopback(place.host) && !(await isNear(address))
        ? `note: other hosts cannot reach ${at}; give the address where data reach this host with --address, and --listen there\n`
        : ''
    return {
      notes: `joined ${bus.name} as ${name}; data go to ${at}, and control goes by ${bus.name}\n${note}`,
      leave: () => joined.leave(),
      async [Symbol.asyncDispose]() {
        await joined.left()
        await bus[Symbol.asyncDispose]()
      },
    }
  } catch (error) {
    await bus[Symbol.asyncDispose]()
    throw error
  }
}

/**
 * Also for a NATS server of this host: by default it listens at all addresses.
 * @throws UsageError if whoever may use the NATS server could have this host measured
 */
function checkAccess(bus: BusAddress, token: string | undefined): void {
  if (token !== undefined || (bus.tls && bus.proof)) return
  throw new UsageError(
    `--join ${busName(bus)}: whoever may use that NATS server could have this host measured; give a token (BENCH_TOKEN or --token-file), or tls:// and --nkey or --creds`,
  )
}

async function isNear({ host }: BusAddress): Promise<boolean> {
  const [address] = await resolve(host, undefined, 'send')
  return isLoopback(address.host)
}

function ownName(asked: string | undefined): string {
  const name = nameOnBus(asked ?? hostname().split('.', 1)[0] ?? '')
  if (HOST_NAME.test(name)) return name
  throw new UsageError(
    `--name ${harmless(asked ?? name)}: not a name for a host; give up to 63 letters, digits, dashes and underscores`,
  )
}

/** What is asked for, what the server listens at, where its data are, or the address that packets to the NATS server leave from. */
async function ownPlace(
  asked: Target | undefined,
  listening: Endpoint,
  bind: string | undefined,
  bus: BusAddress,
): Promise<Endpoint> {
  if (asked) {
    const [address] = await resolve(asked.host, undefined, 'bind')
    return { ...address, port: asked.port ?? listening.port }
  }
  if (!isWildcard(listening.host)) return listening
  if (bind !== undefined) return { ...listening, host: bind, family: isIPv6(bind) ? 6 : 4 }
  const [{ host, family }] = await resolve(bus.host, undefined, 'send')
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4')
  try {
    // Sends nothing: the system only chooses a route, and with it an address.
    socket.connect(bus.port, host)
    await once(socket, 'connect')
    return { host: socket.address().address, port: listening.port, family }
  } catch (error) {
    const remedies = { otherwise: 'give the address where data reach this host with --address' }
    throw systemError(`--join ${busName(bus)}: no address of this host leads there`, error, remedies)
  } finally {
    socket.close()
  }
}
