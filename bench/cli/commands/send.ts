/** `bench send FILE HOST:PORT`: sends one file to another program. */
import { SetupError, UsageError } from '../../../base/errors.ts'
import { formatBytes, formatCount, formatMs, formatRate } from '../../../base/units.ts'
import { renderWarnings } from '../../../results/warnings/warnings.ts'
import { DEFAULTS } from '../../../scenarios/defaults.ts'
import { SETTINGS } from '../../../scenarios/settings/settings.ts'
import { BUFFER, SIZE, TIMEOUT } from '../../../scenarios/settings/units.ts'
import { TARGET } from '../../../scenarios/settings/words.ts'
import type { Catalog } from '../../../transports/catalog.ts'
import { formatEndpoint } from '../../../transports/contract/addresses.ts'
import type { SendReport } from '../../../transports/contract/reports.ts'
import type { Carrier } from '../../../transports/contract/transport.ts'
import { readFilePayload } from '../../../transports/payload/generated.ts'
import { sendDrops } from '../../fleet/agent/kernel.ts'
import { checkLoopback } from '../../fleet/facts/loopback.ts'
import { checkBinding } from '../../fleet/local-binding.ts'
import { type Address, type Addresses, commonFamily, resolve } from '../../fleet/resolve.ts'
import { checkedFile } from '../../measure/files.ts'
import type { Command, Context, Given } from '../command.ts'
import { atOnce, pacedTime } from '../echo.ts'
import { readFlags, text, usually } from '../flags.ts'
import { carrierNamed, PLUGIN, TRANSPORT } from '../options.ts'
import { settingFlag } from '../setting-flags.ts'
import { EXIT, type ExitCode } from '../terminal.ts'
import { adviceWords, sendAdvice } from '../transfers/advice.ts'
import { namingPlugins } from '../transfers/naming-plugins.ts'
import { CLIENT_FLAGS, clientTls } from '../transfers/tls-flags.ts'

const FLAGS = {
  plugin: PLUGIN,
  transport: TRANSPORT,
  chunk: usually('datagram size (for TCP: size of each write)', SIZE.parse, SETTINGS.chunk.value.initial),
  engine: settingFlag('engine'),
  rate: settingFlag('rate'),
  sndbuf: text('send buffer of the socket', BUFFER.parse, "the system's"),
  timeout: usually('longest wait for an answer', TIMEOUT.parse, '10s'),
  nodelay: settingFlag('nodelay'),
  bind: settingFlag('bind'),
  interface: settingFlag('interface'),
  ...CLIENT_FLAGS,
  ip: settingFlag('ip'),
}

export const send: Command = {
  flags: FLAGS,
  examples: [['$0 send photo.png 127.0.0.1:9999 --transport udp-header', '']],
  before: 'everything was sent',
  run(given, context) {
    const args = sendArguments(given, context.catalog)
    const used = { transports: [args.transport.name], engine: args.engine }
    return namingPlugins(context, used, 'sending', inner => sendFile(args, inner))
  },
}

function sendArguments({ operands: [file = '', name = ''], flags }: Given, catalog: Catalog) {
  const target = TARGET.parse(name)
  const { transport, chunk, timeout, nodelay, engine, ip, ...given } = readFlags(FLAGS, flags)
  const { bind } = given
  const carrier = carrierNamed(catalog, transport)
  const isStream = carrier.traits.socket === 'stream'
  const idle =
    isStream && given.rate !== undefined ? 'rate' : !isStream && nodelay === false ? 'no-nodelay' : undefined
  if (idle)
    throw new UsageError(
      `--${idle} is for ${isStream ? 'UDP' : 'TCP'}, and ${carrier.name} does not use it; leave it out`,
    )
  return {
    ...{ file, target, bind },
    tls: clientTls(given, carrier, target.host),
    nodelay: nodelay ?? DEFAULTS.nodelay,
    transport: carrier,
    chunkBytes: chunk,
    engine: engine ?? 'auto',
    rateBps: given.rate,
    sndbufBytes: given.sndbuf,
    timeoutMs: timeout,
    device: given.interface,
    ipFamily: commonFamily(target.host, bind, ip),
  }
}

