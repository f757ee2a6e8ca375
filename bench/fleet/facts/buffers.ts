/** Socket buffers: their default, what a request for 4 MiB gives, and what limits it. */

import { containerKind, numberOf } from '../../../base/system-files.ts'
import { formatBytes } from '../../../base/units.ts'
import { raiseCeiling } from '../../../results/warnings/remedies.ts'
import { loopback } from '../../../transports/contract/addresses.ts'
import type { SocketOptions, SocketState } from '../../../transports/contract/socket-facts.ts'
import { type Sockets, UDP_RCVBUF_BYTES } from '../../../transports/contract/sockets.ts'
import { type Finding, good, type Look, look, notice, unknown } from '../calls/finding.ts'

/** What the native engine asks for by default; of either buffer. */
const ASKED_BYTES = UDP_RCVBUF_BYTES

interface Buffer {
  readonly key: 'rcvbufBytes' | 'sndbufBytes'
  readonly name: 'rcvbuf' | 'sndbuf'
  /** Name of its limit in /proc/sys/net/core. */
  readonly ceiling: string
}
const BUFFERS = {
  receive: { key: 'rcvbufBytes', name: 'rcvbuf', ceiling: 'rmem_max' },
  send: { key: 'sndbufBytes', name: 'sndbuf', ceiling: 'wmem_max' },
} as const satisfies Record<string, Buffer>

export async function examineBuffers(sockets: Sockets): Promise<Finding[]> {
  return [
    await look('receive buffer', () => examine(sockets, BUFFERS.receive)),
    await look('send buffer', () => examine(sockets, BUFFERS.send)),
    await look('SO_RCVBUFFORCE', () => force(sockets)),
  ]
}

async function examine(sockets: Sockets, buffer: Buffer): Promise<Look> {
  const { key } = buffer
  const usual = (await stateWith(sockets, {}))[key]
  const before = usual === undefined ? '' : `${formatBytes(usual)} by default; `
  let given: SocketState
  try {
    given = await stateWith(sockets, { [key]: ASKED_BYTES })
  } catch {
    return notice(`${before}the system refuses 4 MiB`, remedyOf(buffer))
  }
  const bytes = given[key]
  if (bytes === undefined) return unknown(`${before}the system does not report what it grants`)
  const forced = key === 'rcvbufBytes' && given.rcvbufForced ? ' (by SO_RCVBUFFORCE)' : ''
  const text = `${before}${formatBytes(bytes)} when 4 MiB are requested${forced}${ceilingOf(buffer)}`
  // Linux reports double the granted size, to include its overhead.
  return bytes >= ASKED_BYTES * (process.platform === 'linux' ? 2 : 1)
    ? good(text)
    : notice(text, remedyOf(buffer))
}

/** Checks whether the limit can be exceeded. */
async function force(sockets: Sockets): Promise<Look> {
  if (sockets.elsewhere !== undefined) return unknown(`this engine cannot ask for it; ${sockets.elsewhere}`)
  const ceiling = numberOf('/proc/sys/net/core/rmem_max') ?? ASKED_BYTES
  const asked = 2 * Math.max(ceiling, ASKED_BYTES)
  if (asked > 2 ** 30) return good('not needed: the ceiling is above the largest request')
  const { rcvbufForced } = await stateWith(sockets, { rcvbufBytes: asked })
  return rcvbufForced
    ? good('allowed: receive buffers may exceed the ceiling')
    : good('not allowed: receive buffers stay under the ceiling (CAP_NET_ADMIN would lift it)')
}

async function stateWith(sockets: Sockets, options: SocketOptions): Promise<SocketState> {
  const { signal } = new AbortController()
  await using socket = await sockets.bindDatagram({ local: loopback(4), options, signal })
  return socket.state
}

function ceilingOf({ ceiling }: Buffer): string {
  const bytes = numberOf(`/proc/sys/net/core/${ceiling}`)
  return bytes === undefined ? '' : `; net.core.${ceiling} is ${formatBytes(bytes)}`
}

function remedyOf({ name }: Buffer): string {
  const where = process.platform === 'linux' && containerKind() ? ', on the host of the container' : ''
  return `${raiseCeiling(process.platform, { name, bytes: ASKED_BYTES })}${where}`
}
