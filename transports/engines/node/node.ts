/** The engine that works everywhere: node:dgram and node:net. One system call per datagram or write. */
import { isWildcard } from '../../contract/addresses.ts'
import type { SocketOptions } from '../../contract/socket-facts.ts'
import { type OptionKind, optionNames, type Sockets } from '../../contract/sockets.ts'
import { bindDatagram } from './datagram.ts'
import { bindEverywhere } from './everywhere.ts'
import { connectStream, listen } from './stream.ts'

interface Limits {
  readonly module: string
  /** What one system call handles. */
  readonly unit: string
  /** The options that node can set. */
  readonly settable: readonly (keyof SocketOptions)[]
}

const DATAGRAM = { module: 'node:dgram', unit: 'datagram' }
const BUFFERS = ['sndbufBytes', 'rcvbufBytes', 'batch'] as const
const LIMITS: Readonly<Record<OptionKind, Limits>> = {
  stream: { module: 'node:net', unit: 'write', settable: ['nodelay', 'batch'] },
  datagram: { ...DATAGRAM, settable: BUFFERS },
  multicast: { ...DATAGRAM, settable: [...BUFFERS, 'device', 'ttl', 'loop', 'source'] },
}

export const nodeSockets: Sockets = {
  engine: 'node',
  secures: true,
  elsewhere: 'the native engine can (Linux)',

  objection(kind, _family, options) {
    const { module, unit, settable } = LIMITS[kind]
    if (options.batch !== undefined && options.batch !== 1)
      return { option: 'batch', reason: `${module} makes a system call for each ${unit}` }
    const option = optionNames(kind).find(each => options[each] !== undefined && !settable.includes(each))
    return option && { option, reason: `${module} cannot set it` }
  },

  async bindDatagram(request) {
    request.signal.throwIfAborted()
    const everywhere = isWildcard(request.local.host) && !request.connect
    return everywhere ? bindEverywhere(request) : bindDatagram(request)
  },

  listen,
  connect: connectStream,
}
