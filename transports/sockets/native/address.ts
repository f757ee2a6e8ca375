/** Endpoint <-> struct sockaddr_in and sockaddr_in6. */
import type { Endpoint } from '../sockets.ts'
import { AF_INET, AF_INET6 } from './linux.ts'

/** sizeof(struct sockaddr_in6), the larger one. */
export const SOCKADDR_BYTES = 28

/** Writes the address and returns its length. @throws Error with code `EINVAL` when the host is no address of its family */
export function writeAddress(memory: Buffer, at: number, { host, port, family }: Endpoint): number {
  memory.fill(0, at, at + SOCKADDR_BYTES)
  memory.writeUInt16BE(port, at + 2)
  if (family === 6) {
    memory.writeUInt16LE(AF_INET6, at)
    groupsOf(host).forEach((group, index) => {
      memory.writeUInt16BE(group, at + 8 + 2 * index)
    })
    return 28
  }
  memory.writeUInt16LE(AF_INET, at)
  const parts = host.split('.').map(Number)
  if (parts.length !== 4 || parts.some(part => !(part >= 0 && part <= 255))) throw noAddress(host)
  parts.forEach((part, index) => {
    memory.writeUInt8(part, at + 4 + index)
  })
  return 16
}

export function readAddress(memory: Buffer, at: number): Endpoint {
  const port = memory.readUInt16BE(at + 2)
  if (memory.readUInt16LE(at) === AF_INET6) {
    const groups = Array.from({ length: 8 }, (_, index) =>
      memory.readUInt16BE(at + 8 + 2 * index).toString(16),
    )
    // URL writes an IPv6 address in its canonical form (RFC 5952).
    const { hostname } = new URL(`http://[${groups.join(':')}]`)
    return { host: hostname.slice(1, -1), port, family: 6 }
  }
  return { host: memory.subarray(at + 4, at + 8).join('.'), port, family: 4 }
}

/** The eight groups of an IPv6 address in any of its notations. */
function groupsOf(host: string): number[] {
  let canonical: string
  try {
    canonical = new URL(`http://[${host}]`).hostname.slice(1, -1)
  } catch {
    throw noAddress(host)
  }
  const [head = '', tail] = canonical.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0')
  return [...left, ...zeros, ...right].map(group => Number.parseInt(group, 16))
}

function noAddress(host: string): Error {
  return Object.assign(new Error(`no address of this family: ${host}`), { code: 'EINVAL' })
}