async function sendFile(
  {
    file,
    target,
    transport,
    chunkBytes,
    rateBps,
    sndbufBytes,
    nodelay,
    timeoutMs,
    bind,
    tls,
    ...args
  }: ReturnType<typeof sendArguments>,
  { terminal, catalog, signal }: Context,
): Promise<ExitCode> {
  const { device } = args
  await checkedFile(file)
  const addresses = await resolve(target.host, args.ipFamily, 'send')
  const port = target.port ?? transport.port
  const payload = await readFilePayload(file, chunkBytes)
  const { sizeBytes } = payload
  const { engine } = await catalog.engines.choose(args.engine, [transport])
  const isStream = transport.traits.socket === 'stream'
  const sent = { transport: transport.name, sizeBytes, chunkBytes, rateBps }
  const long = pacedTime(sent, catalog)
  if (long) terminal.err(`note: ${formatBytes(sizeBytes)} paced at ${formatRate(rateBps ?? 0)}${long}\n`)
  const sockets = await catalog.engines.sockets(engine)
  const socket = { device, sndbufBytes, ...(isStream ? { nodelay } : {}) }
  await checkBinding(sockets, addresses[0].family, { bind, device }, addresses[0])
  await checkLoopback(addresses[0].host)
  const drops = sendDrops(addresses[0].family)
  const { to, report } = await toFirst(addresses, address =>
    transport.transfer.send(sockets, { ...address, port }, payload, {
      signal,
      unanswered: new AbortController().signal,
      rateBps,
      from: bind,
      socket,
      tls,
      answerTimeoutMs: timeoutMs,
      sent: () => {},
    }),
  )
  if (signal.aborted) return EXIT.interrupted
  const peer = formatEndpoint({ ...to, port })
  const problem = problemOf(report, transport, sizeBytes)
  const asked = {
    ...{ transport, engine, sizeBytes, file, chunkBytes, rateBps, socket },
    to: to.host,
    ipFamily: to.family,
  }
  const advice = sendAdvice(asked, report, drops())
  if (problem) {
    const what = `sending ${file} to ${peer} over ${transport.name}${onEngine(catalog, engine)}: ${problem}`
    throw new SetupError([what, ...adviceWords(advice)].join('; '))
  }
  const answer = transport.traits.acknowledged ? 'acknowledged' : 'sent; this protocol has no acknowledgement'
  const inside = transport.traits.secured
    ? `  ${report.tlsCipher}, certificate${tls ? '' : ' not'} checked`
    : ''
  const rate = formatRate((sizeBytes * 8000) / report.totalMs)
  terminal.out(
    `${file}  ${formatBytes(sizeBytes)}  to ${peer} over ${transport.name}  ${formatMs(report.totalMs)}  ${rate} sent${atOnce([sent], catalog)}  ${answer}${inside}\n`,
  )
  const lossy = advice.filter(({ code }) => code.startsWith('loss') || code === 'pacer-stalled')
  terminal.err(renderWarnings(lossy, { width: terminal.width, color: false }))
  return EXIT.measured
}

/** An engine of a plug-in may be what fails. */
function onEngine({ plugins }: Catalog, engine: string): string {
  const plugin = plugins.find(each => each.engines.includes(engine))
  return plugin ? ` on the engine ${engine} of plug-in ${plugin.name} ${plugin.version}` : ''
}

/** Sends to the first of a host's addresses that accepts a connection; datagrams go to the very first. */
async function toFirst(addresses: Addresses, send: (to: Address) => Promise<SendReport>) {
  const [first, ...others] = addresses
  let [to, report] = [first, await send(first)]
  for (const next of others) {
    if (report.failure?.phase !== 'connect' || report.failure.code === 'ABORTED') break
    ;[to, report] = [next, await send(next)]
  }
  return { to, report }
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
