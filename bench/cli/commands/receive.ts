/** `bench receive` on the command line. */
import { integer, orWord } from '../../../scenarios/settings/grammar.ts'
import { BUFFER, RATE, SIZE, TIMEOUT } from '../../../scenarios/settings/units.ts'
import type { Catalog } from '../../../transports/catalog.ts'
import { LARGEST_HELD_BYTES } from '../../../transports/payload/held-memory.ts'
import { familyOf } from '../../fleet/resolve.ts'
import type { ReceiveArguments } from '../actions/receive.ts'
import type { Command } from '../command.ts'
import { type FlagValues, readFlags, text } from '../flags.ts'
import { PLUGIN, TRANSPORT, transportNamed } from '../options.ts'
import { settingFlag } from '../setting-flags.ts'

const TIMEOUT_MS = 600_000
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
  'max-size': text('reject larger payloads', SIZE.parse, '1G'),
  rcvbuf: text("receive buffer of UDP sockets; default: the system's", orWord(BUFFER, 'default').parse, '4M'),
  drain: text(
    'give up an unfinished transfer after this long without data',
    TIMEOUT.parse,
    '2s, over TCP 10s',
  ),
  timeout: text('longest time of a transfer', TIMEOUT.parse, '10m'),
  'min-rate': text(
    'lowest average rate of a transfer after its first 5 s; 0: none',
    orWord(RATE, '0').parse,
    '8k (bit/s)',
  ),
  ip: settingFlag('ip'),
}

export const receive: Command = {
  name: 'receive',
  summary: 'receive and save files that other programs send',
  flags: FLAGS,
  examples: [['$0 receive --transport udp-header --dir pictures', '']],
  async run({ flags }, terminal, signal, catalog) {
    const args = receiveArguments(readFlags(FLAGS, flags), catalog)
    const { receive } = await import('../actions/receive.ts')
    return receive(terminal, args, catalog, signal)
  },
}

function receiveArguments(flags: FlagValues<typeof FLAGS>, catalog: Catalog): ReceiveArguments {
  const transport = transportNamed(catalog, flags.transport)
  const { host, dir, count, 'min-rate': minRate = MIN_RATE_BPS } = flags
  const ipFamily = host === undefined ? flags.ip : familyOf(host, flags.ip)
  return {
    ...{ transport, dir, count, ipFamily },
    host: host ?? (ipFamily === 6 ? '::1' : '127.0.0.1'),
    device: flags.interface,
    port: flags.port ?? transport.port,
    maxSizeBytes: flags['max-size'] ?? LARGEST_HELD_BYTES,
    rcvbufBytes: flags.rcvbuf,
    engine: flags.engine ?? 'auto',
    timeoutMs: flags.timeout ?? TIMEOUT_MS,
    minRateBps: minRate === '0' ? undefined : minRate,
    drainMs: flags.drain ?? (transport.traits.socket === 'stream' ? 10_000 : 2000),
  }
}
