/** The network stack: its MTUs, offloads and congestion control. */
import { networkInterfaces } from 'node:os'
import { textOf } from '../../../base/system-files.ts'
import { formatBytes } from '../../../base/units.ts'
import { Bell } from '../../../base/waiting.ts'
import { loopback } from '../../../transports/contract/addresses.ts'
import type { SocketOptions } from '../../../transports/contract/socket-facts.ts'
import type { DatagramSocket, Objection, Sockets } from '../../../transports/contract/sockets.ts'
import { newTally } from '../../../transports/engines/tally.ts'
import { type Finding, good, type Look, look, notice, unknown } from '../calls/finding.ts'
import { mtuOf } from './path-mtu.ts'

/** A tenth of a second is forever over loopback. */
const ARRIVAL_MS = 100

export async function examineStack(sockets: Sockets): Promise<Finding[]> {
  return [
    await look('MTU', mtus),
    await look('UDP_SEGMENT, UDP_GRO', () => offload(sockets)),
    await look('SO_ZEROCOPY', () => zerocopy(sockets)),
    await look('congestion control', () => congestion(sockets)),
  ]
}

function mtus(): Look {
  const names = Object.keys(networkInterfaces())
  const mtus = names.flatMap(name => {
    const mtu = mtuOf(name)
    return mtu === undefined ? [] : [`${name} ${formatBytes(mtu)}`]
  })
  return mtus.length > 0 ? good(mtus.join(', ')) : unknown('this system has no files that report it')
}

async function offload(sockets: Sockets): Promise<Look> {
  const objection = sockets.objection('datagram', 4, { gso: true, gro: true })
  if (objection) return describeObjection(sockets, objection, 'leave --offload out')
  const { cut, glued, failure } = await tryOffload(sockets)
  if (failure !== undefined) return unknown(`nothing can be sent over loopback (${failure})`)
  if (cut === 0)
    return notice('the kernel accepts the options, but split nothing over loopback', 'leave --offload out')
  return good(glued ? 'both work over loopback' : 'UDP_SEGMENT works over loopback; UDP_GRO joined nothing')
}

async function tryOffload(
  sockets: Sockets,
): Promise<{ cut: number; glued: number; failure: string | undefined }> {
  const CHUNK = 1000
  const COUNT = 8
  await using receiver = await bound(sockets, { gro: true })
  await using sender = await bound(sockets, { gso: true })
  const bell = new Bell()
  let left = CHUNK * COUNT
  receiver.read((_memory, start, end) => {
    left -= end - start
    if (left <= 0) bell.ring()
  })
  const arrived = bell.wait(ARRIVAL_MS, new AbortController().signal)
  const tally = newTally()
  await sender.send(Buffer.alloc(left), CHUNK, 0, COUNT, tally, receiver.local)
  const failure = tally.failure?.code ?? tally.refusal?.code
  if (failure === undefined) await arrived
  return { cut: sender.info().segmentedSends ?? 0, glued: receiver.info().gluedReads ?? 0, failure }
}

function zerocopy(sockets: Sockets): Look {
  const objection =
    sockets.objection('stream', 4, { zerocopy: true }) ?? sockets.objection('datagram', 4, { zerocopy: true })
  return objection
    ? describeObjection(sockets, objection, 'leave --zerocopy out')
    : good('the kernel accepts it, for TCP and UDP')
}

function describeObjection({ elsewhere }: Sockets, { reason }: Objection, remedy: string): Look {
  return elsewhere === undefined
    ? notice(reason, remedy)
    : unknown(`this engine cannot ask for it; ${elsewhere}`)
}

/** As used by a connection over loopback. */
async function congestion(sockets: Sockets): Promise<Look> {
  const used = (await ofConnection(sockets)) ?? textOf('/proc/sys/net/ipv4/tcp_congestion_control')
  const list = (which: string) =>
    textOf(`/proc/sys/net/ipv4/tcp_${which}_congestion_control`)?.split(/\s+/).filter(Boolean)
  const [available, allowed] = [list('available'), list('allowed')]
  if (used === undefined && !available) return unknown('this system does not report it')
  const others = available?.filter(name => name !== used) ?? []
  const marked = others.map(name => (allowed && !allowed.includes(name) ? `${name} (privileged)` : name))
  const has = marked.length > 0 ? `; also available: ${marked.join(', ')}` : ''
  return good(`${used ?? 'unknown'} by default${has}`)
}

async function ofConnection(sockets: Sockets): Promise<string | undefined> {
  const { signal } = new AbortController()
  await using listener = await sockets.listen({ local: loopback(4), signal }, stream => {
    void stream[Symbol.asyncDispose]()
  })
  await using stream = await sockets.connect({ to: listener.local, signal })
  return stream.state.congestion
}

function bound(sockets: Sockets, options: SocketOptions): Promise<DatagramSocket> {
  return sockets.bindDatagram({ local: loopback(4), options, signal: new AbortController().signal })
}
