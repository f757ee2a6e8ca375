/** The flags of `bench receive`, and the arguments that they become. */
import type { Argv, Options } from 'yargs'
import { parseBufferBytes, parseRate } from '../../../base/units.ts'
import { parseInterface } from '../../../scenarios/socket-values.ts'
import { LARGEST_HELD_BYTES } from '../../../transports/payload/held-memory.ts'
import { familyOf } from '../../fleet/resolve.ts'
import {
  ENGINE,
  type Flags,
  flag,
  IP,
  LOCAL_OPTIONS,
  parseFamily,
  parseInteger,
  parsePositiveBytes,
  parseTimeout,
  TRANSPORTS,
  text,
  transportOf,
  wordOr,
} from '../options.ts'
import type { ReceiveArguments } from './receive.ts'

const TIMEOUT_MS = 600_000
const MIN_RATE_BPS = 8000

export const RECEIVE_OPTIONS = {
  transport: { ...text(TRANSPORTS), demandOption: true },
  port: text('port; 0 lets the system choose', "the transport's usual one"),
  host: {
    ...text('address or name to listen at: 0.0.0.0 for all of IPv4, :: for all', '127.0.0.1 or ::1'),
    alias: 'bind',
  },
  interface: LOCAL_OPTIONS.interface,
  engine: ENGINE,
  dir: text(
    'save what arrives to this folder, which is made where it is missing; what is incomplete as .part; after Ctrl-C what has arrived, for 2 s',
  ),
  count: text('end after so many transfers'),
  'max-size': text('turn larger payloads away', '1G'),
  rcvbuf: text("receive buffer of UDP sockets; default leaves the system's", '4M'),
  drain: text('quiet time after which an unfinished transfer is given up', '2s, over TCP 10s'),
  timeout: text('longest time of a transfer', '10m'),
  'min-rate': text('least average rate of a transfer from 5 s on; 0: none', '8k (bit/s)'),
  ip: IP,
} as const satisfies Record<string, Options>

export function describeReceive(builder: Argv) {
  return builder.options(RECEIVE_OPTIONS).example('$0 receive --transport udp-header --dir pictures', '')
}

export function receiveArguments(flags: Flags): ReceiveArguments {
  const transport = transportOf(flags)
  const host = flag('host', flags['host'], String)
  const asked = flag('ip', flags['ip'], parseFamily)
  const ipFamily = host === undefined ? asked : familyOf(host, asked)
  return {
    transport,
    host: host ?? (ipFamily === 6 ? '::1' : '127.0.0.1'),
    ipFamily,
    device: flag('interface', flags['interface'], parseInterface),
    port: flag('port', flags['port'], parseInteger(0, 65_535)) ?? transport.port,
    dir: flag('dir', flags['dir'], String),
    count: flag('count', flags['count'], parseInteger(1, Number.MAX_SAFE_INTEGER)),
    maxSizeBytes: flag('max-size', flags['max-size'], parsePositiveBytes) ?? LARGEST_HELD_BYTES,
    rcvbufBytes: flag('rcvbuf', flags['rcvbuf'], wordOr('default', parseBufferBytes)),
    engine: flag('engine', flags['engine'], String) ?? 'auto',
    timeoutMs: flag('timeout', flags['timeout'], parseTimeout) ?? TIMEOUT_MS,
    minRateBps: minRateOf(flag('min-rate', flags['min-rate'], wordOr('0', parseRate)) ?? MIN_RATE_BPS),
    drainMs:
      flag('drain', flags['drain'], parseTimeout) ?? (transport.traits.socket === 'stream' ? 10_000 : 2000),
  }
}

function minRateOf(rate: number | '0'): number | undefined {
  return rate === '0' ? undefined : rate
}
