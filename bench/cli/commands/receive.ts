/** `bench receive`: receives and saves what other programs send, and answers their requests; several services at once. */
import { UsageError } from '../../../base/errors.ts'
import { counted } from '../../../base/units.ts'
import { integer, orWord } from '../../../scenarios/settings/grammar.ts'
import { BUFFER, RATE, SIZE, TIMEOUT } from '../../../scenarios/settings/units.ts'
import { USUAL_GROUPS } from '../../../scenarios/settings/words.ts'
import type { Catalog } from '../../../transports/catalog.ts'
import { loopback } from '../../../transports/contract/addresses.ts'
import type { Transport } from '../../../transports/contract/transport.ts'
import { MemoryBudget } from '../../../transports/payload/held-memory.ts'
import { noteOnLoopback } from '../../fleet/facts/loopback.ts'
import { familyOf, groupOf, resolve } from '../../fleet/resolve.ts'
import { madeFolder } from '../../measure/files.ts'
import type { Command, Context, Given } from '../command.ts'
import { readFlags, text, usually } from '../flags.ts'
import { PLUGIN, TRANSPORT_NAME } from '../options.ts'
import { settingFlag } from '../setting-flags.ts'
import { EXIT, type ExitCode } from '../terminal.ts'
import { type Listening, type Open, openService } from '../transfers/listening.ts'
import { namingPlugins } from '../transfers/naming-plugins.ts'
import type { PictureView } from '../transfers/picture-view.ts'
import { PORT, servicesOf } from '../transfers/services.ts'
import { SERVER_FLAGS, serverTls } from '../transfers/tls-flags.ts'

/** Least memory budget for all transfers that are not saved yet. */
const HELD_BYTES = 256 << 20
const MIN_RATE_BPS = 8000

