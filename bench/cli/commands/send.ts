/** `bench send` on the command line. */
import { DEFAULTS } from '../../../scenarios/defaults.ts'
import { SETTINGS } from '../../../scenarios/settings/settings.ts'
import { BUFFER, SIZE, TIMEOUT } from '../../../scenarios/settings/units.ts'
import { TARGET } from '../../../scenarios/settings/words.ts'
import { familyOf } from '../../fleet/resolve.ts'
import type { Command } from '../command.ts'
import { readFlags, text } from '../flags.ts'
import { PLUGIN, TRANSPORT, transportNamed } from '../options.ts'
import { settingFlag } from '../setting-flags.ts'

const FLAGS = {
  plugin: PLUGIN,
  transport: TRANSPORT,
  chunk: text('datagram size (for TCP: size of each write)', SIZE.parse, SETTINGS.chunk.value.initial),
  engine: settingFlag('engine'),
  rate: settingFlag('rate'),
  sndbuf: text('send buffer of UDP sockets', BUFFER.parse, "the system's"),
  timeout: text('longest wait for an answer', TIMEOUT.parse, '10s'),
  nodelay: settingFlag('nodelay'),
  bind: settingFlag('bind'),
  interface: settingFlag('interface'),
  ip: settingFlag('ip'),
}

export const send: Command = {
  name: 'send',
  summary: 'send a file to another program that speaks one of the wire formats',
  operands: [
    { name: 'file', describe: 'file to send', needed: true },
    { name: 'target', describe: 'HOST:PORT, or HOST for the usual port', needed: true },
  ],
  flags: FLAGS,
  examples: [['$0 send photo.png 127.0.0.1:9999 --transport udp-header', '']],
  async run({ operands: [file = '', name = ''], flags }, terminal, signal, catalog) {
    const target = TARGET.parse(name)
    const given = readFlags(FLAGS, flags)
    const { bind, nodelay = DEFAULTS.nodelay } = given
    const args = {
      ...{ file, target, bind, nodelay },
      transport: transportNamed(catalog, given.transport),
      chunkBytes: given.chunk ?? SIZE.parse(SETTINGS.chunk.value.initial),
      engine: given.engine ?? 'auto',
      rateBps: given.rate,
      sndbufBytes: given.sndbuf,
      timeoutMs: given.timeout ?? 10_000,
      device: given.interface,
      ipFamily: familyOf(target.host, bind === undefined ? given.ip : familyOf(bind, given.ip)),
    }
    const { send } = await import('../actions/send.ts')
    return send(terminal, args, catalog, signal)
  },
}
