/** Groups of receivers: joining one, and the interface that data leave by. The same calls for both IP versions (RFC 3678). */
import { isIPv4 } from 'node:net'
import { networkInterfaces } from 'node:os'
import { groupOn, isMulticast } from '../../contract/addresses.ts'
import type { Endpoint, SocketOptions } from '../../contract/socket-facts.ts'
import { type DatagramRequest, MULTICAST_TTL } from '../../contract/sockets.ts'
import {
  BINDS_TO_GROUPS,
  GROUP_REQ,
  GROUP_SOURCE_REQ,
  MCAST_JOIN_GROUP,
  MCAST_JOIN_SOURCE_GROUP,
  MREQN,
  MULTICAST_ALL,
  MULTICAST_IF,
  SO_REUSEADDR,
  SOL_SOCKET,
} from './abi.ts'
import { writeAddress, writeIpv4 } from './address.ts'
import { VALUE_AT } from './context.ts'
import type { Descriptor } from './descriptor.ts'
import { systemError } from './libc.ts'

/** The options of a request to send to a group; undefined if it does not. */
export function groupOptions({ local, connect, options = {} }: DatagramRequest): SocketOptions | undefined {
  if (connect && isMulticast(connect.host)) return { ...options, ttl: options.ttl ?? MULTICAST_TTL }
  return isMulticast(local.host) ? options : undefined
}

/** The host to bind to for data of a group. */
export function bindingHost({ host, family }: Endpoint, { device }: SocketOptions): string {
  if (BINDS_TO_GROUPS) return groupOn(host, device)
  return family === 6 ? '::' : '0.0.0.0'
}

/** To call before binding to a group: several receivers of a host share its port, and each gets what it has joined, only. */
export function share(socket: Descriptor): void {
  socket.setOption(SOL_SOCKET, SO_REUSEADDR, 1)
  socket.trySetOption(...MULTICAST_ALL[socket.family], 0)
}

/** @throws the system's error, such as `ENODEV` if it has no such interface, or no route for groups */
export function join(socket: Descriptor, host: string, { device, source }: SocketOptions): void {
  const { family } = socket
  const request = Buffer.alloc(source === undefined ? GROUP_REQ.size : GROUP_SOURCE_REQ.size)
  request.writeUInt32LE(device === undefined ? 0 : indexOf(socket, device))
  writeAddress(request, GROUP_REQ.group, { host, port: 0, family })
  if (source !== undefined) writeAddress(request, GROUP_SOURCE_REQ.source, { host: source, port: 0, family })
  const names = source === undefined ? MCAST_JOIN_GROUP : MCAST_JOIN_SOURCE_GROUP
  if (!socket.trySetBytes(...names[family], request)) throw systemError(socket.libc, 'setsockopt')
}

/** Returns false if the system refused; errno has the reason. */
export function setMulticastInterface(socket: Descriptor, device: string): boolean {
  const index = indexOf(socket, device)
  const name = MULTICAST_IF[socket.family]
  if (index === 0) return false
  if (socket.family === 6) return socket.trySetOption(...name, index)
  const request = Buffer.alloc(MREQN.size)
  if (MREQN.interface !== null) request.writeUInt32LE(index, MREQN.interface)
  else request.writeUInt32BE(index)
  // Its own address is the source, which a loopback interface would take from another one.
  const own = networkInterfaces()[device]?.find(({ address }) => isIPv4(address))
  if (own) writeIpv4(request, MREQN.address, own.address)
  return socket.trySetBytes(...name, request)
}

/** 0 if there is no such interface. */
function indexOf({ libc, scratch }: Descriptor, device: string): number {
  scratch.bytes.write(`${device}\0`, VALUE_AT)
  return libc.if_nametoindex(scratch.address + VALUE_AT)
}
