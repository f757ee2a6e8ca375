/** The options requested of a socket, those it got, and its kernel counters: the schemas, and the types derived from them. */
import * as z from 'zod'
import { DF_MODES } from './df.ts'
import { count, ms } from './quantities.ts'

/** `host` is a literal address, never a name. */
export const endpointSchema = z.object({
  host: z.string(),
  port: z.int().min(0).max(65_535),
  family: z.literal([4, 6]),
  /** SHA-256 of the certificate that a receiver inside TLS shows: 32 bytes as `AB:CD…`. */
  certificate: z
    .string()
    .regex(/^[0-9A-F]{2}(:[0-9A-F]{2}){31}$/)
    .optional(),
})

/** An IP address and port. `host` is a literal address, never a name; a link-local one has its zone, as `fe80::1%eth0`. */
export interface Endpoint extends Readonly<z.infer<typeof endpointSchema>> {
  /**
   * For the source of a datagram: the local address that it was sent to, if the socket is bound to all of them. Replies leave from that
   * address.
   */
  readonly via?: string | undefined
}

/** Requested socket options; an absent key means the system default. Options that do not apply to the kind of socket are ignored. */
export const socketOptionsSchema = z.object({
  /** Name of the only interface that the socket sends and receives on: SO_BINDTODEVICE; for multicast IP_MULTICAST_IF, and where it joins. */
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
  /** TCP_NODELAY; on by default. Streams. */
  nodelay: z.boolean().optional(),
  /** TCP_CONGESTION: name of the algorithm. Streams. */
  congestion: z.string().optional(),
  /** TCP_MAXSEG, in bytes. Streams. */
  mssBytes: count.optional(),
  /** SO_MAX_PACING_RATE, in bits per second: the kernel paces. Streams. */
  maxPacingBps: z.number().positive().optional(),
  /** UDP_SEGMENT: the kernel, or the network card, cuts a large send into datagrams. Datagrams. */
  gso: z.boolean().optional(),
  /** UDP_GRO: the kernel coalesces datagrams of equal length before they are read. Datagrams. */
  gro: z.boolean().optional(),
  /** IP_MULTICAST_TTL, IPV6_MULTICAST_HOPS. Multicast. */
  ttl: z.int().min(0).max(255).optional(),
  /** IP_MULTICAST_LOOP: whether receivers on the sender's host get it, too; on by default. Multicast. */
  loop: z.boolean().optional(),
  /** The only address that a group is joined for (source-specific, RFC 4607). Multicast. */
  source: z.string().max(64).optional(),
  /** The most datagrams or writes per system call. */
  batch: z.int().min(1).max(1024).optional(),
})
export type SocketOptions = Readonly<z.infer<typeof socketOptionsSchema>>

/** The options a socket has, as read back from the system; a key is absent if the engine cannot read it, or was not asked to set it. */
export const socketStateSchema = socketOptionsSchema.extend({
  /** Set if more than rmem_max was requested: whether SO_RCVBUFFORCE was permitted. */
  rcvbufForced: z.boolean().optional(),
})
export type SocketState = Readonly<z.infer<typeof socketStateSchema>>

/** Kernel counters of one socket so far. A key is absent if it cannot be read. */
export const socketInfoSchema = z.object({
  /** Streams, from TCP_INFO: retransmitted segments. */
  retransmits: count.optional(),
  rttMs: ms.optional(),
  rttvarMs: ms.optional(),
  minRttMs: ms.optional(),
  cwndSegments: count.optional(),
  mssBytes: count.optional(),
  deliveryRateBps: z.number().min(0).optional(),
  pacingRateBps: z.number().min(0).optional(),
  /** Time with data to send, and the parts of it limited by the peer's window or by the send buffer. */
  busyMs: ms.optional(),
  rwndLimitedMs: ms.optional(),
  sndbufLimitedMs: ms.optional(),
  /** Datagrams: dropped at this socket since it was opened, up to now (SO_MEMINFO). */
  drops: count.optional(),
  /** Datagrams: the same count at the arrival of the last datagram read (SO_RXQ_OVFL). */
  rxqOverflow: count.optional(),
  /** MTU of the path to the peer in bytes, as known to the kernel (IP_MTU). */
  pathMtuBytes: count.optional(),
  /** Sends of more than one datagram that the kernel segmented (UDP_SEGMENT). */
  segmentedSends: count.optional(),
  /** Send calls that found the send buffer full, and waited: the kernel counts each in SndbufErrors, though it dropped nothing. */
  fullSends: count.optional(),
  /** Reads of more than one datagram that the kernel had coalesced (UDP_GRO). */
  gluedReads: count.optional(),
  /** Completed sends with MSG_ZEROCOPY, and how many of them the kernel copied anyway. */
  zerocopySends: count.optional(),
  zerocopyCopied: count.optional(),
  /** Average number of datagrams or writes per successful send call. */
  sendsPerCall: z.number().positive().optional(),
  /** Average number of datagrams per successful receive call. */
  readsPerCall: z.number().positive().optional(),
})
export type SocketInfo = Readonly<z.infer<typeof socketInfoSchema>>

/** A system call that refused a datagram: a result, not an exception. */
export const refusalSchema = z.object({
  /** `EMSGSIZE`, `ENOBUFS` … never the number, which differs between systems. */
  code: z.string(),
  /** Size of the first datagram refused, in bytes. */
  datagramBytes: count,
  /** Refused by `--max-datagram`, not by the system. */
  emulated: z.boolean(),
})
export type Refusal = Readonly<z.infer<typeof refusalSchema>>
