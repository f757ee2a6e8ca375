/** `bench send` on the command line. */
import { parseBufferBytes } from '../../../base/units.ts'
import { DEFAULTS } from '../../../scenarios/defaults.ts'
import { familyOf } from '../../fleet/resolve.ts'
import type { Command } from '../command.ts'
import { readFlags, text } from '../flags.ts'
import {
  BIND,
  ENGINE,
  INTERFACE,
  ip,
  NODELAY,
  PLUGIN,
  parsePositiveBytes,
  parseTimeout,
  RATE,
  TRANSPORT,
  transportNamed,
} from '../options.ts'
import { parseTarget } from '../target.ts'

const FLAGS = {
  plugin: PLUGIN,
  transport: TRANSPORT,
  chunk: text('datagram size (over TCP: size of a write)', parsePositiveBytes, '1024'),
  engine: ENGINE,
  rate: RATE,
  sndbuf: text('send buffer of UDP sockets', parseBufferBytes, "the system's"),
  timeout: text('longest wait for an answer', parseTimeout, '10s'),
  nodelay: NODELAY,
  bind: BIND,
  interface: INTERFACE,
  ip: ip(),
}

export const send: Command = {
  name: 'send',
  summary: 'send a file to a program that speaks one of the wire formats',
  operands: [
    { name: 'file', describe: 'the file', needed: true },
    { name: 'target', describe: 'HOST:PORT, or HOST for the usual port', needed: true },
  ],
  flags: FLAGS,
  examples: [['$0 send photo.png 127.0.0.1:9999 --transport udp-header', '']],
  async run({ operands: [file = '', name = ''], flags }, terminal, signal, catalog) {
    const target = parseTarget(name)
    const given = readFlags(FLAGS, flags)
    const { bind, nodelay } = given
    const args = {
      ...{ file, target, bind, nodelay },
      transport: transportNamed(catalog, given.transport),
      chunkBytes: given.chunk ?? DEFAULTS.chunksBytes[0],
      engine: given.engine ?? 'auto',
      rateBps: given.rate,
      sndbufBytes: given.sndbuf,
      timeoutMs: given.timeout ?? 10_000,
      device: given.interface,
      ipFamily: familyOf(target.host, bind === undefined ? given.ip : familyOf(bind, given.ip)),
    }
    const { send } = await import('../actions/send.ts')
    return send(terminal, args, catalog.engines, signal)
  },
}
