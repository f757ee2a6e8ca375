/** Resolves names and addresses as users write them, to send to or to listen on: one rule for every command. */
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import { errorCode, UsageError } from '../../base/errors.ts'
import { USUAL_GROUPS } from '../../scenarios/settings/words.ts'
import {
  isGroupOfLink,
  isLinkLocal,
  isMulticast,
  isWildcard,
  splitZone,
  unmapped,
  withoutZone,
  withZoneName,
  zoneIndex,
  zones,
} from '../../transports/contract/addresses.ts'
import type { Endpoint } from '../../transports/contract/socket-facts.ts'
import { dial } from './link/connect.ts'

/** What an address is for. */
export type Use = 'send' | 'listen' | 'bind'
export type Address = Pick<Endpoint, 'host' | 'family'>
/** Never empty. */
export type Addresses = readonly [Address, ...Address[]]

/** A host that cannot be used: what is wrong with it, and what to do. */
export class HostError extends UsageError {
  readonly finding: string
  readonly remedy: string

  constructor(finding: string, remedy: string) {
    super(`${finding}; ${remedy}`)
    this.finding = finding
    this.remedy = remedy
  }
}

/**
 * The IP version to use for a host: that of its address, or the requested one; undefined if neither determines it.
 * @throws HostError if they differ
 */
export function familyOf(host: string, asked: 4 | 6 | undefined): 4 | 6 | undefined {
  const literal = literalOf(host)
  if (!literal) return asked
  if (asked !== undefined && literal.family !== asked)
    throw new HostError(
      `${host} is an IPv${literal.family} address, but IPv${asked} was requested`,
      `leave out -${asked}, or give an IPv${asked} address`,
    )
  return literal.family
}

/**
 * The same for a host that is reached from an address of this one, if that is given.
 * @throws HostError if they differ
 */
export function commonFamily(
  host: string,
  bind: string | undefined,
  asked: 4 | 6 | undefined,
): 4 | 6 | undefined {
  const own = bind === undefined ? asked : familyOf(bind, asked)
  const there = literalOf(host)?.family
  if (bind !== undefined && own !== undefined && there !== undefined && there !== own)
    throw new HostError(
      `--bind ${bind} is an IPv${own} address, and ${host} an IPv${there} address`,
      'give two addresses of one IP version',
    )
  return familyOf(host, own)
}

/**
 * The addresses of a host: IPv4 first, then IPv6, each in the system's order.
 * @param family the only one to return; both if undefined
 * @throws HostError: an unknown name, an address of the other family, or one that cannot be used for this
 */
export async function resolve(host: string, family: 4 | 6 | undefined, use: Use): Promise<Addresses> {
  if (host === '') throw new HostError('the host is empty', 'give a name or an address')
  const literal = literalOf(host)
  if (literal) {
    familyOf(host, family)
    checkZone(host)
    checkUse(literal, host, use)
    return [literal]
  }
  const found = await lookUp(host, family)
  const addresses = [...found.filter(each => each.family === 4), ...found.filter(each => each.family === 6)]
  const [first, ...others] = addresses
  if (!first) throw unknownName(host, family, 'ENOTFOUND')
  checkUse(first, host, use)
  return [first, ...others]
}

/** How long to try an address before moving on to the next. */
const TRY_MS = 3000

/**
 * Returns the first address where something listens, tested by a connection that is closed immediately; the first of all if none answers,
 * or if there is only one.
 */
export async function firstListening(
  addresses: Addresses,
  port: number,
  signal: AbortSignal,
): Promise<Address> {
  const [first] = addresses
  if (addresses.length === 1) return first
  for (const each of addresses) if (await listens(each.host, port, signal)) return each
  return first
}

async function listens(host: string, port: number, signal: AbortSignal): Promise<boolean> {
  try {
    const socket = await dial({ name: host, host, port }, signal, TRY_MS)
    socket.destroy()
    return true
  } catch {
    signal.throwIfAborted()
    return false
  }
}

function literalOf(host: string): Address | undefined {
  const plain = unmapped(host)
  const family = isIP(plain)
  if (family !== 4 && family !== 6) return undefined
  // A zone is meaningful only for link-local addresses.
  return { host: isLinkLocal(plain) ? withZoneName(plain) : withoutZone(plain), family }
}

