/** The flags of `bench send`, and the arguments that they become. */
import type { Argv, Options } from 'yargs'
import { parseBufferBytes, parseRate } from '../../../base/units.ts'
import { DEFAULTS } from '../../../scenarios/defaults.ts'
import { parseBind, parseInterface } from '../../../scenarios/socket-values.ts'
import { familyOf } from '../../fleet/resolve.ts'
import {
  ENGINE,
  type Flags,
  flag,
  IP,
  LOCAL_OPTIONS,
  noFlag,
  parseFamily,
  parsePositiveBytes,
  parseTimeout,
  TRANSPORTS,
  text,
  transportOf,
} from '../options.ts'
import { parseTarget } from '../target.ts'
import type { SendArguments } from './send.ts'

export const SEND_OPTIONS = {
  transport: { ...text(TRANSPORTS), demandOption: true },
  chunk: text('datagram size (over TCP: size of a write)', '1024'),
  engine: ENGINE,
  rate: text(
    'pace UDP to so many payload bits a second: 400M = 400,000,000 bit/s; after a stall at most 20 ms of the rate are made up for',
    'unpaced',
  ),
  sndbuf: text('send buffer of UDP sockets', "the system's"),
  timeout: text('longest wait for an answer', '10s'),
  nodelay: noFlag('TCP_NODELAY; --no-nodelay turns it off'),
  ...LOCAL_OPTIONS,
  ip: IP,
} as const satisfies Record<string, Options>

export function describeSend(builder: Argv) {
  return builder
    .positional('file', { type: 'string', demandOption: true, describe: 'the file' })
    .positional('target', {
      type: 'string',
      demandOption: true,
      describe: 'HOST:PORT, or HOST for the usual port',
    })
    .options(SEND_OPTIONS)
    .example('$0 send photo.png 127.0.0.1:9999 --transport udp-header', '')
}

export function sendArguments(flags: Flags): SendArguments {
  const target = parseTarget(String(flags['target']))
  const bind = flag('bind', flags['bind'], parseBind)
  const asked = flag('ip', flags['ip'], parseFamily)
  return {
    file: String(flags['file']),
    target,
    transport: transportOf(flags),
    chunkBytes: flag('chunk', flags['chunk'], parsePositiveBytes) ?? DEFAULTS.chunksBytes[0],
    engine: flag('engine', flags['engine'], String) ?? 'auto',
    rateBps: flag('rate', flags['rate'], parseRate),
    sndbufBytes: flag('sndbuf', flags['sndbuf'], parseBufferBytes),
    timeoutMs: flag('timeout', flags['timeout'], parseTimeout) ?? 10_000,
    nodelay: flags['nodelay'] !== false,
    bind,
    device: flag('interface', flags['interface'], parseInterface),
    ipFamily: familyOf(target.host, bind === undefined ? asked : familyOf(bind, asked)),
  }
}
