/** The flags of `bench serve`, and the arguments that they become. */
import type { Argv, Options } from 'yargs'
import { UsageError } from '../../../base/errors.ts'
import { parseRate } from '../../../base/units.ts'
import { parseBind, parseInterface } from '../../../scenarios/socket-values.ts'
import { DEFAULT_PORT } from '../hosts-flags.ts'
import {
  type Flags,
  flag,
  IP,
  parseFamily,
  parseInteger,
  parsePositiveBytes,
  parseTimeout,
  text,
} from '../options.ts'
import { parseTarget } from '../target.ts'
import type { ServeArguments } from './serve.ts'

export const SERVE_OPTIONS = {
  listen: text(
    'where to listen, HOST:PORT; any other address than loopback needs a token or --tls-ca',
    `127.0.0.1:${DEFAULT_PORT}`,
  ),
  ip: { ...IP, defaultDescription: 'as the address has it; of a name IPv4 first' },
  'token-file': text('file with the token that clients have to know; or BENCH_TOKEN'),
  'tls-cert': text('certificate (PEM): speak TLS only'),
  'tls-key': text('its key (PEM)'),
  'tls-ca': text('clients have to show a certificate signed with this one (PEM)'),
  'max-sessions': text('clients at once', '8'),
  'max-size': text('largest payload of a trial', '10G'),
  'max-rate': text('what this host sends in each session, at most', 'as fast as it can'),
  'max-duration': text('longest trial', '10m'),
  'idle-timeout': text('a client that says nothing for so long is let go', '5m'),
  'udp-ports': text(
    'ports for data, LO-HI, for firewalls: UDP, and TCP too',
    'those that the system chooses',
  ),
  bind: text('the only address of this host by which data come and go', 'the one that the client reached'),
  interface: text('the only interface for data (SO_BINDTODEVICE; Linux)', 'by the routes'),
} as const satisfies Record<string, Options>

export function describeServe(builder: Argv) {
  return builder
    .options(SERVE_OPTIONS)
    .example('$0 serve', 'for runs from this host')
    .example('BENCH_TOKEN=… $0 serve --listen 0.0.0.0:5990 --udp-ports 6000-6099', 'for others')
}

export function serveArguments(flags: Flags): ServeArguments {
  const cert = flag('tls-cert', flags['tls-cert'], String)
  const key = flag('tls-key', flags['tls-key'], String)
  const ca = flag('tls-ca', flags['tls-ca'], String)
  if ((cert === undefined) !== (key === undefined))
    throw new UsageError('--tls-cert and --tls-key belong together; give both or neither')
  if (ca !== undefined && (cert === undefined || key === undefined))
    throw new UsageError('--tls-ca asks clients for certificates; it wants --tls-cert and --tls-key too')
  const { host, port = DEFAULT_PORT } = flag('listen', flags['listen'], parseListen) ?? { host: '127.0.0.1' }
  return {
    host,
    ipFamily: flag('ip', flags['ip'], parseFamily),
    port,
    tokenFile: flag('token-file', flags['token-file'], String),
    tls: cert !== undefined && key !== undefined ? { cert, key, ca } : undefined,
    limits: {
      maxSessions: flag('max-sessions', flags['max-sessions'], parseInteger(1, 1000)) ?? 8,
      maxSizeBytes: flag('max-size', flags['max-size'], parsePositiveBytes) ?? 10 * 1024 ** 3,
      maxRateBps: flag('max-rate', flags['max-rate'], parseRate),
      maxDurationMs: flag('max-duration', flags['max-duration'], parseTimeout) ?? 600_000,
      idleTimeoutMs: flag('idle-timeout', flags['idle-timeout'], parseTimeout) ?? 300_000,
      ports: flag('udp-ports', flags['udp-ports'], parsePorts),
      bind: flag('bind', flags['bind'], parseBind),
      device: flag('interface', flags['interface'], parseInterface),
    },
  }
}

/** `0.0.0.0:5990`, `[::]:5990`, an address alone, or `:5990`; port 0 lets the system choose. */
function parseListen(text: string): { host: string; port: number | undefined } {
  if (/:0$/.test(text)) return { host: parseTarget(`${text.slice(0, -2)}:1`).host, port: 0 }
  return parseTarget(text)
}

function parsePorts(text: string): readonly [number, number] {
  const [, low, high] = /^(\d{1,5})-(\d{1,5})$/.exec(text) ?? []
  const [first, last] = [Number(low), Number(high)]
  if (first >= 1 && first <= last && last <= 65_535) return [first, last]
  throw new UsageError(`not a range of ports: ${JSON.stringify(text)}; write it as 6000-6099`)
}
