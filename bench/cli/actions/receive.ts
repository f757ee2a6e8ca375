/** `bench receive`: receives and saves what other programs send. */

import { join } from 'node:path'
import { isLoopback } from '../../../base/addresses.ts'
import { errorCode, SetupError } from '../../../base/errors.ts'
import { describeSystemError } from '../../../base/system-errors.ts'
import type { Catalog } from '../../../transports/catalog.ts'
import { formatEndpoint } from '../../../transports/contract/addresses.ts'
import type { Endpoint } from '../../../transports/contract/socket-facts.ts'
import { type Sockets, UDP_RCVBUF_BYTES } from '../../../transports/contract/sockets.ts'
import type { Receiver, Transport } from '../../../transports/contract/transport.ts'
import { MemoryBudget } from '../../../transports/payload/held-memory.ts'
import { checkDevice } from '../../fleet/local-binding.ts'
import { resolve } from '../../fleet/resolve.ts'
import { madeFolder } from '../../measure/files.ts'
import { namingPlugins } from '../plugin-faults.ts'
import { EXIT, type ExitCode, type Terminal } from '../terminal.ts'
import { ReceiveSession } from './receive-session.ts'

/** Least memory budget for all transfers that are not saved yet. */
const HELD_BYTES = 256 << 20

export interface ReceiveArguments {
  readonly transport: Transport
  readonly host: string
  readonly port: number
  /** The only interface to listen on. */
  readonly device?: string | undefined
  /** Which of the name's addresses; undefined: IPv4 if it has one. */
  readonly ipFamily: 4 | 6 | undefined
  /** Where to save; without it nothing is saved. */
  readonly dir?: string | undefined
  /** Ends after this many transfers. */
  readonly count?: number | undefined
  readonly maxSizeBytes: number
  /** Undefined: as in `bench run`. */
  readonly rcvbufBytes?: number | 'default' | undefined
  readonly engine: string
  /** Longest time of a transfer, in ms. */
  readonly timeoutMs: number
  /** Least average rate of a transfer; undefined: none. */
  readonly minRateBps?: number | undefined
  /** Quiet time that ends an unfinished transfer, in ms. */
  readonly drainMs: number
}

export function receive(
  terminal: Terminal,
  args: ReceiveArguments,
  catalog: Catalog,
  outer: AbortSignal,
): Promise<ExitCode> {
  const used = { transport: args.transport.name, engine: args.engine }
  return namingPlugins(catalog, used, 'receiving', outer, signal =>
    receiveAll(terminal, args, catalog, signal),
  )
}

async function receiveAll(
  terminal: Terminal,
  args: ReceiveArguments,
  { engines }: Catalog,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { engine } = await engines.choose(args.engine)
  if (args.dir !== undefined) await madeFolder(args.dir, 'dir')
  const session = new ReceiveSession(terminal, args)
  const sockets = await engines.sockets(engine)
  await using receiver = await listen(args, sockets, session, signal)
  session.watch(receiver, engine, rcvbufOf(args, sockets))
  terminal.err(`${greeting(args, receiver.endpoint)}\n`)
  await session.over(signal)
  return signal.aborted ? EXIT.interrupted : session.exitCode
}

async function listen(
  args: ReceiveArguments,
  sockets: Sockets,
  session: ReceiveSession,
  signal: AbortSignal,
): Promise<Receiver> {
  const local: Endpoint = { ...(await resolve(args.host, args.ipFamily, 'listen'))[0], port: args.port }
  checkDevice(sockets, local.family, args.device)
  const saving = args.dir !== undefined
  try {
    return await args.transport.receive(sockets, {
      signal,
      local,
      maxSizeBytes: args.maxSizeBytes,
      socket: { rcvbufBytes: rcvbufOf(args, sockets), device: args.device },
      // Memory grows with what arrives: an announced length is not trusted.
      ...(saving ? { holdBytes: 0, budget: new MemoryBudget(Math.max(HELD_BYTES, args.maxSizeBytes)) } : {}),
      quietMs: args.drainMs,
      timeoutMs: args.timeoutMs,
      minRateBps: args.minRateBps,
      ended: report => session.take(report),
      noted: (from, what) => session.note(from, what),
      shortage: session.shortage,
    })
  } catch (error) {
    // Without a code it is not the system that objects.
    throw errorCode(error) === undefined ? error : bindError(args, error)
  }
}

function bindError({ transport, host, port }: ReceiveArguments, error: unknown): SetupError {
  const kind = transport.traits.socket === 'stream' ? 'TCP' : 'UDP'
  const what = `cannot bind ${kind} port ${port} at ${host}`
  const another = 'give another with --host'
  const remedies = {
    EADDRINUSE: 'stop the other program, or choose another port with --port',
    EACCES: 'choose a port over 1023 with --port',
    EADDRNOTAVAIL: another,
    EINVAL: ['this host has no such address', another],
    otherwise: 'choose another --host or --port',
  } as const
  return new SetupError(describeSystemError(what, error, remedies), { cause: error })
}

/** As large as in `bench run`: with a default buffer, a burst would be lost to this program's slow start. */
function rcvbufOf({ rcvbufBytes, transport }: ReceiveArguments, sockets: Sockets): number | undefined {
  if (rcvbufBytes === 'default' || transport.traits.socket === 'stream') return undefined
  const usual = process.platform === 'linux' ? UDP_RCVBUF_BYTES : undefined
  return rcvbufBytes ?? sockets.usualRcvbufBytes ?? usual
}

function greeting({ transport, dir }: ReceiveArguments, endpoint: Endpoint): string {
  const reach = isLoopback(endpoint.host) ? ' (this host only; --host 0.0.0.0 or :: opens it to others)' : ''
  const saving = dir === undefined ? 'nothing is saved without --dir' : `saving to ${join(dir, '')}`
  return `listening for ${transport.name} at ${formatEndpoint(endpoint)}${reach}; ${saving}`
}
