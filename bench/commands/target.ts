/** Where to send: `HOST:PORT` as a person writes it, and the address that it stands for. */
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { Endpoint } from '../../transports/sockets/sockets.ts'
import { errorCode, UsageError } from '../errors.ts'

export interface Target {
  readonly host: string
  /** Undefined: the transport's usual one. */
  readonly port: number | undefined
}

/** Reads `HOST:PORT`, `[IPV6]:PORT`, or HOST alone. @throws UsageError when it is none of these */
export function parseTarget(text: string): Target {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text)
  const host = match?.[1] ?? match?.[2] ?? (isIP(text) === 6 ? text : undefined)
  const port = match?.[3] === undefined ? undefined : Number(match[3])
  if (host === undefined || (port !== undefined && (port < 1 || port > 65_535))) {
    throw new UsageError(
      `not a target: ${JSON.stringify(text)}; write HOST:PORT, as 192.0.2.7:9999 or [2001:db8::7]:9999`,
    )
  }
  return { host, port }
}

/**
 * The IP version to use for a host: that of its address, or the one asked for; undefined when neither says.
 * @throws UsageError when they differ
 */
export function familyOf(host: string, asked: 4 | 6 | undefined): 4 | 6 | undefined {
  const literal = isIP(host)
  if (literal !== 4 && literal !== 6) return asked
  if (asked !== undefined && literal !== asked) {
    throw new UsageError(
      `${host} is an IPv${literal} address and IPv${asked} was asked for; leave out -${asked}, or give an IPv${asked} address`,
    )
  }
  return literal
}

/** The endpoint of a target; a name is looked up. @throws UsageError when it is unknown */
export async function resolveTarget(
  { host, port }: Target,
  defaultPort: number,
  family: 4 | 6 | undefined,
): Promise<Endpoint> {
  try {
    const found = await lookup(host, { family: family ?? 0 })
    return { host: found.address, port: port ?? defaultPort, family: found.family === 6 ? 6 : 4 }
  } catch (error) {
    const kind = family === undefined ? '' : `an IPv${family} address of `
    throw new UsageError(
      `cannot find ${kind}the host ${JSON.stringify(host)} (${errorCode(error) ?? 'unknown'}); check the name, or give an address`,
    )
  }
}