async function lookUp(host: string, family: 4 | 6 | undefined): Promise<Address[]> {
  try {
    const found = await lookup(host, { family: family ?? 0, all: true })
    return found.map(each => ({ host: unmapped(each.address), family: each.family === 6 ? 6 : 4 }))
  } catch (error) {
    throw unknownName(host, family, errorCode(error) ?? 'unknown')
  }
}

function unknownName(host: string, family: 4 | 6 | undefined, code: string): HostError {
  const kind = family === undefined ? '' : `an IPv${family} address of `
  return new HostError(
    `cannot find ${kind}the host ${JSON.stringify(host)} (${code})`,
    'check the name, or give an address',
  )
}

function checkZone(host: string): void {
  const { zone } = splitZone(host)
  if (!isLinkLocal(host)) return
  const [example = 'eth0'] = zones().keys()
  if (zone === undefined)
    throw new HostError(
      `${host} is a link-local address, which needs its interface`,
      `write it as ${host}%${example}`,
    )
  if (zoneIndex(zone) === undefined)
    throw new HostError(
      `${host}: no interface ${JSON.stringify(zone)} with a link-local address here`,
      `it has ${[...zones().keys()].join(', ') || 'none'}`,
    )
}

function checkUse({ host }: Address, asked: string, use: Use): void {
  const name = asked === host ? host : `${asked} (${host})`
  const kind = groupKind(host)
  const { verb, instead } = USES[use]
  if (kind === 'broadcast')
    throw new HostError(
      `cannot ${verb} ${name}: it is a broadcast address, and broadcast is not supported`,
      instead,
    )
  if (kind === 'multicast')
    throw new HostError(
      `cannot ${verb} ${name}: it is a multicast address, not that of one host`,
      use === 'send' ? `${instead}; only a transport that sends to groups takes one (bench list)` : instead,
    )
  if (use !== 'listen' && isWildcard(host))
    throw new HostError(
      `cannot ${verb} ${name}: it stands for every address of a host that listens`,
      use === 'bind' ? instead : `for this host give ${host.includes(':') ? '::1' : '127.0.0.1'}`,
    )
}

const USES = {
  send: { verb: 'send to', instead: 'give the address of one host' },
  listen: { verb: 'listen at', instead: 'give an address of this host, or 0.0.0.0 or :: for all' },
  bind: { verb: 'bind to', instead: 'give one address of this host, or leave it out for any' },
} as const

/**
 * The address of a group, for a transport that sends to one.
 * @throws HostError: a name, an address of one host or of the other family, or one that needs an interface
 */
export function groupOf(host: string, family: 4 | 6 | undefined, device: string | undefined): Address {
  const literal = literalOf(host)
  if (!literal || !isMulticast(literal.host))
    throw new HostError(
      `${JSON.stringify(host)} is not a group, to which alone this transport sends`,
      `give a multicast address, such as ${USUAL_GROUPS[family ?? 4]}`,
    )
  familyOf(host, family)
  if (device === undefined && isGroupOfLink(literal.host))
    throw new HostError(
      `${host} is a group of one link, which needs its interface`,
      'name it with --interface',
    )
  return literal
}

/** Classifies an address that stands for many hosts: a group, all hosts of the network, or those of a local network. */
function groupKind(host: string): 'multicast' | 'broadcast' | undefined {
  if (isMulticast(host)) return 'multicast'
  if (host.includes(':')) return undefined
  return host === '255.255.255.255' || networkBroadcasts().includes(host) ? 'broadcast' : undefined
}

/** The last address of each local IPv4 network; networks of one or two hosts have none (RFC 3021). */
function networkBroadcasts(): string[] {
  return Object.values(networkInterfaces())
    .flatMap(addresses => addresses ?? [])
    .filter(each => each.family === 'IPv4' && numberOf(each.netmask) < 0xffff_fffe)
    .map(({ address, netmask }) => textOf((numberOf(address) | ~numberOf(netmask)) >>> 0))
}

function numberOf(ipv4: string): number {
  return ipv4.split('.').reduce((all, part) => all * 256 + Number(part), 0)
}

function textOf(ipv4: number): string {
  return [24, 16, 8, 0].map(shift => (ipv4 >>> shift) & 0xff).join('.')
}
