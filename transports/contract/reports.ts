/** Reports of both ends about a transfer: the schemas, and the types derived from them. */
import * as z from 'zod'
import { Latencies } from '../../base/latencies.ts'
import { count, ms } from './quantities.ts'
import { endpointSchema, refusalSchema, socketInfoSchema, socketStateSchema } from './socket-facts.ts'
import { MOST_CHARACTERS } from './times.ts'

/** A histogram, and points in time, as text of base64. */
const base64 = z.string().regex(/^[\w+/]*=*$/)
/** Any of a million latencies. Two of them fit into a frame between hosts. */
const LONGEST_HISTOGRAM = 30_000
const encodedLatencies = base64
  .max(LONGEST_HISTOGRAM)
  .refine(Latencies.isEncoded, 'not a histogram of latencies')
const encodedTimes = base64.max(MOST_CHARACTERS)
/** Name of a version or a cipher. */
const word = z.string().max(64)
/** A point in time on the reporting end's monotonic clock, in ms. */
const moment = z.number()

export const failureSchema = z.object({
  phase: z.enum(['prepare', 'connect', 'tls-handshake', 'handshake', 'transfer', 'ack', 'drain']),
  /** The system's code, or one of our own in the same style (`TIMEOUT`, `ABORTED`, `PROTOCOL`). */
  code: z.string(),
  message: z.string(),
})
export type Failure = Readonly<z.infer<typeof failureSchema>>
export type Phase = Failure['phase']

/** Counts payload datagrams, without markers and headers. A stream does not report how many writes it made, so these are absent. */
export const sentCountsSchema = z.object({
  datagramsOffered: count.optional(),
  datagramsAccepted: count.optional(),
  datagramsRefused: count.optional(),
  bytesAccepted: count,
})
export type SentCounts = Readonly<z.infer<typeof sentCountsSchema>>

/** What a client of an exchange knows of its requests. A time in ms on its clock. */
const askedSchema = z.object({
  /** Requests that were due; the first has the number 1. */
  made: count,
  /** Those whose answer came whole and in time. */
  answered: count,
  /** Answers that came after their time-out; a second time; with other bytes than they should have. */
  late: count,
  duplicated: count,
  damaged: count,
  /** Round trips of those answered, from the moment at which each was due (`Latencies`, encoded). */
  rtt: encodedLatencies,
  /** How long after that moment each left; absent in a closed loop, where a request is due when it leaves. */
  lateness: encodedLatencies.optional(),
  /** When each was due and answered, after `startedAt` (`encodeTimes`); absent for more than a report holds. */
  due: encodedTimes.optional(),
  back: encodedTimes.optional(),
  /** What answers said of their requests, where a format has them say it. */
  reflected: z
    .object({
      /** When each arrived, by the reflector's clock: the first one on the client's clock, and all after it (`encodeTimes`). */
      firstAt: moment,
      arrived: encodedTimes.optional(),
      /** How far both clocks may be apart; absent if nothing is known of that. */
      errorMs: ms.optional(),
      /** How many requests arrived; absent if the reflector's numbers do not prove it. */
      count: count.optional(),
    })
    .optional(),
})
export type Asked = Readonly<z.infer<typeof askedSchema>>

/** What the end that answers knows of the requests. */
const answeredSchema = z.object({
  /** Answers that its system accepted, and refused. */
  answers: count,
  answersRefused: count.optional(),
  /** When each request arrived, after `firstAt`, in order of their numbers (`encodeTimes`); absent for more than a report holds. */
  arrived: encodedTimes.optional(),
})

