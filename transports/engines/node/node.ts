/** The engine that works everywhere: node:dgram and node:net. One system call per datagram or write. */
import { isWildcard } from '../../contract/addresses.ts'
import type { SocketOptions } from '../../contract/socket-facts.ts'
import { type OptionKind, optionNames, type Sockets } from '../../contract/sockets.ts'
import { bindDatagram } from './datagram.ts'
import { bindEverywhere } from './everywhere.ts'
import { connectStream, listen } from './stream.ts'

/** The options that node can set. */
const LIMITS: Readonly<Record<OptionKind, { module: string; settable: readonly (keyof SocketOptions)[] }>> = {
  stream: { module: 'node:net', settable: ['nodelay', 'batch'] },
  datagram: { module: 'node:dgram', settable: ['sndbufBytes', 'rcvbufBytes', 'batch'] },
  multicast: {
    module: 'node:dgram',
    settable: ['device', 'sndbufBytes', 'rcvbufBytes', 'batch', 'ttl', 'loop', 'source'],
  },
}
/** The unit that one system call handles. */
const UNITS: Readonly<Record<OptionKind, string>> = {
  stream: 'write',
  datagram: 'datagram',
  multicast: 'datagram',
}
export const nodeSockets: Sockets = {
  engine: 'node',
  secures: true,
  elsewhere: 'the native engine can (Linux)',

  objection(kind, _family, options) {
    const { module, settable } = LIMITS[kind]
    if (options.batch !== undefined && options.batch !== 1)
      return { option: 'batch', reason: `${module} makes a system call for each ${UNITS[kind]}` }
    const option = optionNames(kind).find(each => options[each] !== undefined && !settable.includes(each))
    return option && { option, reason: `${module} cannot set it` }
  },

  async bindDatagram(request) {
    request.signal.throwIfAborted()
    const everywhere = isWildcard(request.local.host) && !request.connect
    return everywhere ? bindEverywhere(request, bindDatagram) : bindDatagram(request)
  },

  listen,
  connect: connectStream,
}
