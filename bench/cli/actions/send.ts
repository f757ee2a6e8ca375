/** `bench send FILE HOST:PORT`: sends one file to another program. */

import { SetupError } from '../../../base/errors.ts'
import { formatBytes, formatCount, formatMs, formatRate } from '../../../base/units.ts'
import { renderWarnings } from '../../../results/warnings/warnings.ts'
import type { Target } from '../../../scenarios/settings/words.ts'
import type { Catalog } from '../../../transports/catalog.ts'
import { formatEndpoint } from '../../../transports/contract/addresses.ts'
import type { SendReport } from '../../../transports/contract/reports.ts'
import type { Transport } from '../../../transports/contract/transport.ts'
import { readFilePayload } from '../../../transports/payload/generated.ts'
import { sendDrops } from '../../fleet/agent/kernel.ts'
import { checkBinding } from '../../fleet/local-binding.ts'
import { type Address, type Addresses, resolve } from '../../fleet/resolve.ts'
import { checkedFile } from '../../measure/files.ts'
import { pacedTime } from '../echo.ts'
import { namingPlugins } from '../plugin-faults.ts'
import { EXIT, type ExitCode, type Terminal } from '../terminal.ts'
import { adviceWords, sendAdvice } from '../transfer-advice.ts'

export interface SendArguments {
  readonly file: string
  readonly target: Target
  readonly transport: Transport
  readonly chunkBytes: number
  readonly engine: string
  readonly rateBps?: number | undefined
  readonly sndbufBytes?: number | undefined
  readonly timeoutMs: number
  readonly nodelay: boolean
  /** Address and interface to send from. */
  readonly bind?: string | undefined
  readonly device?: string | undefined
  readonly ipFamily?: 4 | 6 | undefined
}

export function send(
  terminal: Terminal,
  args: SendArguments,
  catalog: Catalog,
  outer: AbortSignal,
): Promise<ExitCode> {
  const used = { transport: args.transport.name, engine: args.engine }
  return namingPlugins(catalog, used, 'sending', outer, signal => sendFile(terminal, args, catalog, signal))
}

async function sendFile(
  terminal: Terminal,
  args: SendArguments,
  catalog: Catalog,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { transport, chunkBytes, rateBps, sndbufBytes, nodelay, timeoutMs, bind, device } = args
  await checkedFile(args.file)
  const addresses = await resolve(args.target.host, args.ipFamily, 'send')
  const port = args.target.port ?? transport.port
  const payload = await readFilePayload(args.file, chunkBytes)
  const { engines } = catalog
  const { engine } = await engines.choose(args.engine)
  const long =
    rateBps === undefined || transport.traits.socket === 'stream' ? '' : pacedTime(payload.sizeBytes, rateBps)
  if (long)
    terminal.err(`note: ${formatBytes(payload.sizeBytes)} paced at ${formatRate(rateBps ?? 0)}${long}\n`)
  const sockets = await engines.sockets(engine)
  const kind = transport.traits.socket
  const socket = { device, ...(kind === 'stream' ? { nodelay } : { sndbufBytes }) }
  await checkBinding(sockets, addresses[0].family, { bind, device }, addresses[0])
  const drops = sendDrops(addresses[0].family)
  const { to, report } = await toFirst(addresses, address =>
    transport.send(sockets, { ...address, port }, payload, {
      signal,
      unanswered: new AbortController().signal,
      rateBps,
      from: bind,
      socket,
      answerTimeoutMs: timeoutMs,
      sent: () => {},
    }),
  )
  if (signal.aborted) return EXIT.interrupted
  const peer = formatEndpoint({ ...to, port })
  const problem = problemOf(report, transport, payload.sizeBytes)
  const { sizeBytes } = payload
  const asked = {
    transport,
    engine,
    to: to.host,
    ipFamily: to.family,
    sizeBytes,
    file: args.file,
    chunkBytes,
    rateBps,
    socket,
  }
  const advice = sendAdvice(asked, report, drops())
  if (problem) {
    const what = `sending ${args.file} to ${peer} over ${transport.name}${onEngine(catalog, engine)}: ${problem}`
    throw new SetupError([what, ...adviceWords(advice)].join('; '))
  }
  const answer = transport.traits.acknowledged ? 'acknowledged' : 'sent; this protocol has no acknowledgement'
  const rate = formatRate((payload.sizeBytes * 8000) / report.totalMs)
  terminal.out(
    `${args.file}  ${formatBytes(payload.sizeBytes)}  to ${peer} over ${transport.name}  ${formatMs(report.totalMs)}  ${rate} sent  ${answer}\n`,
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
function problemOf(report: SendReport, transport: Transport, sizeBytes: number): string | undefined {
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
