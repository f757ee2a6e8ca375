/** Groups of receivers by node:dgram, which names an interface by an address: IPv4's own one, or `::%eth0`. */
import type { Socket } from 'node:dgram'
import { isIPv4 } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { Endpoint, SocketOptions, SocketState } from '../../contract/socket-facts.ts'
import { MULTICAST_TTL } from '../../contract/sockets.ts'

/** @throws the system's error */
export function join(socket: Socket, { host, family }: Endpoint, { device, source }: SocketOptions): void {
  const place = device === undefined ? undefined : placeOf(device, family)
  if (source === undefined) socket.addMembership(host, place)
  else socket.addSourceSpecificMembership(source, host, place)
}

/** To call before the socket is connected. @throws the system's error */
export function sendToGroup(socket: Socket, { family }: Endpoint, options: SocketOptions): void {
  const { device, loop, ttl = MULTICAST_TTL } = options
  if (device !== undefined) socket.setMulticastInterface(placeOf(device, family))
  socket.setMulticastTTL(ttl)
  if (loop !== undefined) socket.setMulticastLoopback(loop)
}

/** What was set: node reads none of it back. */
export function groupState({ device, loop, ttl = MULTICAST_TTL }: SocketOptions = {}): SocketState {
  return { device, loop, ttl }
}

/** @throws Error with code `ENODEV` */
function placeOf(device: string, family: 4 | 6): string {
  const addresses = networkInterfaces()[device]
  const own =
    family === 6 ? addresses?.[0] && `::%${device}` : addresses?.find(each => isIPv4(each.address))?.address
  if (own === undefined)
    throw Object.assign(new Error(`no interface ${device} with an IPv${family} address here`), {
      code: 'ENODEV',
    })
  return own
}
