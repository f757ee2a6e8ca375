/** IP addresses as texts: what kind they are, and the zones of link-local ones (RFC 4007). */
import { networkInterfaces } from 'node:os'
import type { Endpoint } from './socket-facts.ts'

/** Whether a host is all addresses of its family: `0.0.0.0`, or `::` in any of its notations. */
export function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || /^[0:]+$/.test(host)
}

/** An address by which a host reaches itself alone. */
export function isLoopback(host: string): boolean {
  return /^127\.|^::1$/.test(host)
}

export function isLinkLocal(host: string): boolean {
  return /^fe[89ab][0-9a-f]:/i.test(host)
}

/** Unmaps `::ffff:192.0.2.1`, as a dual-stack socket names an IPv4 peer. */
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

/** The same address without its zone, which means something on its own host only. */
export function withoutZone(host: string): string {
  return splitZone(host).address
}

/** The index of a zone, given by it or by the name of an interface; undefined when no interface here has link-local addresses of that name. */
export function zoneIndex(zone: string): number | undefined {
  if (/^\d+$/.test(zone)) return Number(zone)
  return zones().get(zone)
}

/** The name of an interface by its index; the index where it has none. */
export function zoneName(index: number): string {
  for (const [name, each] of zones()) if (each === index) return name
  return String(index)
}

/** Interfaces that have a link-local address -> their indexes. */
export function zones(): ReadonlyMap<string, number> {
  const indexes = Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses.flatMap(each =>
      each.family === 'IPv6' && each.scopeid > 0 ? [[name, each.scopeid] as const] : [],
    ),
  )
  return new Map(indexes)
}

/** Every address of this host; of link-local ones with their zones. */
export function ownAddresses(): { readonly host: string; readonly family: 4 | 6 }[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses.map(({ address, family }) =>
      family === 'IPv6'
        ? { host: isLinkLocal(address) ? `${address}%${name}` : address, family: 6 as const }
        : { host: address, family: 4 as const },
    ),
  )
}
