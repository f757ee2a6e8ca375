/** The messages of a control channel, before and after authentication. */

import * as z from 'zod'
import { harmless } from '../../../base/foreign-text.ts'
import { socketOptionsSchema } from '../../../transports/contract/socket-facts.ts'
import { environmentSchema } from './environment.ts'
import { findingSchema } from './finding.ts'
import {
  abortSchema,
  filePayload,
  fromAgent,
  generatedPayload,
  goSchema,
  prepareSchema,
  settleSchema,
  unansweredSchema,
  warmUpSchema,
} from './messages.ts'

/** Both sides must speak the same version. */
export const PROTOCOL = 2

/** One line to show to a user, without anything that could control a terminal. */
function line(longest: number) {
  return z.string().transform(text => harmless(text).slice(0, longest))
}

const nonce = z.string().regex(/^[0-9a-f]{64}$/)
const proof = z.string().regex(/^[0-9a-f]{64}$/)
const version = z.string().max(64)

/** Client to server, before authentication. */
export const helloSchema = z.object({ type: z.literal('hello'), protocol: z.int(), version, nonce })
/** Replaces hello: sent by a server that a client has sent to another one. Proves its address by connecting from there. */
export const visitSchema = z.object({ type: z.literal('visit'), nonce, proof })
export const proofSchema = z.object({ type: z.literal('proof'), proof: proof.optional() })
const welcomeSchema = z.object({
  type: z.literal('welcome'),
  proof: proof.optional(),
  environment: environmentSchema,
  engines: z.array(z.string().regex(/^[a-z0-9-]{1,32}$/)).max(16),
  /** The client's address as the server sees it: differs from its own behind a NAT. */
  peer: z
    .string()
    .regex(/^[\w.:%-]{1,64}$/)
    .optional(),
})
/** The server rejects a client; `reason` is one line to show to a user. */
const refusedSchema = z.object({
  type: z.literal('refused'),
  code: z.enum(['PROTOCOL', 'DENIED', 'BUSY', 'CLOSING']),
  reason: line(500),
})
/** Server to client, before authentication. */
export const fromServerSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('challenge'),
    protocol: z.int(),
    version,
    nonce,
    auth: z.enum(['token', 'none']),
  }),
  welcomeSchema,
  z.object({ type: z.literal('visited'), proof }),
  refusedSchema,
])

const id = z.int().min(0)

/** Name of a transport, an engine or a congestion control. */
const name = z.string().max(64)
const options = socketOptionsSchema.omit({ device: true }).extend({ congestion: name.optional() })

/** What a client may send to its agent; it cannot choose paths, addresses, ports or interfaces on the server's host. */
const remoteToAgent = z.discriminatedUnion('type', [
  prepareSchema
    .omit({ local: true, ports: true, peer: true, keepAs: true, payload: true, rehearse: true })
    .extend({
      transport: name,
      engine: name,
      socket: options,
      payload: z.discriminatedUnion('kind', [
        generatedPayload,
        /** A file exists on the client's side only: its receiver gets the size. */
        filePayload.omit({ path: true }),
      ]),
    }),
  warmUpSchema.extend({ transport: name, engine: name }),
  // Ends on two hosts do not rehearse.
  goSchema.omit({ from: true, rehearsal: true }),
  settleSchema,
  unansweredSchema,
  abortSchema,
])
export type RemoteToAgent = z.infer<typeof remoteToAgent>

/** Client to server, after authentication. */
export const requestSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('agent'), message: remoteToAgent }),
  z.object({ type: z.literal('ping'), id }),
  z.object({
    type: z.literal('check'),
    id,
    engine: name,
    kind: z.enum(['stream', 'datagram']),
    family: z.literal([4, 6]),
    options,
  }),
  /** Asks what the server's host can do: `bench doctor`. */
  z.object({ type: z.literal('examine'), id }),
  /** Requests a ticket with which another server can prove its address to this session; data are then accepted from there. */
  z.object({ type: z.literal('invite'), id }),
  /** Asks the server to visit another one; data may be sent there afterwards. */
  z.object({
    type: z.literal('visit'),
    id,
    /** An address, not a name: a name might resolve to one host for the visit, and to another one for the data. */
    host: z.union([z.ipv4(), z.ipv6()]),
    port: z.int().min(1).max(65_535),
    tls: z.boolean(),
    ticket: nonce,
  }),
])
export type Request = z.infer<typeof requestSchema>

/** Server to client, after authentication. */
export const responseSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('agent'), message: fromAgent }),
  /** `now` is the server's monotonic clock in ms, which its agents share. */
  z.object({ type: z.literal('pong'), id, now: z.number() }),
  z.object({
    type: z.literal('checked'),
    id,
    objection: z.object({ option: socketOptionsSchema.keyof(), reason: line(500) }).optional(),
  }),
  z.object({ type: z.literal('examined'), id, findings: z.array(findingSchema).max(64) }),
  z.object({ type: z.literal('invited'), id, ticket: nonce }),
  /** `problem`: why it failed, in one line. */
  z.object({ type: z.literal('visited'), id, problem: line(500).optional() }),
  /** The process of the agent has ended, and the session with it. */
  z.object({ type: z.literal('agent-gone'), reason: line(2000) }),
  refusedSchema,
])
export type Response = z.infer<typeof responseSchema>
