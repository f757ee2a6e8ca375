/** `bench send FILE… HOST:PORT`: sends files to another program, one after the other. */
import { SetupError, UsageError } from '../../../base/errors.ts'
import { formatBytes, formatCount, formatMs, formatRate } from '../../../base/units.ts'
import { renderWarnings } from '../../../results/warnings/warnings.ts'
import { DEFAULTS } from '../../../scenarios/defaults.ts'
import { integer } from '../../../scenarios/settings/grammar.ts'
import { SETTINGS } from '../../../scenarios/settings/settings.ts'
import { BUFFER, FPS, SIZE, TIMEOUT } from '../../../scenarios/settings/units.ts'
import { TARGET } from '../../../scenarios/settings/words.ts'
import type { Catalog } from '../../../transports/catalog.ts'
import { interfaceOf } from '../../../transports/contract/addresses.ts'
import type { SendReport } from '../../../transports/contract/reports.ts'
import { optionKindOf } from '../../../transports/contract/sockets.ts'
import type { Carrier } from '../../../transports/contract/transport.ts'
import { readFilePayload } from '../../../transports/payload/generated.ts'
import { sendDrops } from '../../fleet/agent/kernel.ts'
import { checkLoopback } from '../../fleet/facts/loopback.ts'
import { checkBinding, checkDevice } from '../../fleet/local-binding.ts'
import { type Addresses, commonFamily, groupOf, resolve } from '../../fleet/resolve.ts'
import { checkedFile, checkTogether, filesIn } from '../../measure/files.ts'
import { shoot } from '../../workloads/frames/camera.ts'
import type { Command, Context, Given } from '../command.ts'
import { atOnce, pacedTime } from '../echo.ts'
import { expandFileNames } from '../file-names.ts'
import { readFlags, text, usually, yes } from '../flags.ts'
import { carrierNamed, PLUGIN, TRANSPORT } from '../options.ts'
import { settingFlag } from '../setting-flags.ts'
import { EXIT, type ExitCode } from '../terminal.ts'
import { adviceWords, sendAdvice } from '../transfers/advice.ts'
import { LineToHost } from '../transfers/line-to-host.ts'
import { namingPlugins } from '../transfers/naming-plugins.ts'
import { PicturesSent } from '../transfers/pictures.ts'
import { CLIENT_FLAGS, clientTls } from '../transfers/tls-flags.ts'

const FLAGS = {
  plugin: PLUGIN,
  transport: TRANSPORT,
  loop: yes('after the last file, begin with the first again, until Ctrl-C'),
  fps: text(
    'files a second, which wait for no answer; of those that are due while one is being sent only the newest is sent',
    FPS.parse,
    'each follows the answer to the one before',
  ),
  frames: text('with --loop: end after this many files', integer(1, Number.MAX_SAFE_INTEGER).parse),
  chunk: usually('datagram size (for TCP: size of each write)', SIZE.parse, SETTINGS.chunk.value.initial),
  engine: settingFlag('engine'),
  rate: settingFlag('rate'),
  sndbuf: text('send buffer of the socket', BUFFER.parse, "the system's"),
  timeout: usually('longest wait for an answer', TIMEOUT.parse, '10s'),
  nodelay: settingFlag('nodelay'),
  bind: settingFlag('bind'),
  interface: settingFlag('interface'),
  ttl: settingFlag('ttl'),
  loopback: settingFlag('loopback'),
  ...CLIENT_FLAGS,
  ip: settingFlag('ip'),
}

export const send: Command = {
  flags: FLAGS,
  examples: [
    ['$0 send photo.png 127.0.0.1:9999 --transport udp-header', ''],
    ['$0 send pictures/ 127.0.0.1 --transport udp-header --loop --fps 25', 'a camera'],
  ],
  before: 'everything was sent',
  run(given, context) {
    const args = sendArguments(given, context.catalog)
    const used = { transports: [args.transport.name], engine: args.engine }
    return namingPlugins(context, used, 'sending', inner => sendFiles(args, inner))
  },
}

