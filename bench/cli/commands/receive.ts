/** `bench receive`: receives and saves what other programs send. */
import { join } from 'node:path'
import { isLoopback } from '../../../base/addresses.ts'
import { errorCode, SetupError, UsageError } from '../../../base/errors.ts'
import { describeSystemError } from '../../../base/system-errors.ts'
import { integer, orWord } from '../../../scenarios/settings/grammar.ts'
import { BUFFER, RATE, SIZE, TIMEOUT } from '../../../scenarios/settings/units.ts'
import { type Catalog, carrierOf } from '../../../transports/catalog.ts'
import { formatEndpoint } from '../../../transports/contract/addresses.ts'
import type { Endpoint } from '../../../transports/contract/socket-facts.ts'
import { type Sockets, UDP_RCVBUF_BYTES } from '../../../transports/contract/sockets.ts'
import type { Carrier, Receiver } from '../../../transports/contract/transport.ts'
import { MemoryBudget } from '../../../transports/payload/held-memory.ts'
import { checkDevice } from '../../fleet/local-binding.ts'
import { familyOf, resolve } from '../../fleet/resolve.ts'
import { madeFolder } from '../../measure/files.ts'
import type { Command, Context, Given } from '../command.ts'
import { readFlags, text, usually } from '../flags.ts'
import { PLUGIN, TRANSPORT, transportNamed } from '../options.ts'
import { settingFlag } from '../setting-flags.ts'
import { EXIT, type ExitCode } from '../terminal.ts'
import { AnsweringSession } from '../transfers/answering.ts'
import { namingPlugins } from '../transfers/naming-plugins.ts'
import { ReceiveSession } from '../transfers/receive-session.ts'
import { SERVER_FLAGS, serverTls } from '../transfers/tls-flags.ts'

/** Least memory budget for all transfers that are not saved yet. */
const HELD_BYTES = 256 << 20
const MIN_RATE_BPS = 8000

const FLAGS = {
  plugin: PLUGIN,
  transport: TRANSPORT,
  port: text('port; 0 lets the system choose', integer(0, 65_535).parse, "the transport's usual port"),
  host: {
    ...text('address or name to listen on: 0.0.0.0 for all of IPv4, :: for all', String, '127.0.0.1 or ::1'),
    alias: 'bind',
  },
  interface: settingFlag('interface'),
  engine: settingFlag('engine'),
  dir: text(
    'folder to save what arrives in, made if missing; incomplete transfers end with .part; Ctrl-C still saves what has arrived, for 2 s',
    String,
  ),
  count: text('end after this many transfers', integer(1, Number.MAX_SAFE_INTEGER).parse),
  'max-size': usually('reject larger payloads', SIZE.parse, '1G'),
  ...SERVER_FLAGS,
  rcvbuf: text("receive buffer of UDP sockets; default: the system's", orWord(BUFFER, 'default').parse, '4M'),
  drain: text(
    'give up an unfinished transfer after this long without data',
    TIMEOUT.parse,
    '2s; of a reliable transport, 10s',
  ),
  timeout: usually('longest time of a transfer', TIMEOUT.parse, '10m'),
  'min-rate': text(
    'lowest average rate of a transfer after its first 5 s; 0: none',
    orWord(RATE, '0').parse,
    '8k (bit/s)',
  ),
  ip: settingFlag('ip'),
}

/** Those that say nothing of messages. */
const FILE_FLAGS = ['dir', 'max-size', 'drain', 'timeout', 'min-rate'] as const

export const receive: Command = {
  flags: FLAGS,
  examples: [['$0 receive --transport udp-header --dir pictures', '']],
  run(given, context) {
    const args = receiveArguments(given, context.catalog)
    const used = { transport: args.transport.name, engine: args.engine }
    return namingPlugins(context, used, 'receiving', inner => receiveAll(args, inner))
  },
}

type ReceiveArguments = ReturnType<typeof receiveArguments>

