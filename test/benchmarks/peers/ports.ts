/** Ports of 127.0.0.1: which are free, and what the kernel says of the socket at one. Linux. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import * as z from 'zod'

interface BoundSocket {
  /** What it has received and the program has not read. */
  readonly waitingBytes: number
  /** Datagrams that the kernel dropped at it; of no meaning for TCP. */
  readonly drops: number
}

/** The socket that listens on (TCP) or is bound to (UDP) a port of 127.0.0.1, in /proc/net/tcp or /proc/net/udp. */
export function boundSocket(protocol: 'tcp' | 'udp', port: number): BoundSocket | undefined {
  const address = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const state = protocol === 'tcp' ? '0A' : '07'
  const fields = readFileSync(`/proc/net/${protocol}`, 'latin1')
    .split('\n')
    .map(line => line.trim().split(/\s+/))
    .find(each => each[1] === address && each[3] === state)
  if (!fields) return undefined
  const waiting = fields[4]?.split(':')[1] ?? ''
  return { waitingBytes: Number.parseInt(waiting, 16), drops: Number(fields.at(-1)) }
}

/** A port of 127.0.0.1 that is free at the moment. */
export async function freePort(protocol: 'tcp' | 'udp'): Promise<number> {
  const holder =
    protocol === 'tcp'
      ? createServer().listen(0, '127.0.0.1')
      : createSocket('udp4').bind({ address: '127.0.0.1', port: 0 })
  await once(holder, 'listening')
  const { port } = z.object({ port: z.number() }).parse(holder.address())
  holder.close()
  await once(holder, 'close')
  return port
}
