/** Endpoint <-> struct sockaddr_in and sockaddr_in6. */
import { isIPv4 } from 'node:net'
import { groupsOf } from '../../../base/addresses.ts'
import { familyOf, isLinkLocal, splitZone, zoneIndex, zoneName } from '../../contract/addresses.ts'
import type { Endpoint } from '../../contract/socket-facts.ts'
import { AF_INET6, FAMILY_AT, SOCKADDR_IN, SOCKADDR_IN6 } from './abi.ts'

/** sizeof(struct sockaddr_in6), the larger of the two. */
export const SOCKADDR_BYTES = 28
/** sin6_scope_id: the index of the interface that a link-local address belongs to. */
const SCOPE_AT = 24

/**
 * Writes the address and returns its length.
 * @param socketFamily family of the socket; an IPv6 socket gets an IPv4 address in mapped form (RFC 3493, 3.7)
 * @throws Error with code `EINVAL` if the host is not an address of its family, `ENODEV` if this host does not have its zone
 */
export function writeAddress(
  memory: Buffer,
  at: number,
  { host, port, family }: Endpoint,
  socketFamily: 4 | 6 = family,
): number {
  memory.fill(0, at, at + SOCKADDR_BYTES)
  memory.writeUInt16BE(port, at + 2)
  if (socketFamily === 6) {
    memory.writeUInt16LE(SOCKADDR_IN6, at)
    memory.writeUInt32LE(writeIpv6(memory, at + 8, host), at + SCOPE_AT)
    return 28
  }
  memory.writeUInt16LE(SOCKADDR_IN, at)
  writeIpv4(memory, at + 4, host)
  return 16
}

export function readAddress(memory: Buffer, at: number): Endpoint {
  const port = memory.readUInt16BE(at + 2)
  const host =
    memory.readUInt8(at + FAMILY_AT) === AF_INET6
      ? readIpv6(memory, at + 8, memory.readUInt32LE(at + SCOPE_AT))
      : readIpv4(memory, at + 4)
  return { host, port, family: familyOf(host) }
}

/** @throws Error with code `EINVAL` if the host is not an IPv4 address */
export function writeIpv4(memory: Buffer, at: number, host: string): void {
  if (!isIPv4(host)) throw noAddress(host)
  host.split('.').forEach((part, index) => {
    memory.writeUInt8(Number(part), at + index)
  })
}

/** Writes the 16 bytes of an address, mapping IPv4, and returns its scope, or 0 if it has no zone. @throws as `writeAddress` */
export function writeIpv6(memory: Buffer, at: number, host: string): number {
  const { address, zone } = splitZone(host)
  groupsOf(canonical(isIPv4(address) ? `::ffff:${address}` : address)).forEach((group, index) => {
    memory.writeUInt16BE(Number.parseInt(group, 16), at + 2 * index)
  })
  if (zone === undefined) return 0
  const scope = zoneIndex(zone)
  if (scope === undefined)
    throw Object.assign(new Error(`no interface ${zone} with link-local addresses here`), { code: 'ENODEV' })
  return scope
}

export function readIpv4(memory: Buffer, at: number): string {
  return `${memory[at]}.${memory[at + 1]}.${memory[at + 2]}.${memory[at + 3]}`
}

/** Reads an address in canonical form (RFC 5952): a mapped one as IPv4, a link-local one with its zone. */
export function readIpv6(memory: Buffer, at: number, scope: number): string {
  const groups = Array.from({ length: 8 }, (_, index) => memory.readUInt16BE(at + 2 * index))
  if (groups.slice(0, 5).every(group => group === 0) && groups[5] === 0xffff) return readIpv4(memory, at + 12)
  const host = canonical(groups.map(group => group.toString(16)).join(':'))
  return isLinkLocal(host) && scope > 0 ? `${host}%${zoneName(scope)}` : host
}

/** RFC 5952. @throws Error with code `EINVAL` if it is no IPv6 address */
function canonical(host: string): string {
  try {
    return new URL(`http://[${host}]`).hostname.slice(1, -1)
  } catch {
    throw noAddress(host)
  }
}

function noAddress(host: string): Error {
  return Object.assign(new Error(`no address of this family: ${host}`), { code: 'EINVAL' })
}
