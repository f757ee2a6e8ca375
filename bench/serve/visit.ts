/** One server goes to another one, which its client has named, and shows a ticket: each has then seen the address of the other. */
import { BlockList } from 'node:net'
import { networkInterfaces } from 'node:os'
import { Channel } from '../control/channel.ts'
import { dial } from '../control/connect.ts'
import { visit } from '../control/handshake.ts'
import { errorMessage } from '../errors.ts'

export interface Invitation {
  readonly host: string
  readonly port: number
  readonly tls: boolean
  readonly ticket: string
}

/** What a server shows where it comes to. */
export interface Visitor {
  readonly token: string | undefined
  /** PEM texts. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined
}

/** Why it did not come to it; undefined when it did. */
export async function problemOfVisit(
  { host, port, tls, ticket }: Invitation,
  { token, tls: own }: Visitor,
): Promise<string | undefined> {
  const { signal } = new AbortController()
  let channel: Channel | undefined
  try {
    // Who is there is proven by the ticket alone.
    const identity = tls ? { cert: own?.cert, key: own?.key, rejectUnauthorized: false } : undefined
    channel = new Channel(await dial({ name: host, host, port, tls: identity }, signal))
    await visit(channel, ticket, token, signal)
    return undefined
  } catch (error) {
    return errorMessage(error).slice(0, 300)
  } finally {
    channel?.[Symbol.dispose]()
  }
}

/** Whether an address is one of this host: services that only this host may reach listen there. */
export function isOurs(host: string): boolean {
  const own = new BlockList()
  own.addSubnet('127.0.0.0', 8)
  own.addSubnet('0.0.0.0', 8)
  own.addSubnet('169.254.0.0', 16)
  own.addAddress('::1', 'ipv6')
  own.addAddress('::', 'ipv6')
  own.addSubnet('fe80::', 10, 'ipv6')
  for (const each of Object.values(networkInterfaces()).flatMap(addresses => addresses ?? []))
    own.addAddress(each.address, each.family === 'IPv6' ? 'ipv6' : 'ipv4')
  // An IPv4 address in the clothes of IPv6 is looked up as what it is.
  return own.check(host, host.includes(':') ? 'ipv6' : 'ipv4')
}
