/** Opens a service of `bench receive`: binds its port, and takes transfers or answers requests until it is over. */
import { join } from 'node:path'
import { isLoopback } from '../../../base/addresses.ts'
import { errorCode, type SetupError } from '../../../base/errors.ts'
import { isOfPort, systemError } from '../../../base/system-errors.ts'
import { carrierOf } from '../../../transports/catalog.ts'
import { formatEndpoint } from '../../../transports/contract/addresses.ts'
import type { Endpoint } from '../../../transports/contract/socket-facts.ts'
import {
  optionKindOf,
  type ServerTls,
  type Sockets,
  UDP_RCVBUF_BYTES,
} from '../../../transports/contract/sockets.ts'
import type { Budget, Carrier } from '../../../transports/contract/transport.ts'
import { checkDevice } from '../../fleet/local-binding.ts'
import { type Address, resolve } from '../../fleet/resolve.ts'
import { EXIT, type ExitCode, type Terminal } from '../terminal.ts'
import { AnsweringSession } from './answering.ts'
import type { PictureView } from './picture-view.ts'
import { ReceiveSession } from './receive-session.ts'
import { nameOf, nameOfKind, type Service } from './services.ts'

/** What all services of a command have in common. */
export interface Listening {
  readonly terminal: Terminal
  readonly sockets: Sockets
  /** Name of the engine of these sockets. */
  readonly engine: string
  readonly signal: AbortSignal
  readonly host: string
  readonly ipFamily: 4 | 6 | undefined
  readonly device: string | undefined
  /** What receivers of groups join, and for which sender only. */
  readonly group: Address
  readonly source: string | undefined
  readonly dir: string | undefined
  readonly view: PictureView | undefined
  /** Ends a service after so many transfers or requests. */
  readonly count: number | undefined
  /** Counts the transfers of all services. */
  readonly nextNumber: () => number
  readonly maxSizeBytes: number
  /** Bounds what transfers hold that are not saved yet. */
  readonly budget: Budget
  readonly rcvbufBytes: number | 'default' | undefined
  readonly tls: ServerTls | undefined
  readonly drainMs: number | undefined
  readonly timeoutMs: number
  readonly minRateBps: number | undefined
  /** There is more than one service. */
  readonly others: boolean
}

/** A service that is bound. Disposing it closes its port. */
export interface Open extends AsyncDisposable {
  /** What is listened for, and where. */
  readonly greeting: string
  /** Resolves once it has had its `count`, or after `signal`. @throws SetupError when a transfer could not be saved */
  over(): Promise<ExitCode>
}

/** @throws SetupError when it cannot be bound */
export function openService(service: Service, common: Listening): Promise<Open> {
  const carrier = carrierOf(service.transport)
  return carrier ? openReceiver(carrier, service, common) : openAnswerer(service, common)
}

async function openReceiver(transport: Carrier, service: Service, common: Listening): Promise<Open> {
  const { terminal, sockets, engine, signal, dir, view, count, nextNumber, others } = common
  const rcvbufBytes = rcvbufOf(service, common)
  const session = new ReceiveSession(terminal, { transport, dir, view, count, nextNumber, others })
  const receiver = await bound(service, common, local =>
    transport.transfer.receive(sockets, {
      ...{ signal, local },
      maxSizeBytes: common.maxSizeBytes,
      socket: { rcvbufBytes, device: common.device, source: common.source },
      // Memory grows with what arrives: an announced length is not trusted.
      ...(dir === undefined && !view ? {} : { holdBytes: 0, budget: common.budget }),
      quietMs: common.drainMs ?? usualQuietMs(transport),
      tls: transport.traits.secured ? common.tls : undefined,
      timeoutMs: common.timeoutMs,
      minRateBps: common.minRateBps,
      ended: report => session.take(report),
      noted: (from, what) => session.note(from, what),
      shortage: session.shortage,
    }),
  )
  session.name = nameOf(service, receiver.endpoint.port)
  session.watch(receiver, engine, rcvbufBytes)
  const { certificate } = receiver.endpoint
  const saving = dir === undefined ? 'nothing is saved without --dir' : `saving to ${join(dir, '')}`
  const shown = certificate === undefined ? '' : `; certificate SHA-256 ${certificate}`
  return {
    greeting: `listening for ${transport.name} at ${place(receiver.endpoint)}; ${saving}${shown}`,
    async over() {
      await session.over(signal)
      return session.exitCode
    },
    [Symbol.asyncDispose]: async () => {
      session.stopWatching()
      await receiver[Symbol.asyncDispose]()
    },
  }
}

