/** IP addresses as text: classification, and the zones of link-local addresses (RFC 4007). */
import { networkInterfaces } from 'node:os'
import { isLoopback } from '../../base/addresses.ts'
import type { Endpoint } from './socket-facts.ts'

/** The IP version of an address. */
export function familyOf(host: string): 4 | 6 {
  return host.includes(':') ? 6 : 4
}

/** The address to bind to for the system to choose one. */
export function wildcardOf(family: 4 | 6): string {
  return family === 6 ? '::' : '0.0.0.0'
}

/** The loopback address of an IP version, at a port that the system chooses. */
export function loopback(family: 4 | 6): Endpoint {
  return { host: family === 6 ? '::1' : '127.0.0.1', port: 0, family }
}

/** True for the wildcard address of its family: `0.0.0.0`, or `::` in any notation. */
export function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || /^[0:]+$/.test(host)
}

/** True for the address of a group of receivers: 224.0.0.0/4, ff00::/8. */
export function isMulticast(host: string): boolean {
  return host.includes(':') ? /^ff/i.test(host) : /^2(2[4-9]|3\d)\./.test(host)
}

/** True for a group of one link, or of one interface: it means something on an interface only. */
export function isGroupOfLink(host: string): boolean {
  return /^ff.[12]:/i.test(host)
}

/** A group as a socket is bound to it: that of one link with its interface. */
export function groupOn(host: string, device: string | undefined): string {
  return device !== undefined && isGroupOfLink(host) ? `${host}%${device}` : host
}

/** Returns the name of the interface that has this address; undefined if this host has none. */
export function interfaceOf(host: string): string | undefined {
  const { address } = splitZone(host)
  return Object.entries(networkInterfaces()).find(([, all = []]) =>
    all.some(each => each.address === address),
  )?.[0]
}

export function isLinkLocal(host: string): boolean {
  return /^fe[89ab][0-9a-f]:/i.test(host)
}

/** Unmaps `::ffff:192.0.2.1`, which is how a dual-stack socket reports an IPv4 peer. */
export function unmapped(host: string): string {
  return host.replace(/^::ffff:(?=\d+\.)/i, '')
}

/** `192.0.2.1:9999`, `[2001:db8::1]:9999`. */
export function formatEndpoint({ host, port, family }: Endpoint): string {
  return family === 6 ? `[${host}]:${port}` : `${host}:${port}`
}

/** `fe80::1%eth0` -> `fe80::1`, `eth0`. */
export function splitZone(host: string): { readonly address: string; readonly zone: string | undefined } {
  const at = host.indexOf('%')
  return at < 0
    ? { address: host, zone: undefined }
    : { address: host.slice(0, at), zone: host.slice(at + 1) }
}

/** Drops the zone, which is meaningful only on its own host. */
export function withoutZone(host: string): string {
  return splitZone(host).address
}

/** Returns the index of a zone given by index or interface name; undefined if no interface here with a link-local address matches. */
export function zoneIndex(zone: string): number | undefined {
  const all = zones()
  const index = Number(zone)
  if (/^\d+$/.test(zone)) return [...all.values()].includes(index) ? index : undefined
  return all.get(zone)
}

/** `fe80::1%2` -> `fe80::1%eth0`: Node takes only names, except on Windows, where it takes only indexes. */
export function withZoneName(host: string): string {
  const { address, zone } = splitZone(host)
  if (zone === undefined || !/^\d+$/.test(zone) || process.platform === 'win32') return host
  return `${address}%${zoneName(Number(zone))}`
}

/** Returns the name of the interface with this index, or the index itself if there is none. */
export function zoneName(index: number): string {
  for (const [name, each] of zones()) if (each === index) return name
  return String(index)
}

/** Maps each interface that has a link-local address to its index. */
export function zones(): ReadonlyMap<string, number> {
  const indexes = Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses.flatMap(each =>
      each.family === 'IPv6' && each.scopeid > 0 ? [[name, each.scopeid] as const] : [],
    ),
  )
  return new Map(indexes)
}

/** True for an address of this host: data to it go through the loopback interface. */
export function isOfThisHost(host: string): boolean {
  return isLoopback(host) || ownAddresses().some(each => each.host === host)
}

/** Lists every address of this host, link-local ones with their zones. */
export function ownAddresses(): { readonly host: string; readonly family: 4 | 6 }[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses.map(({ address, family }) =>
      family === 'IPv6'
        ? { host: isLinkLocal(address) ? `${address}%${name}` : address, family: 6 as const }
        : { host: address, family: 4 as const },
    ),
  )
}
