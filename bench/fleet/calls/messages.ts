/**
 * The messages between the program and its agents, with schemas: the same over IPC (an agent on this host) and TCP. Each carries the
 * number of its trial, so that a message of an earlier trial is never taken for an answer.
 */
import * as z from 'zod'
import { VERIFY_MODES } from '../../../scenarios/socket-values.ts'
import {
  datagramCountsSchema,
  failureSchema,
  receiveReportSchema,
  sendReportSchema,
  sentCountsSchema,
} from '../../../transports/contract/reports.ts'
import {
  endpointSchema,
  socketInfoSchema,
  socketOptionsSchema,
  socketStateSchema,
} from '../../../transports/contract/socket-facts.ts'
import { environmentSchema } from './environment.ts'

const count = z.int().min(0)
const ms = z.number().min(0)
/** A point in time on the agent's monotonic clock, in ms. */
const moment = z.number()

export const generatedPayload = z.object({
  kind: z.literal('generated'),
  sizeBytes: count,
  chunkBytes: z.int().min(1),
  seed: count,
})
export const filePayload = z.object({
  kind: z.literal('file'),
  path: z.string(),
  sizeBytes: count,
  chunkBytes: z.int().min(1),
})
const payload = z.discriminatedUnion('kind', [generatedPayload, filePayload])
export type PayloadSpec = z.infer<typeof payload>

/** Passed from a file's sender to its receiver after the clock has stopped, to verify the bytes. */
const fingerprint = z.object({
  sha256: z.string(),
  /** One per datagram, in payload order; absent for a stream. */
  digests: z.array(z.string()).optional(),
})
export type Fingerprint = z.infer<typeof fingerprint>

export const prepareSchema = z.object({
  type: z.literal('prepare'),
  trial: count,
  role: z.enum(['send', 'receive']),
  transport: z.string(),
  engine: z.string(),
  payload,
  /** Where a receiver binds; with `ports`, to a port between the first and the last of them. */
  local: endpointSchema,
  ports: z.tuple([count, count]).optional(),
  /** The only host that a receiver accepts data from; absent to accept any. */
  peer: z.string().optional(),
  socket: socketOptionsSchema,
  rateBps: z.number().positive().optional(),
  /** The receiver also opens an endpoint for a rehearsal, and reports it in `ready`. */
  rehearse: z.boolean().optional(),
  /** The code of the trial has been practised, and stays as it is while a short trial runs. */
  practised: z.boolean().optional(),
  /** What the receiver checks; absent for everything. */
  verify: z.enum(VERIFY_MODES).optional(),
  maxDatagramBytes: count.optional(),
  answerTimeoutMs: ms,
  /** Where the receiver saves the received data. */
  keepAs: z.string().optional(),
})
/** Before the first trial; answered with `ready`. */
export const warmUpSchema = z.object({
  type: z.literal('warm-up'),
  trial: count,
  transport: z.string(),
  engine: z.string(),
  chunkBytes: z.int().min(1),
  ipFamily: z.literal([4, 6]),
})
export const goSchema = z.object({
  type: z.literal('go'),
  trial: count,
  to: endpointSchema,
  /** The address that the receiver expects the data from; absent for any address of the host. */
  from: z.string().optional(),
  /** Where to send a rehearsal before the trial. */
  rehearsal: endpointSchema.optional(),
})
export const settleSchema = z.object({
  type: z.literal('settle'),
  trial: count,
  sent: sentCountsSchema,
  fingerprint: fingerprint.optional(),
  quietMs: ms,
  deadlineMs: ms,
})
/** To the sender: the receiver did not get everything, so no acknowledgement will arrive. */
export const unansweredSchema = z.object({ type: z.literal('unanswered'), trial: count })
export const abortSchema = z.object({ type: z.literal('abort'), trial: count })

export type ToAgent = z.infer<
  | typeof prepareSchema
  | typeof warmUpSchema
  | typeof goSchema
  | typeof settleSchema
  | typeof unansweredSchema
  | typeof abortSchema
>
export type WarmUp = Extract<ToAgent, { type: 'warm-up' }>
export type Prepare = Extract<ToAgent, { type: 'prepare' }>
export type Go = Extract<ToAgent, { type: 'go' }>
export type Settle = Extract<ToAgent, { type: 'settle' }>

const sendReport = sendReportSchema.extend({
  /** Kernel counters of the sender's host over the trial; absent if unavailable. */
  drops: z.object({ hostSndbufErrors: count.optional(), hostNoPorts: count.optional() }).optional(),
})

const receiveReport = receiveReportSchema.extend({
  /** `late` is absent if it was not determined. */
  datagrams: datagramCountsSchema.extend({ late: count.optional() }).optional(),
  /** The receiver's socket. */
  state: socketStateSchema,
  info: socketInfoSchema,
  /** Kernel counters over the trial; absent if unavailable. */
  drops: z
    .object({
      socketDrops: count.optional(),
      hostRcvbufErrors: count.optional(),
      hostInErrors: count.optional(),
    })
    .optional(),
})

/** The first message of an agent process on this host, to its parent only; older builds do not send it. */
export const helloSchema = z.object({
  type: z.literal('hello'),
  protocol: z.int(),
  environment: environmentSchema,
  /** Its monotonic clock at that moment: both ends and the program must share one clock. Absent in older builds. */
  clockMs: moment.optional(),
})
export type Hello = z.infer<typeof helloSchema>

/** Over one trial; same names as the columns. A key is absent if the system does not report it. */
export const threadFactsSchema = z.object({
  cpuAtStart: count.optional(),
  cpuAtEnd: count.optional(),
  migrations: count.optional(),
  involuntarySwitches: count.optional(),
  voluntarySwitches: count.optional(),
  /** Load average over the last minute. */
  load: z.number().min(0).optional(),
  /** Share of the host's CPU time taken by other guests since this process started. */
  stealRatio: z.number().min(0).max(1).optional(),
  /** For a receiver: the longest time that it did not run, and how long it was runnable without a CPU. */
  stallMs: ms.optional(),
  cpuWaitMs: ms.optional(),
})
export type ThreadFacts = z.infer<typeof threadFactsSchema>

/** Costs of an end over the trial. */
const costs = { cpuMs: ms, thread: threadFactsSchema.optional() }

export const fromAgent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('ready'),
    trial: count,
    endpoint: endpointSchema.optional(),
    rehearsal: endpointSchema.optional(),
  }),
  z.object({
    type: z.literal('sent'),
    trial: count,
    sent: sentCountsSchema,
    fingerprint: fingerprint.optional(),
  }),
  z.object({ type: z.literal('send-report'), trial: count, report: sendReport, ...costs }),
  z.object({ type: z.literal('receive-report'), trial: count, report: receiveReport, ...costs }),
  /** The trial could not be prepared, or something broke that is not a result: the agent is ready for the next one. */
  z.object({ type: z.literal('failed'), trial: count, failure: failureSchema }),
])
export type FromAgent = z.infer<typeof fromAgent>
export type SendSide = Extract<FromAgent, { type: 'send-report' }>
export type ReceiveSide = Extract<FromAgent, { type: 'receive-report' }>
