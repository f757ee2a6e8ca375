/** `bench serve` on the command line. */
import { UsageError } from '../../../base/errors.ts'
import { integer } from '../../../scenarios/settings/grammar.ts'
import { RATE, SIZE, TIMEOUT } from '../../../scenarios/settings/units.ts'
import { ADDRESS, INTERFACE, TARGET } from '../../../scenarios/settings/words.ts'
import type { ServeArguments } from '../actions/serve.ts'
import type { Command } from '../command.ts'
import { type FlagValues, readFlags, text } from '../flags.ts'
import { certificate, DEFAULT_PORT } from '../hosts-flags.ts'
import { PLUGIN } from '../options.ts'
import { settingFlag } from '../setting-flags.ts'

const FLAGS = {
  plugin: PLUGIN,
  listen: text(
    'HOST:PORT to listen on; any address other than loopback needs a token or --tls-ca',
    parseListen,
    `127.0.0.1:${DEFAULT_PORT}`,
  ),
  ip: settingFlag('ip', 'as the address; for a name, IPv4 first'),
  'token-file': text('file with the token that clients must present; or set BENCH_TOKEN', String),
  'tls-cert': text('certificate (PEM); serve TLS only', String),
  'tls-key': text('its key (PEM)', String),
  'tls-ca': text('require client certificates signed by this one (PEM)', String),
  'max-sessions': text('maximum number of clients at once', integer(1, 1000).parse, '8'),
  'max-size': text('largest payload of a trial', SIZE.parse, '10G'),
  'max-rate': text('highest rate at which this host sends in each session', RATE.parse, 'unlimited'),
  'max-duration': text('longest trial', TIMEOUT.parse, '10m'),
  'idle-timeout': text('disconnect a client after this long without a message', TIMEOUT.parse, '5m'),
  'udp-ports': text(
    'range of ports for data, LO-HI, to open in a firewall: for UDP, and for TCP, too',
    parsePorts,
    'chosen by the system',
  ),
  bind: text('address of this host to use for all data', ADDRESS.parse, 'the one that the client reached'),
  interface: text('interface to use for all data (SO_BINDTODEVICE; Linux)', INTERFACE.parse, 'by routing'),
}

export const serve: Command = {
  name: 'serve',
  summary: 'serve as the other end for runs from other hosts',
  flags: FLAGS,
  examples: [
    ['$0 serve', 'serve runs from this host'],
    ['BENCH_TOKEN=… $0 serve --listen 0.0.0.0:5990 --udp-ports 6000-6099', 'serve other hosts'],
  ],
  async run({ flags }, terminal, signal, catalog) {
    const args = serveArguments(readFlags(FLAGS, flags))
    const { serve } = await import('../actions/serve.ts')
    return serve(terminal, args, catalog, signal)
  },
}

function serveArguments(flags: FlagValues<typeof FLAGS>): ServeArguments {
  const own = certificate(flags)
  const ca = flags['tls-ca']
  if (ca !== undefined && !own)
    throw new UsageError(
      '--tls-ca asks clients for certificates, and needs --tls-cert and --tls-key, too; add them',
    )
  const { host, port = DEFAULT_PORT } = flags.listen ?? { host: '127.0.0.1' }
  return {
    host,
    ipFamily: flags.ip,
    port,
    tokenFile: flags['token-file'],
    tls: own && { ...own, ca },
    limits: {
      maxSessions: flags['max-sessions'] ?? 8,
      maxSizeBytes: flags['max-size'] ?? 10 * 1024 ** 3,
      maxRateBps: flags['max-rate'],
      maxDurationMs: flags['max-duration'] ?? 600_000,
      idleTimeoutMs: flags['idle-timeout'] ?? 300_000,
      ports: flags['udp-ports'],
      bind: flags.bind,
      device: flags.interface,
    },
  }
}

/** `0.0.0.0:5990`, `[::]:5990`, an address alone, or `:5990`; port 0 lets the system choose. */
function parseListen(text: string): { host: string; port: number | undefined } {
  if (/:0$/.test(text)) return { host: TARGET.parse(`${text.slice(0, -2)}:1`).host, port: 0 }
  return TARGET.parse(text)
}

function parsePorts(text: string): readonly [number, number] {
  const [, low, high] = /^(\d{1,5})-(\d{1,5})$/.exec(text) ?? []
  const [first, last] = [Number(low), Number(high)]
  if (first >= 1 && first <= last && last <= 65_535) return [first, last]
  throw new UsageError(`not a range of ports: ${JSON.stringify(text)}; write it as 6000-6099`)
}
