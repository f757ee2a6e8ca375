/** What is asked of a socket, what it had, and what its kernel counted: the schemas, and the types that follow from them. */
import * as z from 'zod'
import { DF_MODES } from './df.ts'

const count = z.int().min(0)
const ms = z.number().min(0)

/** An address without its zone is literal, never a name. */
export const endpointSchema = z.object({
  host: z.string(),
  port: z.int().min(0).max(65_535),
  family: z.literal([4, 6]),
})

/** An IP address and port. `host` is a literal address, never a name; a link-local one has its zone, as `fe80::1%eth0`. */
export interface Endpoint extends Readonly<z.infer<typeof endpointSchema>> {
  /** At the source of a datagram: our address that it was sent to, where the socket is bound to all of them. What is sent back leaves from there. */
  readonly via?: string | undefined
}

/** What may be asked of a socket; where a key is absent, what the system does by default. What a kind of socket has no use for is ignored. */
export const socketOptionsSchema = z.object({
  /** SO_BINDTODEVICE: the only interface that it sends and receives by, by its name. */
  device: z.string().max(15).optional(),
  /** SO_SNDBUF, in bytes. */
  sndbufBytes: count.optional(),
  /** SO_RCVBUF, in bytes. */
  rcvbufBytes: count.optional(),
  /** Differentiated services code point, 0 to 63: the upper six bits of IP_TOS or IPV6_TCLASS (RFC 2474). */
  dscp: count.optional(),
  df: z.enum(DF_MODES).optional(),
  /** SO_ZEROCOPY and MSG_ZEROCOPY. */
  zerocopy: z.boolean().optional(),
  /** TCP_NODELAY; on where nothing is said. Streams. */
  nodelay: z.boolean().optional(),
  /** TCP_CONGESTION: name of the algorithm. Streams. */
  congestion: z.string().optional(),
  /** TCP_MAXSEG, in bytes. Streams. */
  mssBytes: count.optional(),
  /** SO_MAX_PACING_RATE, in bits a second: the kernel paces. Streams. */
  maxPacingBps: z.number().positive().optional(),
  /** UDP_SEGMENT: the kernel, or the network card, cuts a large send into datagrams. Datagrams. */
  gso: z.boolean().optional(),
  /** UDP_GRO: the kernel glues datagrams of one length together before they are read. Datagrams. */
  gro: z.boolean().optional(),
  /** The most datagrams, or writes, that one system call is given or takes. */
  batch: z.int().min(1).max(1024).optional(),
})
export type SocketOptions = Readonly<z.infer<typeof socketOptionsSchema>>

/** What a socket has, as the system says when asked; a key is absent where the engine cannot ask, or was not told to set it. */
export const socketStateSchema = socketOptionsSchema.extend({
  /** More than rmem_max was asked for: whether SO_RCVBUFFORCE was allowed. */
  rcvbufForced: z.boolean().optional(),
})
export type SocketState = Readonly<z.infer<typeof socketStateSchema>>

/** What the kernel has counted at one socket so far. A key is absent where nothing tells. */
export const socketInfoSchema = z.object({
  /** Streams, from TCP_INFO: segments sent again. */
  retransmits: count.optional(),
  rttMs: ms.optional(),
  rttvarMs: ms.optional(),
  minRttMs: ms.optional(),
  cwndSegments: count.optional(),
  mssBytes: count.optional(),
  deliveryRateBps: z.number().min(0).optional(),
  pacingRateBps: z.number().min(0).optional(),
  /** Time with data to send, and the parts of it in which the peer's window or the send buffer held it up. */
  busyMs: ms.optional(),
  rwndLimitedMs: ms.optional(),
  sndbufLimitedMs: ms.optional(),
  /** Datagrams: dropped at this very socket since it was opened (SO_MEMINFO), the last ones included. */
  drops: count.optional(),
  /** Datagrams: the same count when the last datagram that was taken had come (SO_RXQ_OVFL). */
  rxqOverflow: count.optional(),
  /** MTU of the path to the peer, in bytes, as far as the kernel knows it (IP_MTU). */
  pathMtuBytes: count.optional(),
  /** Sends of more than one datagram that the kernel cut (UDP_SEGMENT). */
  segmentedSends: count.optional(),
  /** Reads of more than one datagram that the kernel had glued (UDP_GRO). */
  gluedReads: count.optional(),
  /** Sends with MSG_ZEROCOPY that the kernel has done with, and those of them that it copied in spite of it. */
  zerocopySends: count.optional(),
  zerocopyCopied: count.optional(),
  /** Datagrams or writes, on average, of the system calls that sent any. */
  sendsPerCall: z.number().positive().optional(),
  /** Datagrams, on average, of the system calls that received any. */
  readsPerCall: z.number().positive().optional(),
})
export type SocketInfo = Readonly<z.infer<typeof socketInfoSchema>>

/** A system call that would not take a datagram: a result, not an exception. */
export const refusalSchema = z.object({
  /** `EMSGSIZE`, `ENOBUFS` … never the number, which differs by system. */
  code: z.string(),
  /** Size of the first datagram refused, in bytes. */
  datagramBytes: count,
  /** Refused by `--max-datagram`, not by the system. */
  emulated: z.boolean(),
})
export type Refusal = Readonly<z.infer<typeof refusalSchema>>