function sendArguments({ operands, flags }: Given, catalog: Catalog) {
  const paths = operands.slice(0, -1)
  const target = TARGET.parse(operands.at(-1) ?? '')
  const { transport, chunk, timeout, nodelay, engine, ip, loop, fps, frames, ...given } = readFlags(
    FLAGS,
    flags,
  )
  if (frames !== undefined && !loop) throw new UsageError('--frames ends a loop; add --loop, or leave it out')
  const { bind } = given
  const carrier = carrierNamed(catalog, transport)
  const isStream = carrier.traits.socket === 'stream'
  const idle =
    isStream && given.rate !== undefined ? 'rate' : !isStream && nodelay === false ? 'no-nodelay' : undefined
  if (idle)
    throw new UsageError(
      `--${idle} is for ${isStream ? 'UDP' : 'TCP'}, and ${carrier.name} does not use it; leave it out`,
    )
  const { fansOut } = carrier.traits
  const ofGroups = flags['ttl'] !== undefined ? 'ttl' : given.loopback === false ? 'no-loopback' : undefined
  if (ofGroups && !fansOut)
    throw new UsageError(
      `--${ofGroups} is for transports that send to a group, and ${carrier.name} does not; leave it out`,
    )
  return {
    ...{ paths, target, bind, loop, fps, frames },
    tls: clientTls(given, carrier, target.host),
    nodelay: nodelay ?? DEFAULTS.nodelay,
    transport: carrier,
    chunkBytes: chunk,
    engine: engine ?? 'auto',
    rateBps: given.rate,
    sndbufBytes: given.sndbuf,
    timeoutMs: timeout,
    // What goes to a group leaves by the interface of that address.
    device: given.interface ?? (fansOut && bind !== undefined ? interfaceOf(bind) : undefined),
    group: { ttl: given.ttl, loop: given.loopback === false ? false : undefined },
    ipFamily: commonFamily(target.host, bind, ip),
  }
}

async function sendFiles(
  { paths, target, transport, chunkBytes, rateBps, bind, ...args }: ReturnType<typeof sendArguments>,
  { terminal, catalog, signal }: Context,
): Promise<ExitCode> {
  const { device, loop, fps } = args
  const files = await filesIn(expandFileNames(paths))
  if (fps !== undefined && !loop && files.length === 1)
    throw new UsageError('--fps is for several files; add --loop, or leave it out')
  const sizes: number[] = []
  for (const file of files) sizes.push(await checkedFile(file))
  checkTogether(sizes)
  const { fansOut } = transport.traits
  const addresses: Addresses = fansOut
    ? [groupOf(target.host, args.ipFamily, device)]
    : await resolve(target.host, args.ipFamily, 'send')
  const port = target.port ?? transport.port
  const pictures = await Promise.all(
    files.map(async file => ({ file, payload: await readFilePayload(file, chunkBytes) })),
  )
  const pictureAt = (frame: number) => {
    const found = pictures[frame % pictures.length]
    if (!found) throw new Error('there are no files')
    return found
  }
  const { engine } = await catalog.engines.choose(args.engine, [transport])
  const largest = Math.max(...pictures.map(each => each.payload.sizeBytes))
  const most = { transport: transport.name, sizeBytes: largest, chunkBytes, rateBps }
  const long = pacedTime(most, catalog)
  if (long) terminal.err(`note: ${formatBytes(most.sizeBytes)} paced at ${formatRate(rateBps ?? 0)}${long}\n`)
  const sockets = await catalog.engines.sockets(engine)
  const nodelay = transport.traits.socket === 'stream' ? { nodelay: args.nodelay } : {}
  const socket = { device, sndbufBytes: args.sndbufBytes, ...nodelay, ...(fansOut ? args.group : {}) }
  const [{ family }] = addresses
  if (fansOut) checkDevice(sockets, family, device, optionKindOf(transport.traits))
  const leaving = fansOut ? { bind, device: undefined } : { bind, device }
  await checkBinding(sockets, family, leaving, fansOut ? undefined : addresses[0])
  await checkLoopback(addresses[0].host)
  const drops = sendDrops(addresses[0].family)
  const common = { signal, from: bind, socket, rateBps, tls: args.tls, answerTimeoutMs: args.timeoutMs }

  await using line = new LineToHost(transport, sockets, addresses, port, common)
  const single = !loop && files.length === 1
  const frames = loop ? (args.frames ?? Number.POSITIVE_INFINITY) : files.length
  const told = new PicturesSent(terminal, transport, loop)
  const everyMs = fps === undefined ? undefined : 1000 / fps
  const pace = { signal, frames, everyMs, reliable: transport.traits.reliable }
  // A rate paces, and leaves no time to rest.
  const rest = fps === undefined ? {} : { restMs: 0 }
  const deliver = (frame: number, unanswered: AbortSignal) =>
    line.send(pictureAt(frame).payload, { ...common, ...rest, unanswered, sent: () => {} })
  for await (const shot of shoot(line, pace, deliver)) {
    if (signal.aborted) break
    const { report } = shot
    const { file, payload } = pictureAt(shot.frame)
    const { sizeBytes } = payload
    const problem = problemOf(report, transport, sizeBytes)
    const sent = { ...most, sizeBytes }
    const { host: to, family: ipFamily } = line.address
    const advice = sendAdvice(
      { ...sent, transport, engine, file, socket, to, ipFamily },
      report,
      drops(report.info),
    )
    if (problem && (single || !isLoss(report))) {
      if (shot.frame > 0) told.sumUp(line.peer)
      const what = `sending ${file} to ${line.peer} over ${transport.name}${onEngine(catalog, engine)}: ${problem}`
      throw new SetupError([what, ...adviceWords(advice)].join('; '))
    }
    if (single) {
      terminal.out(`${describe(file, sent, report, transport, line.peer, args.tls !== undefined, catalog)}\n`)
      const lossy = advice.filter(({ code }) => code.startsWith('loss') || code === 'pacer-stalled')
      terminal.err(renderWarnings(lossy, { width: terminal.width, color: false }))
    } else told.take(shot, file, sizeBytes, problem)
  }
  if (!single) told.sumUp(line.peer)
  if (signal.aborted) return EXIT.interrupted
  return told.isWhole ? EXIT.measured : EXIT.failed
}