function receiveArguments({ flags: written }: Given, catalog: Catalog) {
  const flags = readFlags(FLAGS, written)
  const transport = transportNamed(catalog, flags.transport)
  const ofFiles = FILE_FLAGS.find(name => written[name] !== undefined)
  if (!transport.transfer && ofFiles)
    throw new UsageError(`--${ofFiles} is for files, but ${transport.name} answers messages; leave it out`)
  const { host, dir, count, 'min-rate': minRate = MIN_RATE_BPS } = flags
  const ipFamily = host === undefined ? flags.ip : familyOf(host, flags.ip)
  return {
    ...{ transport, dir, count, ipFamily },
    tls: serverTls(flags, transport),
    host: host ?? (ipFamily === 6 ? '::1' : '127.0.0.1'),
    device: flags.interface,
    port: flags.port ?? transport.port,
    maxSizeBytes: flags['max-size'],
    rcvbufBytes: flags.rcvbuf,
    engine: flags.engine ?? 'auto',
    timeoutMs: flags.timeout,
    minRateBps: minRate === '0' ? undefined : minRate,
    drainMs: flags.drain ?? (transport.traits.reliable ? 10_000 : 2000),
  }
}

async function receiveAll(
  args: ReceiveArguments,
  { terminal, catalog: { engines }, signal }: Context,
): Promise<ExitCode> {
  const { engine } = await engines.choose(args.engine, [args.transport])
  const carrier = carrierOf(args.transport)
  if (!carrier) return answerAll(args, { terminal, engines, engine, signal })
  if (args.dir !== undefined) await madeFolder(args.dir, 'dir')
  const session = new ReceiveSession(terminal, { ...args, transport: carrier })
  const sockets = await engines.sockets(engine)
  await using receiver = await listen({ ...args, transport: carrier }, sockets, session, signal)
  session.watch(receiver, engine, rcvbufOf(args, sockets))
  terminal.err(`${greeting(args, receiver.endpoint)}\n`)
  await session.over(signal)
  return signal.aborted ? EXIT.interrupted : session.exitCode
}

async function answerAll(
  args: ReceiveArguments,
  {
    terminal,
    engines,
    engine,
    signal,
  }: Pick<Context, 'terminal' | 'signal'> & {
    readonly engines: Catalog['engines']
    readonly engine: string
  },
): Promise<ExitCode> {
  const { exchange } = args.transport
  if (!exchange) throw new Error(`${args.transport.name} does nothing`)
  const sockets = await engines.sockets(engine)
  const session = new AnsweringSession(terminal, args.count)
  const { served, noted } = session
  const socket = { rcvbufBytes: rcvbufOf(args, sockets), device: args.device }
  await using answerer = await bound(args, sockets, local =>
    exchange.serve(sockets, { signal, local, socket, served, noted }),
  )
  terminal.err(`answering ${args.transport.name} at ${place(answerer.endpoint)}\n`)
  await session.over(signal)
  return signal.aborted ? EXIT.interrupted : EXIT.measured
}

/** @throws SetupError when it cannot be bound */
async function bound<T>(
  args: ReceiveArguments,
  sockets: Sockets,
  bind: (local: Endpoint) => Promise<T>,
): Promise<T> {
  const local: Endpoint = { ...(await resolve(args.host, args.ipFamily, 'listen'))[0], port: args.port }
  checkDevice(sockets, local.family, args.device)
  try {
    return await bind(local)
  } catch (error) {
    // Without a code it is not the system that objects.
    throw errorCode(error) === undefined ? error : bindError(args, error)
  }
}

function listen(
  args: ReceiveArguments & { readonly transport: Carrier },
  sockets: Sockets,
  session: ReceiveSession,
  signal: AbortSignal,
): Promise<Receiver> {
  const saving = args.dir !== undefined
  return bound(args, sockets, local =>
    args.transport.transfer.receive(sockets, {
      signal,
      local,
      maxSizeBytes: args.maxSizeBytes,
      socket: { rcvbufBytes: rcvbufOf(args, sockets), device: args.device },
      // Memory grows with what arrives: an announced length is not trusted.
      ...(saving ? { holdBytes: 0, budget: new MemoryBudget(Math.max(HELD_BYTES, args.maxSizeBytes)) } : {}),
      quietMs: args.drainMs,
      tls: args.tls,
      timeoutMs: args.timeoutMs,
      minRateBps: args.minRateBps,
      ended: report => session.take(report),
      noted: (from, what) => session.note(from, what),
      shortage: session.shortage,
    }),
  )
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
  const saving = dir === undefined ? 'nothing is saved without --dir' : `saving to ${join(dir, '')}`
  const { certificate } = endpoint
  const shown = certificate === undefined ? '' : `; certificate SHA-256 ${certificate}`
  return `listening for ${transport.name} at ${place(endpoint)}; ${saving}${shown}`
}

function place(endpoint: Endpoint): string {
  const reach = isLoopback(endpoint.host) ? ' (this host only; --host 0.0.0.0 or :: opens it to others)' : ''
  return formatEndpoint(endpoint) + reach
}