const FLAGS = {
  plugin: PLUGIN,
  transport: TRANSPORT_NAME,
  port: text('port; 0 lets the system choose', PORT.parse, "the transport's usual port"),
  host: {
    ...text('address or name to listen on: 0.0.0.0 for all of IPv4, :: for all', String, '127.0.0.1 or ::1'),
    alias: 'bind',
  },
  interface: settingFlag('interface'),
  group: settingFlag('group'),
  source: settingFlag('source'),
  engine: settingFlag('engine'),
  dir: text(
    'folder to save what arrives in, made if missing; incomplete transfers end with .part; Ctrl-C still saves what has arrived, for 2 s',
    String,
  ),
  view: text(
    'show the pictures that came last on a page for browsers on this host, at this port; 0: a free one',
    PORT.parse,
  ),
  count: text(
    'end each service after this many transfers or answered requests',
    integer(1, Number.MAX_SAFE_INTEGER).parse,
  ),
  'max-size': usually('reject larger payloads', SIZE.parse, '1G'),
  ...SERVER_FLAGS,
  rcvbuf: text(
    "receive buffer of the sockets; default: the system's",
    orWord(BUFFER, 'default').parse,
    '4M for UDP',
  ),
  drain: text(
    'give up an unfinished transfer after this long without data',
    TIMEOUT.parse,
    '2s; of a reliable transport, 10s; of one that sends to a group, 80ms',
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
const GROUP_FLAGS = ['group', 'source'] as const
const FILE_FLAGS = ['dir', 'view', 'max-size', 'drain', 'timeout', 'min-rate'] as const

export const receive: Command = {
  flags: FLAGS,
  examples: [
    ['$0 receive --transport udp-header --dir pictures', 'save what comes to its usual port'],
    ['$0 receive --transport udp-header --view 8000', 'show the last pictures at http://127.0.0.1:8000/'],
    ['$0 receive udp-header:9999 messages-udp:6666 tcp', 'several services at once'],
  ],
  run(given, context) {
    const args = receiveArguments(given, context.catalog)
    const used = { transports: args.services.map(each => each.transport.name), engine: args.engine }
    return namingPlugins(context, used, 'receiving', inner => receiveAll(args, inner))
  },
}

function receiveArguments({ operands, flags: written }: Given, catalog: Catalog) {
  const flags = readFlags(FLAGS, written)
  const services = servicesOf(operands, flags, catalog)
  const transports = services.map(each => each.transport)
  const ofFiles = FILE_FLAGS.find(name => written[name] !== undefined)
  if (ofFiles && !transports.some(each => each.transfer))
    throw new UsageError(
      `--${ofFiles} is for files, but ${listed(transports)} ${transports.length > 1 ? 'answer' : 'answers'} messages; leave it out`,
    )
  const ofGroups = GROUP_FLAGS.find(name => written[name] !== undefined)
  if (ofGroups && !transports.some(each => each.traits.fansOut))
    throw new UsageError(
      `--${ofGroups} is for transports that send to a group, and ${listed(transports)} ${transports.length > 1 ? 'do' : 'does'} not; leave it out`,
    )
  const { host, dir, view: viewPort, count, group, source, 'min-rate': minRate = MIN_RATE_BPS } = flags
  if (host !== undefined && transports.every(each => each.traits.fansOut))
    throw new UsageError(
      `${listed(transports)} listens at a group, and not at ${host}; give --group, and --interface to choose where to join it`,
    )
  const ipFamily = host === undefined ? flags.ip : familyOf(host, flags.ip)
  const joined = groupOf(group ?? USUAL_GROUPS[flags.ip ?? 4], flags.ip, flags.interface)
  if (source !== undefined) familyOf(source, joined.family)
  return {
    ...{ services, dir, viewPort, count, ipFamily, source, group: joined },
    tls: serverTls(flags, transports),
    host: host ?? loopback(ipFamily ?? 4).host,
    device: flags.interface,
    maxSizeBytes: flags['max-size'],
    rcvbufBytes: flags.rcvbuf,
    engine: flags.engine ?? 'auto',
    timeoutMs: flags.timeout,
    minRateBps: minRate === '0' ? undefined : minRate,
    drainMs: flags.drain,
  }
}

function listed(transports: readonly Transport[]): string {
  return transports.map(each => each.name).join(', ')
}

/** Opens all services, or none; each ends by itself, and all on `signal` or when one cannot save. */
async function receiveAll(
  { services, engine: asked, viewPort, ...args }: ReturnType<typeof receiveArguments>,
  { terminal, catalog: { engines }, signal }: Context,
): Promise<ExitCode> {
  const { engine } = await engines.choose(
    asked,
    services.map(each => each.transport),
  )
  if (args.dir !== undefined) await madeFolder(args.dir, 'dir')
  await using view = viewPort === undefined ? undefined : await openView(viewPort)
  const broken = new AbortController()
  let transfers = 0
  const common: Listening = {
    ...args,
    ...{ terminal, engine, view },
    sockets: await engines.sockets(engine),
    signal: AbortSignal.any([signal, broken.signal]),
    nextNumber: () => ++transfers,
    budget: new MemoryBudget(Math.max(HELD_BYTES, args.maxSizeBytes)),
    others: services.length > 1,
  }
  const opened: Open[] = []
  try {
    for (const each of services) opened.push(await openService(each, common))
    for (const { greeting } of opened) terminal.err(`${greeting}\n`)
    if (view) terminal.err(`pictures are shown at ${view.url}\n`)
    const [{ host }] = await resolve(args.host, args.ipFamily, 'listen')
    terminal.err((await noteOnLoopback(host)) ?? '')
    const code = await endOf(opened, () => broken.abort())
    if (signal.aborted && args.dir !== undefined && transfers > 0)
      terminal.err(`interrupted after ${counted(transfers, 'transfer')}; what was saved is in ${args.dir}\n`)
    return signal.aborted ? EXIT.interrupted : code
  } finally {
    await Promise.all(opened.map(each => each[Symbol.asyncDispose]()))
  }
}

/** Loads the server of a page, which nobody else waits for. */
async function openView(port: number): Promise<PictureView> {
  const { PictureView } = await import('../transfers/picture-view.ts')
  return PictureView.open(port)
}

/** Waits for all. @param broken called when one ends with an error @throws the first error, after the others have ended */
async function endOf(services: readonly Open[], broken: () => void): Promise<ExitCode> {
  const ends = services.map(async each => {
    try {
      return await each.over()
    } catch (error) {
      broken()
      throw error
    }
  })
  await Promise.allSettled(ends)
  const codes = await Promise.all(ends)
  return codes.find(code => code !== EXIT.measured) ?? EXIT.measured
}