/** No answer came, which ends one picture, and no stream of them. */
function isLoss({ refusal, failure }: SendReport): boolean {
  return !refusal && (failure === undefined || (failure.phase === 'ack' && failure.code === 'TIMEOUT'))
}

/** `photo.png  813,611 B  to 127.0.0.1:9999 over udp-header  12.3 ms  529 Mbit/s sent  acknowledged` */
function describe(
  file: string,
  sent: Parameters<typeof pacedTime>[0],
  report: SendReport,
  { name, traits }: Carrier,
  peer: string,
  checked: boolean,
  catalog: Catalog,
): string {
  const answer = traits.acknowledged ? 'acknowledged' : 'sent; this protocol has no acknowledgement'
  const inside = traits.secured ? `  ${report.tlsCipher}, certificate${checked ? '' : ' not'} checked` : ''
  const rate = formatRate((sent.sizeBytes * 8000) / report.totalMs)
  return `${file}  ${formatBytes(sent.sizeBytes)}  to ${peer} over ${name}  ${formatMs(report.totalMs)}  ${rate} sent${atOnce([sent], catalog)}  ${answer}${inside}`
}

/** An engine of a plug-in may be what fails. */
function onEngine({ plugins }: Catalog, engine: string): string {
  const plugin = plugins.find(each => each.engines.includes(engine))
  return plugin ? ` on the engine ${engine} of plug-in ${plugin.name} ${plugin.version}` : ''
}

/** Says why the file may not have gone out whole. */
function problemOf(report: SendReport, transport: Carrier, sizeBytes: number): string | undefined {
  if (report.refusal) {
    const { code, datagramBytes } = report.refusal
    // Only payload is counted: without any it was the header or a marker.
    const { datagramsRefused: count = 0 } = report
    return `the system refused ${count > 1 ? `${formatCount(count)} datagrams` : 'a datagram'} of ${formatBytes(datagramBytes)} (${code})`
  }
  if (report.failure) {
    const { message, code, phase } = report.failure
    const said = message.includes(code) ? message : `${message} (${code})`
    return `${said}, in phase ${phase}`
  }
  if (report.bytesAccepted < sizeBytes)
    return `the receiver answered after ${formatBytes(report.bytesAccepted)} and took no more`
  return transport.traits.acknowledged && !report.acknowledged ? 'it was not acknowledged' : undefined
}
