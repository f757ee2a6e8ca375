/**
 * The messages between the program and its agents, with schemas: the same over IPC (an agent on this host) and TCP. Each carries the
 * number of its trial, so that a message of an earlier trial is never taken for an answer.
 */
import * as z from 'zod'
import { APART, VERIFY_MODES } from '../../../scenarios/settings/words.ts'
import { isMulticast } from '../../../transports/contract/addresses.ts'
import { count, ms } from '../../../transports/contract/quantities.ts'
import { failureSchema, sentCountsSchema } from '../../../transports/contract/reports.ts'
import {
  endpointSchema,
  socketInfoSchema,
  socketOptionsSchema,
} from '../../../transports/contract/socket-facts.ts'
import { relayReportSchema } from '../../../transports/impairment/relay.ts'
import { waySchema } from '../../../transports/impairment/spec.ts'
import { receiveReport, sendReport } from './end-reports.ts'
import { environmentSchema } from './environment.ts'
import { clientPayloadSchema, framesSchema, payloadSchema } from './payload-spec.ts'

/** A point in time on the agent's monotonic clock, in ms. */
const moment = z.number()

/** Passed from a file's sender to its receiver after the clock has stopped, to verify the bytes. */
const fingerprint = z.object({
  sha256: z.string(),
  /** One per datagram, in payload order; absent for a stream. */
  digests: z.array(z.string()).optional(),
})
export type Fingerprint = z.infer<typeof fingerprint>

const groupSchema = z.object({
  host: z.union([z.ipv4(), z.ipv6()]).refine(isMulticast, 'not a multicast address'),
  port: z.int().min(0).max(65_535),
})

/** Name of a transport, an engine or a congestion control. */
export const nameSchema = z.string().max(64)

const prepare = z.object({
  type: z.literal('prepare'),
  trial: count,
  role: z.enum(['send', 'receive', 'relay']),
  /** Of a relay: the receiver, and what it emulates on the way to it and back. */
  relay: z
    .object({
      to: endpointSchema,
      way: waySchema,
      seed: z.int(),
      /** Where packets meet it, the ports of the receivers of all flows of the trial. */
      ports: z.array(count).optional(),
      /** Both ends are in namespaces of their own: what joins these, its name there, and a process in each. */
      apart: z
        .object({ joint: z.enum(APART), device: nameSchema, sender: z.int(), receiver: z.int() })
        .optional(),
    })
    .optional(),
  /** With its parameters; absent for a transfer. */
  workload: z.string().optional(),
  transport: z.string(),
  engine: z.string(),
  payload: payloadSchema,
  /** Where a receiver binds; with `ports`, to a port between the first and the last of them. */
  local: endpointSchema,
  ports: z.tuple([count, count]).optional(),
  /** The group that a receiver joins instead, on the interface of that address; port 0 lets it choose. */
  group: groupSchema.optional(),
  /** The only host that a receiver accepts data from; absent to accept any. */
  peer: z.string().optional(),
  socket: socketOptionsSchema,
  rateBps: z.number().positive().optional(),
  /** Of an exchange: how many there are at most, for how long, and how far apart; without an interval each follows an answer. */
  requests: z
    .object({
      most: z.int().min(1).optional(),
      durationMs: ms.optional(),
      intervalMs: z.number().positive().optional(),
    })
    .optional(),
  /** Of pictures in a row. */
  frames: framesSchema.optional(),
  /** Of a stream: how long it lasts, how often both ends report, and how much of its start does not count. */
  stream: z
    .object({
      durationMs: z.number().positive(),
      everyMs: z.number().positive(),
      omitMs: z.number().positive().optional(),
    })
    .optional(),
  /** The receiver also opens an endpoint for a rehearsal, and reports it in `ready`. */
  rehearse: z.boolean().optional(),
  /** The code of the trial has been practised, and stays as it is while a short trial runs. */
  practised: z.boolean().optional(),
  /** It is practice, or of a warm-up round: V8's compiler need not give way to it yet. */
  unrecorded: z.boolean().optional(),
  /** The sender resumes a session of TLS. */
  resumption: z.boolean().optional(),
  /** The receiver reads only once everything was sent. */
  readLate: z.boolean().optional(),
  /** What the receiver checks; absent for everything. */
  verify: z.enum(VERIFY_MODES).optional(),
  maxDatagramBytes: count.optional(),
  answerTimeoutMs: ms,
  /** Where the receiver saves the received data. */
  keepAs: z.string().optional(),
})
/** Before the first trial; answered with `ready`. */
const warmUp = z.object({
  type: z.literal('warm-up'),
  trial: count,
  workload: z.string().optional(),
  transport: z.string(),
  engine: z.string(),
  chunkBytes: z.int().min(1),
  ipFamily: z.literal([4, 6]),
})
const go = z.object({
  type: z.literal('go'),
  trial: count,
  to: endpointSchema,
  /** The address that the receiver expects the data from; absent for any address of the host. */
  from: z.string().optional(),
  /** Where to send a rehearsal before the trial. */
  rehearsal: endpointSchema.optional(),
})
const settle = z.object({
  type: z.literal('settle'),
  trial: count,
  sent: sentCountsSchema,
  fingerprint: fingerprint.optional(),
  quietMs: ms,
  deadlineMs: ms,
})
/** To the sender: the receiver did not get everything, so no acknowledgement will arrive. */
const unanswered = z.object({ type: z.literal('unanswered'), trial: count })
const abort = z.object({ type: z.literal('abort'), trial: count })

