/** The MTU of a path: as the kernel knows it, and as packets with DF find it. */
import { UsageError } from '../../../base/errors.ts'
import { numberOf } from '../../../base/system-files.ts'
import { formatBytes, formatCount } from '../../../base/units.ts'
import { Bell } from '../../../base/waiting.ts'
import { MOST_BYTES, PACKET_HEADER_BYTES } from '../../../results/statistics/datagram-limits.ts'
import { interfaceOf, isOfThisHost, wildcardOf } from '../../../transports/contract/addresses.ts'
import type { Endpoint } from '../../../transports/contract/socket-facts.ts'
import type { DatagramSocket, Sockets } from '../../../transports/contract/sockets.ts'
import { newTally } from '../../../transports/engines/tally.ts'
import { good, type Look, notice, unknown } from '../calls/finding.ts'

const LONGEST_PACKET_BYTES = 65_535
/** For the answer of a router, which says what fits; and how many routers in a row may have less. */
const ANSWER_MS = 150
const MOST_ROUTERS = 8

/** Of an interface, in bytes; undefined if the system has no file for it. */
export function mtuOf(name: string): number | undefined {
  return /^[\w.@:-]+$/.test(name) ? numberOf(`/sys/class/net/${name}/mtu`) : undefined
}

/** The interface that a connected socket sends by, and what is known of the path. */
function pathOf(socket: DatagramSocket) {
  const name = interfaceOf(socket.local.host)
  return { name, own: name === undefined ? undefined : mtuOf(name), path: socket.info().pathMtuBytes }
}

function connected(sockets: Sockets, to: Endpoint, df?: 'do'): Promise<DatagramSocket> {
  const local = { host: wildcardOf(to.family), port: 0, family: to.family }
  const options = df === undefined ? {} : { df }
  return sockets.bindDatagram({ local, connect: to, options, signal: new AbortController().signal })
}

/**
 * The largest payload of a datagram that the path carries in one packet, in bytes. Sends datagrams with DF until no router asks for less;
 * to this host itself none.
 * @throws UsageError where this system or engine does not tell
 */
export async function unfragmentedBytes(sockets: Sockets, to: Endpoint): Promise<number> {
  const headerBytes = PACKET_HEADER_BYTES[to.family]
  const canAsk = sockets.objection('datagram', to.family, { df: 'do' }) === undefined
  await using socket = await connected(sockets, to, canAsk ? 'do' : undefined)
  const { own, path } = pathOf(socket)
  const known = canAsk || isOfThisHost(to.host) ? (path ?? own) : undefined
  if (known === undefined)
    throw new UsageError(
      '--chunk mtu: this system, or its engine, does not tell the MTU of the path; give a number of bytes, which bench probe finds with --engine native',
    )
  let mtu = known
  for (let router = 0; router < MOST_ROUTERS && canAsk && !isOfThisHost(to.host); router++) {
    await socket.send(Buffer.alloc(mtu - headerBytes), mtu, 0, 1, newTally())
    await new Bell().wait(ANSWER_MS, new AbortController().signal)
    const found: number = socket.info().pathMtuBytes ?? mtu
    if (found >= mtu) break
    mtu = found
  }
  return Math.min(mtu - headerBytes, MOST_BYTES[to.family])
}

/** The MTU of the path to `to`, as known to the kernel, and the interface that it leaves by. */
export async function pathMtu(sockets: Sockets, to: Endpoint): Promise<Look> {
  await using socket = await connected(sockets, to)
  const { name, own, path } = pathOf(socket)
  const mtu = path ?? own
  if (mtu === undefined) return unknown('this system has no files that report it')
  const begins =
    name === undefined ? '' : `, beginning at ${name}${own === undefined ? '' : ` (${formatBytes(own)})`}`
  const fits = mtu - PACKET_HEADER_BYTES[to.family]
  const text = `${formatBytes(mtu)}${path === undefined ? '' : ' as far as the kernel knows'}${begins}: datagrams of more than ${formatCount(fits)} B travel in fragments`
  // The kernel cannot report a path MTU larger than the longest packet.
  return own !== undefined && path !== undefined && path < Math.min(own, LONGEST_PACKET_BYTES)
    ? notice(text, `--chunk ${fits} or less, or --df do to see what the path refuses`)
    : good(text)
}
