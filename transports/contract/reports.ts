/** What both ends report of a transfer: the schemas, and the types that follow from them. */
import * as z from 'zod'
import { endpointSchema, refusalSchema, socketInfoSchema, socketStateSchema } from './socket-facts.ts'

const count = z.int().min(0)
const ms = z.number().min(0)
/** A moment on the reporting end's monotonic clock, in ms. */
const moment = z.number()

export const failureSchema = z.object({
  phase: z.enum(['prepare', 'connect', 'handshake', 'transfer', 'ack', 'drain']),
  /** The system's code, or one of ours in the same style (`TIMEOUT`, `ABORTED`, `PROTOCOL`). */
  code: z.string(),
  message: z.string(),
})
export type Failure = Readonly<z.infer<typeof failureSchema>>
export type Phase = Failure['phase']

/** Payload datagrams (markers and headers are not counted); for a stream the number of writes is not told and these are absent. */
export const sentCountsSchema = z.object({
  datagramsOffered: count.optional(),
  datagramsAccepted: count.optional(),
  datagramsRefused: count.optional(),
  bytesAccepted: count,
})
export type SentCounts = Readonly<z.infer<typeof sentCountsSchema>>

/** The sender's side of one transfer. Times in ms on the sender's monotonic clock. */
export const sendReportSchema = sentCountsSchema.extend({
  /** When the protocol began: the connect call, or the first datagram. */
  startedAt: moment,
  /** From `startedAt` to the acknowledgement or, where the protocol has none, to the last send accepted. */
  totalMs: ms,
  connectMs: ms.optional(),
  handshakeMs: ms.optional(),
  transferMs: ms.optional(),
  /** Absent without an acknowledgement, and where it came before the last send was accepted. */
  ackMs: ms.optional(),
  acknowledged: z.boolean(),
  /** Datagrams, markers and headers included, that the system took only when they were offered once more; absent for a stream. */
  sendsRepeated: count.optional(),
  /** Of a paced sender: the longest it was behind its schedule, in ms, and the most datagrams it offered at twice the rate or more. */
  paceLatenessMs: ms.optional(),
  paceBurst: count.optional(),
  refusal: refusalSchema.optional(),
  failure: failureSchema.optional(),
  /** The sender's socket: as it was made, and what its kernel had counted at the end. */
  state: socketStateSchema,
  info: socketInfoSchema,
})
export type SendReport = Readonly<z.infer<typeof sendReportSchema>>

export const datagramCountsSchema = z.object({
  /** Unique datagrams of this transfer. */
  delivered: count,
  duplicated: count,
  /** Arrived after one that follows it in the payload. */
  reordered: count,
  /** Arrived damaged: never counted as delivered. */
  corrupt: count,
  /** From another source, or before the beginning: not of this transfer. */
  stray: count,
  /** Host of the first of them that was of the expected transfer all the same: its source was rewritten on the way. */
  strayFrom: z
    .string()
    .regex(/^[\w.:%-]{1,64}$/)
    .optional(),
})

/** The receiver's side of one transfer. Times in ms on the receiver's monotonic clock. */
export const receiveReportSchema = z.object({
  from: endpointSchema.optional(),
  /** What the peer announced (SIZE, length header). */
  announcedBytes: count.optional(),
  /** Unique payload bytes taken before the end of the drain. */
  bytesDelivered: count,
  datagrams: datagramCountsSchema.optional(),
  /** First and last payload byte; absent when none came. */
  firstAt: moment.optional(),
  lastAt: moment.optional(),
  /** All that the protocol announced has come (its length, or its end marker). */
  complete: z.boolean(),
  /** Every byte is there, undamaged, and in order: the file as this receiver would save it. Undefined where nothing tells. */
  intact: z.boolean().optional(),
  /** Parts of the protocol that did not arrive (`begin`, `end`, `header`). */
  missing: z.enum(['begin', 'end', 'header']).optional(),
  failure: failureSchema.optional(),
})

/** With what stays in the receiver's process. */
export interface ReceiveReport extends Readonly<z.infer<typeof receiveReportSchema>> {
  /** The bytes in the order of arrival, when they were held, and the length of each datagram. */
  readonly held?: HeldBytes
  /** The longest datagram of payload: all but the last one are as long. Absent where nothing came, and in trials. */
  readonly longestBytes?: number
  /** What may be wrong with one that is not complete. */
  readonly remark?: string
  /** The receiver was called off before the rest could come. */
  readonly interrupted?: true
}

export interface HeldBytes {
  /** In the order of arrival. */
  readonly parts: readonly Buffer[]
  /** Length of each datagram in the order of arrival; absent for a stream. */
  readonly lengths?: readonly number[]
}