/** The sender's side of one transfer, or of an exchange. Times in ms on the sender's monotonic clock. */
export const sendReportSchema = sentCountsSchema.extend({
  /** When the protocol began: at the connect call, or at the first datagram. */
  startedAt: moment,
  /** From `startedAt` to the acknowledgement or, if the protocol has none, to the last accepted send. */
  totalMs: ms,
  connectMs: ms.optional(),
  /** The TLS handshake: from a TCP connection to the first byte that may leave inside TLS. */
  tlsMs: ms.optional(),
  tlsVersion: word.optional(),
  tlsCipher: word.optional(),
  tlsResumed: z.boolean().optional(),
  handshakeMs: ms.optional(),
  transferMs: ms.optional(),
  /** Absent without an acknowledgement, and if it arrived before the last send was accepted. */
  ackMs: ms.optional(),
  acknowledged: z.boolean(),
  /** Datagrams, including markers and headers, that the system accepted only on the second attempt; absent for a stream. */
  sendsRepeated: count.optional(),
  /** Of those offered, how many had been before: absent where the protocol never sends anything again. */
  datagramsResent: count.optional(),
  /** For a paced sender: the longest it fell behind its schedule, in ms, and the most datagrams it sent at twice the rate or more. */
  paceLatenessMs: ms.optional(),
  paceBurst: count.optional(),
  /** The longest payload datagram, with what the format adds to a chunk; absent for a stream, and if none was offered. */
  longestBytes: count.optional(),
  refusal: refusalSchema.optional(),
  failure: failureSchema.optional(),
  exchange: askedSchema.optional(),
  /** The sender's socket: its options once created, and the kernel's counters at the end. */
  state: socketStateSchema,
  info: socketInfoSchema,
})
export type SendReport = Readonly<z.infer<typeof sendReportSchema>>

/** An address, with its zone. */
export const strayHostSchema = z.string().regex(/^[\w.:%-]{1,64}$/)

export const datagramCountsSchema = z.object({
  /** Unique datagrams of this transfer. */
  delivered: count,
  duplicated: count,
  /** Arrived after a datagram that follows it in the payload. */
  reordered: count,
  /** Arrived damaged; never counted as delivered. */
  corrupt: count,
  /** Datagrams of the payload have the same bytes, so that nobody knows which came twice, or too late: these counts mean nothing. */
  alike: z.literal(true).optional(),
  /** From another source, or before the transfer began: not part of this transfer. */
  stray: count,
  /** Host of the first stray datagram that nevertheless belongs to the expected transfer: something on the path rewrote its source. */
  strayFrom: strayHostSchema.optional(),
})

/** The receiver's side of one transfer. Times in ms on the receiver's monotonic clock. */
export const receiveReportSchema = z.object({
  from: endpointSchema.optional(),
  /** Announced by the peer (SIZE, length header). */
  announcedBytes: count.optional(),
  /** Unique payload bytes received before the drain ended. */
  bytesDelivered: count,
  datagrams: datagramCountsSchema.optional(),
  /** First and last payload byte; absent if none arrived. */
  firstAt: moment.optional(),
  lastAt: moment.optional(),
  /** Everything that the protocol announced (by its length or its end marker) has arrived. */
  complete: z.boolean(),
  /**
   * Every byte arrived, undamaged and in order: the file that this receiver would save equals the original. Undefined if that cannot be
   * determined.
   */
  intact: z.boolean().optional(),
  /** Parts of the protocol that did not arrive (`begin`, `end`, `header`). */
  missing: z.enum(['begin', 'end', 'header']).optional(),
  /** Whether the header or marker before the payload arrived; absent if the format has none. */
  begun: z.boolean().optional(),
  exchange: answeredSchema.optional(),
  failure: failureSchema.optional(),
})

/** Adds what does not leave the receiver's process. */
export interface ReceiveReport extends Readonly<z.infer<typeof receiveReportSchema>> {
  /** The bytes in order of arrival, if they were held, and the length of each datagram. */
  readonly held?: HeldBytes
  /** The longest payload datagram: all but the last are this long. Absent if nothing arrived, and in trials. */
  readonly longestBytes?: number
  /** A likely explanation for an incomplete transfer. */
  readonly remark?: string
  /** When it began, on the receiver's monotonic clock in ms; absent for a stream. */
  readonly begunAt?: number
  /** Its socket heard no other source, neither during it nor since the transfer before it ended: what was dropped there is its own. */
  readonly alone?: true
  /** The receiver was called off before the rest could arrive. */
  readonly interrupted?: true
}

export interface HeldBytes {
  /** In order of arrival; of chunks that have numbers, in their order. */
  readonly parts: readonly Buffer[]
  /** Length of each datagram in order of arrival; absent for a stream. */
  readonly lengths?: readonly number[]
  /** Numbers of the chunks, from 0, where their format has them and some may be missing. */
  readonly numbers?: readonly number[]
}
