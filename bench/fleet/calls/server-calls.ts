/** The calls to a server, one a row: what a client asks, and what the server answers. */
import * as z from 'zod'
import { socketOptionsSchema } from '../../../transports/contract/socket-facts.ts'
import { anyOf, clientOptionsSchema, fromAgent, fromClientSchema, nameSchema } from './agent-calls.ts'
import { findingSchema } from './finding.ts'
import { line, nonce, refusedSchema } from './protocol.ts'

const id = z.int().min(0)

export const SERVER_CALLS = {
  /** `now` is the server's monotonic clock in ms, which its agents share. */
  ping: {
    ask: z.object({ type: z.literal('ping'), id }),
    answer: z.object({ type: z.literal('pong'), id, now: z.number() }),
  },
  /** Why a socket there cannot have these options, if it cannot. */
  check: {
    ask: z.object({
      type: z.literal('check'),
      id,
      engine: nameSchema,
      kind: z.enum(['stream', 'datagram', 'multicast']),
      family: z.literal([4, 6]),
      options: clientOptionsSchema,
    }),
    answer: z.object({
      type: z.literal('checked'),
      id,
      objection: z.object({ option: socketOptionsSchema.keyof(), reason: line(500) }).optional(),
    }),
  },
  /** What the server's host can do: `bench doctor`. */
  examine: {
    ask: z.object({ type: z.literal('examine'), id }),
    answer: z.object({ type: z.literal('examined'), id, findings: z.array(findingSchema).max(64) }),
  },
  /** Requests a ticket with which another server can prove its address to this session; data are then accepted from there. */
  invite: {
    ask: z.object({ type: z.literal('invite'), id }),
    answer: z.object({ type: z.literal('invited'), id, ticket: nonce }),
  },
  /** Asks the server to visit another one; data may be sent there afterwards. `problem`: why it failed, in one line. */
  visit: {
    ask: z.object({
      type: z.literal('visit'),
      id,
      /** An address, not a name: a name might resolve to one host for the visit, and to another one for the data. */
      host: z.union([z.ipv4(), z.ipv6()]),
      port: z.int().min(1).max(65_535),
      tls: z.boolean(),
      ticket: nonce,
    }),
    answer: z.object({ type: z.literal('visited'), id, problem: line(500).optional() }),
  },
} as const
type ServerCall = (typeof SERVER_CALLS)[keyof typeof SERVER_CALLS]
export type Question = z.infer<ServerCall['ask']>
export type Asked<Type extends Question['type']> = Extract<Question, { type: Type }>
export type Answer = z.infer<ServerCall['answer']>

const CALLS = Object.values(SERVER_CALLS)

/** Client to server, after authentication. */
export const requestSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('agent'), message: fromClientSchema }),
  anyOf(CALLS.map(({ ask }) => ask)),
])

/** Server to client, after authentication. */
export const responseSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('agent'), message: fromAgent }),
  anyOf(CALLS.map(({ answer }) => answer)),
  /** The process of the agent has ended, and the session with it. */
  z.object({ type: z.literal('agent-gone'), reason: line(2000) }),
  refusedSchema,
])
export type Response = z.infer<typeof responseSchema>
