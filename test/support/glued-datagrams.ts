/** Datagrams as a kernel glues them: what arrives of a payload, in reads of several, and an engine that hands them over. */
import assert from 'node:assert/strict'
import { monotonic } from '../../base/clock.ts'
import type { Endpoint } from '../../transports/contract/socket-facts.ts'
import type { DatagramSocket, Sockets, TakeDatagram } from '../../transports/contract/sockets.ts'
import type { Transport } from '../../transports/contract/transport.ts'
import type { GeneratedPayload } from '../../transports/payload/generated.ts'
import { type Fate, Network } from './network.ts'
import { loopback } from './transfers.ts'

export const SENDER: Endpoint = { ...loopback(4), port: 1 }
const STRANGER: Endpoint = { ...loopback(4), port: 2 }
export interface Datagram {
  readonly bytes: Buffer
  readonly from: Endpoint
}

/** What is read at once: datagrams of one source and of one length, the last one possibly shorter. */
export type Read = readonly Datagram[]

/** All that arrives of a payload, in the order of arrival. */
export function arrivals(payload: GeneratedPayload, fates: readonly Fate[]): Datagram[] {
  const network = new Network(fates)
  for (const [index, bytes] of cutInto(payload.whole(), payload.chunkBytes).entries())
    network.carry(index, bytes)
  network.flush()
  return network.arrived.map(({ bytes }) => ({ bytes, from: SENDER }))
}

export function signalsOf(transport: Transport, payload: GeneratedPayload) {
  const { sizeBytes, chunkBytes } = payload
  const header = Buffer.alloc(8)
  header.writeBigInt64LE(BigInt(sizeBytes))
  const marker = transport.name === 'udp-marker'
  const of = (bytes: Buffer, from = SENDER): Datagram => ({ bytes, from })
  return {
    begin: of(marker ? Buffer.from('bin') : header),
    end: of(marker ? Buffer.from('end') : Buffer.alloc(0)),
    empty: of(Buffer.alloc(0)),
    stranger: of(Buffer.alloc(chunkBytes, 7), STRANGER),
    // Bytes of this very payload: only their source tells them apart.
    copies: cutInto(payload.whole(), chunkBytes).map(bytes => of(bytes, STRANGER)),
    junk: of(Buffer.alloc(chunkBytes, 9)),
  }
}

/** Datagrams as UDP_GRO glues them, in reads of no more than the next of `cuts`. */
export function glue(datagrams: readonly Datagram[], cuts: Iterable<number>): Read[] {
  const reads: Datagram[][] = []
  const lengths = cuts[Symbol.iterator]()
  let most = 0
  for (const datagram of datagrams) {
    const last = reads.at(-1)
    const each = last?.[0]?.bytes.length ?? 0
    const fits =
      last !== undefined &&
      last.length < most &&
      last[0]?.from === datagram.from &&
      last.at(-1)?.bytes.length === each &&
      datagram.bytes.length > 0 &&
      datagram.bytes.length <= each
    if (fits) last.push(datagram)
    else {
      reads.push([datagram])
      most = Number(lengths.next().value)
    }
  }
  return reads
}

/** A read in a larger memory, as an engine lends it. */
export function lent(read: Read) {
  const bytes = Buffer.concat([Buffer.alloc(3, 0xee), ...read.map(each => each.bytes), Buffer.alloc(2, 0xee)])
  const each = read[0]?.bytes.length ?? 0
  return { bytes, start: 3, end: bytes.length - 2, each: Math.max(1, each) }
}

/** An engine of one socket, which hands over what it is given, glued or not, and keeps what is answered. */
export function scripted(glued: boolean) {
  let take: TakeDatagram = () => assert.fail('nobody reads')
  const answers: Buffer[] = []
  const socket: DatagramSocket = {
    local: loopback(4),
    state: {},
    burst: () => 1,
    info: () => ({}),
    pause: async () => {},
    read: each => {
      take = each
    },
    send: async bytes => {
      answers.push(bytes)
    },
    [Symbol.asyncDispose]: async () => {},
  }
  const never = () => assert.fail('not asked for')
  const sockets: Sockets = {
    engine: 'scripted',
    objection: never,
    listen: never,
    connect: never,
    bindDatagram: async () => socket,
  }
  const hand = (reads: readonly Read[]) => {
    for (const read of reads) {
      const { bytes, start, end, each } = lent(read)
      const from = read[0]?.from ?? SENDER
      if (glued && read.length > 1) take(bytes, start, end, from, monotonic(), each)
      else {
        let at = start
        for (const { bytes: datagram } of read) {
          take(bytes, at, at + datagram.length, from, monotonic())
          at += datagram.length
        }
      }
    }
  }
  return { sockets, hand, answers }
}

export function cutInto(bytes: Buffer, chunkBytes: number): Buffer[] {
  const chunks: Buffer[] = []
  for (let at = 0; at < bytes.length; at += chunkBytes) chunks.push(bytes.subarray(at, at + chunkBytes))
  return chunks
}
