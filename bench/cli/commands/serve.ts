/** `bench serve`: runs agents for other hosts. */

import { once } from 'node:events'
import { isLoopback } from '../../../base/addresses.ts'
import { monotonic } from '../../../base/clock.ts'
import { UsageError } from '../../../base/errors.ts'
import { harmless, quoted } from '../../../base/foreign-text.ts'
import { given } from '../../../base/given.ts'
import { systemError } from '../../../base/system-errors.ts'
import { formatMs } from '../../../base/units.ts'
import { integer } from '../../../scenarios/settings/grammar.ts'
import { RATE, SIZE, TIMEOUT } from '../../../scenarios/settings/units.ts'
import { ADDRESS, INTERFACE, TARGET } from '../../../scenarios/settings/words.ts'
import { formatEndpoint } from '../../../transports/contract/addresses.ts'
import type { Engines } from '../../../transports/engines/engines.ts'
import { parseBusUrl } from '../../fleet/bus/address.ts'
import { jsonLog } from '../../fleet/daemon/log.ts'
import type { Limits } from '../../fleet/daemon/policy.ts'
import { BenchServer, type ServeOptions } from '../../fleet/daemon/server.ts'
import { bestEngine } from '../../fleet/facts/engines.ts'
import { noteOnLoopback } from '../../fleet/facts/loopback.ts'
import { DEFAULT_PORT } from '../../fleet/link/connect.ts'
import { checkBinding } from '../../fleet/local-binding.ts'
import { familyOf, resolve } from '../../fleet/resolve.ts'
import { BUS_FLAGS, busAddress, checkNoBus } from '../bus-flags.ts'
import type { Command, Given } from '../command.ts'
import { list, readFlags, text, usually } from '../flags.ts'
import { certificate, parseListen } from '../hosts-flags.ts'
import { METRICS_LISTEN, openMetricsEndpoint } from '../metrics-endpoint.ts'
import { PLUGIN } from '../options.ts'
import { readPems, readToken } from '../secrets.ts'
import { settingFlag } from '../setting-flags.ts'
import { EXIT, type Terminal } from '../terminal.ts'

const FLAGS = {
  plugin: PLUGIN,
  listen: usually(
    'HOST:PORT to listen on; any address other than loopback needs a token or --tls-ca',
    parseListen,
    `127.0.0.1:${DEFAULT_PORT}`,
  ),
  ip: settingFlag('ip', 'as the address; for a name, IPv4 first'),
  'token-file': text('file with the token that clients must present; or set BENCH_TOKEN', String),
  'tls-cert': text('certificate (PEM); serve TLS only', String),
  'tls-key': text('its key (PEM)', String),
  'tls-ca': text('require client certificates signed by this one (PEM)', String),
  'max-sessions': usually('maximum number of clients at once', integer(1, 1000).parse, '8'),
  'max-size': usually('largest payload of a trial', SIZE.parse, '10G'),
  'max-rate': text('highest rate at which this host sends in each session', RATE.parse, 'unlimited'),
  'max-duration': usually('longest trial', TIMEOUT.parse, '10m'),
  'idle-timeout': usually('disconnect a client after this long without a message', TIMEOUT.parse, '5m'),
  'udp-ports': text(
    'range of ports for data, LO-HI, to open in a firewall: for UDP, and for TCP, too',
    parsePorts,
    'chosen by the system',
  ),
  bind: text('address of this host to use for all data', ADDRESS.parse, 'the one that the client reached'),
  interface: text('interface to use for all data (SO_BINDTODEVICE; Linux)', INTERFACE.parse, 'by routing'),
  'metrics-listen': METRICS_LISTEN,
  join: text('NATS server to join, nats://HOST:PORT or tls://HOST: runs come from there, too', parseBusUrl),
  name: text('name of this host there', String, 'its host name'),
  labels: list('what it is and where, such as zone=a,rack=2', parseLabel),
  address: text(
    'HOST[:PORT] where data, and other servers, reach this host',
    TARGET.parse,
    'where it listens; else --bind, or the address towards the NATS server',
  ),
  ...BUS_FLAGS,
}

