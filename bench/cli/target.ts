/** A host and a port as a person writes them; `resolve.ts` finds the addresses that they stand for. */
import { isIP } from 'node:net'
import { UsageError } from '../../base/errors.ts'

export interface Target {
  readonly host: string
  /** Undefined: the transport's usual one. */
  readonly port: number | undefined
}

/** Reads `HOST:PORT`, `[IPV6]:PORT`, or HOST alone; an IPv6 address may have a zone: `[fe80::1%eth0]:9999`. @throws UsageError when it is none of these */
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