/** Longest name of a workload with its parameters. */
const MOST_WORKLOAD = 1024
/** The options that a client may choose for a socket of another host, whose interfaces it does not know. */
export const clientOptionsSchema = socketOptionsSchema
  .omit({ device: true })
  .extend({ congestion: nameSchema.optional() })
const programs = {
  transport: nameSchema,
  engine: nameSchema,
  workload: z.string().max(MOST_WORKLOAD).optional(),
}

/**
 * The calls to an agent, one a row: what its own host says to it, and how much of that a client on another host may say. Paths, addresses,
 * ports and interfaces of the agent's host are missing there, and `daemon/policy.ts` fills them in.
 */
export const AGENT_CALLS = {
  prepare: {
    own: prepare,
    // Ends on two hosts do not rehearse. A file exists on the client's side only: its receiver gets the size.
    client: prepare
      .omit({
        local: true,
        ports: true,
        peer: true,
        keepAs: true,
        payload: true,
        rehearse: true,
        relay: true,
      })
      .extend({
        role: z.enum(['send', 'receive']),
        ...programs,
        socket: clientOptionsSchema,
        payload: clientPayloadSchema,
      }),
  },
  'warm-up': { own: warmUp, client: warmUp.extend(programs) },
  go: { own: go, client: go.omit({ from: true, rehearsal: true }) },
  settle: { own: settle, client: settle },
  unanswered: { own: unanswered, client: unanswered },
  abort: { own: abort, client: abort },
} as const
type AgentCall = (typeof AGENT_CALLS)[keyof typeof AGENT_CALLS]

export type ToAgent = z.infer<AgentCall['own']>
/** What a client may send to its agent. */
export const fromClientSchema = anyOf(Object.values(AGENT_CALLS).map(({ client }) => client))
export type FromClient = z.infer<typeof fromClientSchema>
export type WarmUp = Extract<ToAgent, { type: 'warm-up' }>
export type Prepare = Extract<ToAgent, { type: 'prepare' }>
export type Go = Extract<ToAgent, { type: 'go' }>
export type Settle = Extract<ToAgent, { type: 'settle' }>

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

/** What an end has counted between two times of a stream. */
const intervalSchema = z.object({
  type: z.literal('interval'),
  trial: count,
  /** From 0; consecutive. */
  index: count,
  /** Since this end's first datagram or write, in ms. */
  fromMs: ms,
  toMs: ms,
  /** Payload that the sender's system accepted, or that has arrived. */
  bytes: count,
  datagrams: count.optional(),
  /** By how much the highest index of a datagram has grown: what the system did not take of these was refused, and what did not arrive is lost, unless it still comes. */
  advanced: count.optional(),
  info: socketInfoSchema.pick({ rttMs: true, cwndSegments: true }).optional(),
  retransmits: count.optional(),
})
export type Interval = Readonly<z.infer<typeof intervalSchema>>

/** What an end cost over the trial, and what called the system for its engine. */
const costs = {
  cpuMs: ms,
  thread: threadFactsSchema.optional(),
  binding: z
    .string()
    .regex(/^[\w:.-]{1,64}$/)
    .optional(),
}

/** One schema for the rows of a table of calls. */
export function anyOf<Row extends z.ZodObject>([first, ...others]: readonly Row[]) {
  if (!first) throw new Error('a table of calls has rows')
  return z.discriminatedUnion('type', [first, ...others])
}

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
  intervalSchema,
  z.object({ type: z.literal('send-report'), trial: count, report: sendReport, ...costs }),
  z.object({ type: z.literal('receive-report'), trial: count, report: receiveReport, ...costs }),
  /** One a flow, as far as they can be told apart; none where it does not know. */
  z.object({ type: z.literal('relay-report'), trial: count, reports: z.array(relayReportSchema) }),
  /** The trial could not be prepared, or something broke that is not a result: the agent is ready for the next one. */
  z.object({ type: z.literal('failed'), trial: count, failure: failureSchema }),
])
export type FromAgent = z.infer<typeof fromAgent>
export type SendSide = Extract<FromAgent, { type: 'send-report' }>
export type ReceiveSide = Extract<FromAgent, { type: 'receive-report' }>
