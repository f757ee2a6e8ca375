/** Tests the address and interface for the data sockets on this host (`--bind`, `--interface`) before anything is measured. */
import { BlockList, isIP, isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'
import { isLoopback } from '../../base/addresses.ts'
import { errorCode, UsageError } from '../../base/errors.ts'
import { reasonOf } from '../../base/system-errors.ts'
import { Bell } from '../../base/waiting.ts'
import {
  interfaceOf,
  isLinkLocal,
  isOfThisHost,
  loopback,
  ownAddresses,
  wildcardOf,
  withoutZone,
} from '../../transports/contract/addresses.ts'
import type { Endpoint } from '../../transports/contract/socket-facts.ts'
import type { DatagramRequest, OptionKind, Sockets } from '../../transports/contract/sockets.ts'
import { newTally } from '../../transports/engines/tally.ts'
import { type Address, resolve } from './resolve.ts'

export interface LocalBinding {
  readonly bind: string | undefined
  readonly device: string | undefined
}

const NEVER = new AbortController().signal

/** @throws UsageError if this engine or system cannot bind a socket to the interface */
export function checkDevice(
  sockets: Sockets,
  family: 4 | 6,
  device: string | undefined,
  kind: OptionKind = 'datagram',
): void {
  if (device === undefined) return
  // An engine without calls of its own names the interface of a group by an address.
  if (kind === 'multicast' && sockets.elsewhere !== undefined && !networkInterfaces()[device])
    throw new UsageError(
      `--interface: this host has no interface ${device}; it has ${Object.keys(networkInterfaces()).join(', ')}`,
    )
  const objection = sockets.objection(kind, family, { device })
  if (!objection) return
  const elsewhere = sockets.elsewhere === undefined ? '' : `; ${sockets.elsewhere}, or leave it out`
  throw new UsageError(`--interface: ${objection.reason}${elsewhere}`)
}

/** @param peer the other host, if known @throws UsageError if a socket cannot be bound this way, or has no route there */
export async function checkBinding(
  sockets: Sockets,
  family: 4 | 6,
  { bind, device }: LocalBinding,
  peer?: Address,
): Promise<void> {
  checkDevice(sockets, family, device)
  if (peer) checkWayOut({ bind, device }, peer)
  if (bind === undefined) return
  const [address] = await resolve(bind, family, 'bind')
  try {
    const local = { ...address, port: 0 }
    await using _ = await sockets.bindDatagram({ signal: NEVER, local, options: { device } })
  } catch (error) {
    const code = errorCode(error)
    if (code !== 'EADDRNOTAVAIL' && code !== 'EINVAL')
      throw new UsageError(`--bind ${bind}: ${reasonOf(error)}`)
    const own = ownAddresses().filter(each => each.family === family)
    throw new UsageError(
      `--bind ${bind}: this host has no such address (${code}); it has ${own.map(each => each.host).join(', ') || 'none of this family'}`,
    )
  }
}

/** Nothing can leave the host through its loopback interface, or from a loopback address. @throws UsageError if it would have to */
export function checkWayOut({ bind, device }: LocalBinding, { host }: Address): void {
  if (isOfThisHost(host)) return
  const loops = (flag: string, value: string) =>
    new UsageError(
      `${flag} ${value} is loopback, which does not lead to ${host} on another host; leave ${flag} out, or give one that leads there`,
    )
  if (bind !== undefined && isLoopback(bind)) throw loops('--bind', bind)
  if (device !== undefined && networkInterfaces()[device]?.every(each => each.internal))
    throw loops('--interface', device)
}

/** A datagram over loopback takes far less. */
const ARRIVAL_MS = 300

/**
 * Data between two ends on this host go through the loopback interface, whatever their addresses: binding them to another interface works
 * only for loopback itself or a VRF.
 * @throws UsageError if nothing arrives
 */
export async function checkWithinHost(
  sockets: Sockets,
  family: 4 | 6,
  { bind, device }: LocalBinding,
): Promise<void> {
  if (device === undefined) return
  const usual = loopback(family)
  const local = { ...usual, host: bind ?? usual.host }
  const request = { signal: NEVER, local, options: { device } }
  const { came } = await cross(sockets, request, to => ({ ...request, connect: to }))
  if (came) return
  throw new UsageError(
    `--interface ${device}: both ends are on this host, and data between them do not pass through ${device}; leave it out, or measure with another host (--host, --target)`,
  )
}

/**
 * What goes to a group comes back to receivers of this host only by an interface that has multicast; IPv6 has none for loopback, usually.
 * @throws UsageError if nothing arrives
 */
export async function checkGroupWithinHost(
  sockets: Sockets,
  {
    group: host,
    ipFamily: family,
    bind,
    device,
    source,
  }: LocalBinding & {
    readonly group: string
    readonly ipFamily: 4 | 6
    /** The only sender that receivers hear. */
    readonly source: string | undefined
  },
): Promise<void> {
  const own = device === undefined ? [] : (networkInterfaces()[device] ?? []).map(each => each.address)
  checkGroupSource(source, bind === undefined && own.length > 0 ? own : [bind ?? loopback(family).host])
  const way = device ?? interfaceOf(bind ?? loopback(family).host)
  const anywhere = { host: wildcardOf(family), port: 0, family }
  // It does not leave the host.
  const common = { signal: NEVER, options: { device: way, ttl: 0 } }
  const joining = { ...common, local: { host, port: 0, family } }
  const { came, code } = await cross(sockets, joining, to => ({ ...common, local: anywhere, connect: to }))
  if (came) return
  throw new UsageError(
    `what is sent to ${host} through ${way} does not come back to receivers on this host${code === undefined ? '' : ` (${code})`}; name an interface that has multicast with --interface (--ttl 0 keeps it within this host)`,
  )
}

/** @param from the addresses that the sender may have @throws UsageError if receivers that hear one sender only would not hear this one */
export function checkGroupSource(source: string | undefined, from: readonly string[]): void {
  if (source === undefined || from.some(each => isSame(each, source))) return
  throw new UsageError(
    `--source ${source}: receivers would hear nothing, since this host sends from ${from.join(' or ')}; give that address, or choose it with --bind`,
  )
}

/** IPv6 has several ways to write one. */
function isSame(a: string, b: string): boolean {
  const [first, second] = [a, b].map(each => withoutZone(each))
  if (!first || !second || isIP(first) !== isIP(second)) return false
  const same = new BlockList()
  same.addAddress(first, isIPv6(first) ? 'ipv6' : 'ipv4')
  return same.check(second, isIPv6(second) ? 'ipv6' : 'ipv4')
}

/** Whether a datagram arrives; with the code of the system's error where a socket cannot be had. */
async function cross(
  sockets: Sockets,
  receiving: DatagramRequest,
  sending: (to: Endpoint) => DatagramRequest,
): Promise<{ readonly came: boolean; readonly code?: string }> {
  const arrived = new Bell()
  let came = false
  try {
    await using receiver = await sockets.bindDatagram(receiving)
    await using sender = await sockets.bindDatagram(sending(receiver.local))
    receiver.read(() => {
      came = true
      arrived.ring()
    })
    await sender.send(Buffer.from('?'), 1, 0, 1, newTally())
    if (!came) await arrived.wait(ARRIVAL_MS, NEVER)
    return { came }
  } catch (error) {
    const code = errorCode(error)
    if (code === undefined) throw error
    return { came: false, code }
  }
}

/** The address of an interface, used as the default source of data that leave by it: a link-local one for a link-local peer, and no other. */
export function addressOf(device: string, { host, family }: Address): Address | undefined {
  const found = networkInterfaces()[device]?.find(
    each => (each.family === 'IPv6') === (family === 6) && isLinkLocal(each.address) === isLinkLocal(host),
  )
  if (!found) return undefined
  return { host: isLinkLocal(host) ? `${found.address}%${device}` : found.address, family }
}