export const serve: Command = {
  flags: FLAGS,
  examples: [
    ['$0 serve', 'serve runs from this host'],
    ['BENCH_TOKEN=… $0 serve --listen 0.0.0.0:5990 --udp-ports 6000-6099', 'serve other hosts'],
    [
      'BENCH_TOKEN=… $0 serve --listen 0.0.0.0 --join nats://bus.example --labels zone=a',
      'one of the hosts of a fleet, which bench fleet run --hosts nats://bus.example measures',
    ],
  ],
  /** Serves until interrupted, which is its normal end: exit code 0. */
  async run(given, { terminal, catalog, signal }) {
    const { host, port, tls, limits, joining, metrics, ...args } = serveArguments(given)
    const [listen] = await resolve(host, args.ipFamily, 'listen')
    const token = readToken(args.tokenFile, process.env['BENCH_TOKEN'])
    if (!isLoopback(listen.host) && token === undefined && tls?.ca === undefined)
      throw new UsageError(
        `--listen ${host}: other hosts could reach it; give a token (BENCH_TOKEN or --token-file), or --tls-cert, --tls-key and --tls-ca`,
      )
    // What speaks to a NATS server is not loaded where none is used.
    const join = joining && (await import('../join.ts')).joining(withBus(joining), token)
    await checkData(limits, listen.family, catalog.engines)
    const log = jsonLog(line => terminal.err(line))
    const options = { catalog, listen: { ...listen, port }, token, tls: tls && readPems(tls), limits, log }
    await using server = await open(options)
    await using _endpoint = metrics && (await openMetrics(metrics, server, terminal))
    const lost = new AbortController()
    const about = { bind: limits.bind, tls: tls !== undefined, engines: catalog.engines, log, signal }
    let joined: Awaited<ReturnType<NonNullable<typeof join>>> | undefined
    try {
      terminal.out(
        `listening at ${formatEndpoint(server.endpoint)}; ${describeAccess(token, tls !== undefined, tls?.ca !== undefined)}\n`,
      )
      terminal.out((await noteOnLoopback(listen.host)) ?? '')
      joined = await join?.(server, about, why => lost.abort(why))
      terminal.out(joined?.notes ?? '')
      const ended = AbortSignal.any([signal, lost.signal])
      if (!ended.aborted) await once(ended, 'abort')
    } catch (error) {
      // It may have waited for a name.
      if (!signal.aborted) throw error
    } finally {
      const endingAt = monotonic()
      await joined?.leave()
      await server[Symbol.asyncDispose]()
      await joined?.[Symbol.asyncDispose]()
      log('info', 'closed', { after: formatMs(monotonic() - endingAt) })
    }
    lost.signal.throwIfAborted()
    return EXIT.measured
  },
}

/** Reads no file. @throws UsageError */
export function serveArguments({ flags: written }: Given) {
  const flags = readFlags(FLAGS, written)
  const own = certificate(flags['tls-cert'], flags['tls-key'])
  const ca = flags['tls-ca']
  if (ca !== undefined && !own)
    throw new UsageError(
      '--tls-ca asks clients for certificates, and needs --tls-cert and --tls-key, too; add them',
    )
  const { host, port = DEFAULT_PORT } = flags.listen
  const { join, name, labels, address } = flags
  const idle = (name && 'name') ?? (labels && 'labels') ?? (address && 'address')
  if (join === undefined && idle !== undefined)
    throw new UsageError(`--${idle} is for a NATS server; add --join nats://HOST, or leave it out`)
  if (join === undefined) checkNoBus(flags, '--join nats://HOST')
  return {
    joining: join && {
      ...{ url: join, identity: flags },
      ...{ name, address, labels: Object.fromEntries(labels ?? []) },
    },
    host,
    ipFamily: flags.ip,
    port,
    tokenFile: flags['token-file'],
    tls: own && { ...own, ca },
    metrics: flags['metrics-listen'],
    limits: {
      maxSessions: flags['max-sessions'],
      maxSizeBytes: flags['max-size'],
      maxRateBps: flags['max-rate'],
      maxDurationMs: flags['max-duration'],
      idleTimeoutMs: flags['idle-timeout'],
      ports: flags['udp-ports'],
      bind: flags.bind,
      device: flags.interface,
    },
  }
}

/** @throws UsageError */
function withBus({ url, identity, ...args }: NonNullable<ReturnType<typeof serveArguments>['joining']>) {
  return { ...args, bus: busAddress(url, identity, process.env) }
}

/** `zone=a` */
function parseLabel(text: string): readonly [string, string] {
  const [, label, value] = /^([^\s=]{1,64})=(\S(?:.{0,62}\S)?)$/u.exec(text) ?? []
  if (label !== undefined && value !== undefined && harmless(text) === text) return [label, value]
  throw new UsageError(`not a label: ${quoted(text)}; write it as zone=a`)
}

function parsePorts(text: string): readonly [number, number] {
  const [, low, high] = /^(\d{1,5})-(\d{1,5})$/.exec(text) ?? []
  const [first, last] = [Number(low), Number(high)]
  if (first >= 1 && first <= last && last <= 65_535) return [first, last]
  throw new UsageError(`not a range of ports: ${JSON.stringify(text)}; write it as 6000-6099`)
}

/** @throws UsageError when sockets for data cannot be bound as asked */
async function checkData({ bind, device }: Limits, family: 4 | 6, engines: Engines): Promise<void> {
  if (bind === undefined && device === undefined) return
  const sockets = await bestEngine(engines)
  await checkBinding(sockets, bind === undefined ? family : (familyOf(bind, undefined) ?? family), {
    bind,
    device,
  })
}

function describeAccess(token: string | undefined, tls: boolean, certificates: boolean): string {
  const means = given(token !== undefined && 'a token', certificates && 'a certificate')
  const clients =
    means.length === 0 ? 'anyone on this host may use it' : `clients need ${means.join(' and ')}`
  return tls ? `TLS; ${clients}` : clients
}

async function openMetrics(
  place: NonNullable<ReturnType<typeof serveArguments>['metrics']>,
  server: BenchServer,
  terminal: Terminal,
) {
  // Who does not ask for figures does not wait for their package.
  const { serverFigures } = await import('../../watch/server-figures.ts')
  return openMetricsEndpoint(place, serverFigures(server), terminal)
}

async function open(options: ServeOptions): Promise<BenchServer> {
  try {
    return await BenchServer.open(options)
  } catch (error) {
    const { host, port } = options.listen
    const remedies = {
      EADDRINUSE: 'stop the other program, or choose another port with --listen',
      EACCES: 'choose a port over 1023 with --listen',
      otherwise: 'choose another with --listen',
    }
    throw systemError(`cannot listen at ${host}, port ${port}`, error, remedies)
  }
}