function usualQuietMs({ traits }: Carrier): number {
  return traits.fansOut?.quietMs ?? (traits.reliable ? 10_000 : 2000)
}

async function openAnswerer(service: Service, common: Listening): Promise<Open> {
  const { exchange, name } = service.transport
  if (!exchange) throw new Error(`${name} does nothing`)
  const { terminal, sockets, signal, count, others } = common
  const session = new AnsweringSession(terminal, count)
  const { served, noted } = session
  const socket = { rcvbufBytes: rcvbufOf(service, common), device: common.device }
  const answerer = await bound(service, common, local =>
    exchange.serve(sockets, { signal, local, socket, served, noted }),
  )
  if (others) session.name = nameOf(service, answerer.endpoint.port)
  return {
    greeting: `answering ${name} at ${place(answerer.endpoint)}`,
    async over() {
      await session.enough(signal)
      await answerer[Symbol.asyncDispose]()
      session.sumUp()
      return EXIT.measured
    },
    [Symbol.asyncDispose]: () => answerer[Symbol.asyncDispose](),
  }
}

/** @throws SetupError when it cannot be bound */
async function bound<T>(
  service: Service,
  { sockets, host, ipFamily, device, group }: Listening,
  bind: (local: Endpoint) => Promise<T>,
): Promise<T> {
  const { traits } = service.transport
  const address = traits.fansOut ? group : (await resolve(host, ipFamily, 'listen'))[0]
  checkDevice(sockets, address.family, device, optionKindOf(traits))
  try {
    return await bind({ ...address, port: service.port })
  } catch (error) {
    // Without a code it is not the system that objects.
    if (errorCode(error) === undefined) throw error
    if (traits.fansOut && !isOfPort(errorCode(error))) throw joinError(group.host, error)
    throw bindError(service, traits.fansOut ? group.host : host, error)
  }
}

function joinError(group: string, error: unknown): SetupError {
  const another = 'name an interface that has multicast with --interface'
  const remedies = {
    ENODEV: ['there is no route for it (ENODEV)', another],
    ENOBUFS: [
      'this host lets no socket join as many groups (ENOBUFS)',
      'raise net.ipv4.igmp_max_memberships (sysctl)',
    ],
    otherwise: another,
  } as const
  return systemError(`cannot join ${group}`, error, remedies)
}

function bindError({ transport, port, byPort }: Service, host: string, error: unknown): SetupError {
  const what = `cannot bind ${nameOfKind(transport.traits.socket)} port ${port} at ${host}`
  const another = 'give another with --host'
  const remedies = {
    EADDRINUSE: `stop the other program, or choose another port with ${byPort}`,
    EACCES: `choose a port over 1023 with ${byPort}`,
    EADDRNOTAVAIL: another,
    EINVAL: ['this host has no such address', another],
    otherwise: `choose another --host, or another port with ${byPort}`,
  } as const
  return systemError(what, error, remedies)
}

/** For datagrams as large as in `bench run`: with a default buffer, a burst would be lost to this program's slow start. */
function rcvbufOf({ transport }: Service, { rcvbufBytes, sockets }: Listening): number | undefined {
  if (rcvbufBytes === 'default') return undefined
  if (transport.traits.socket === 'stream') return rcvbufBytes
  const usual = process.platform === 'linux' ? UDP_RCVBUF_BYTES : undefined
  return rcvbufBytes ?? sockets.usualRcvbufBytes ?? usual
}

function place(endpoint: Endpoint): string {
  const reach = isLoopback(endpoint.host) ? ' (this host only; --host 0.0.0.0 or :: opens it to others)' : ''
  return formatEndpoint(endpoint) + reach
}
