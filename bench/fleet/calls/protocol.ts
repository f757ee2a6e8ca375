/** The messages of a control channel before authentication. */

import * as z from 'zod'
import { harmless } from '../../../base/foreign-text.ts'
import { environmentSchema } from './environment.ts'

/** Both sides must speak the same version. */
export const PROTOCOL = 2

/** One line to show to a user, without anything that could control a terminal. */
export function line(longest: number) {
  return z.string().transform(text => harmless(text).slice(0, longest))
}

export const nonce = z.string().regex(/^[0-9a-f]{64}$/)
const proof = z.string().regex(/^[0-9a-f]{64}$/)
const version = z.string().max(64)

/** Client to server, before authentication. */
export const helloSchema = z.object({
  type: z.literal('hello'),
  protocol: z.int(),
  version,
  nonce,
  /** Of a fleet, which has a host to itself; absent in others, and from clients before 0.2. */
  run: z
    .string()
    .regex(/^[\w-]{1,64}$/)
    .optional(),
})
/** Replaces hello: sent by a server that a client has sent to another one. Proves its address by connecting from there. */
export const visitSchema = z.object({ type: z.literal('visit'), nonce, proof })
export const proofSchema = z.object({ type: z.literal('proof'), proof: proof.optional() })
export const welcomeSchema = z.object({
  type: z.literal('welcome'),
  proof: proof.optional(),
  environment: environmentSchema,
  /** Names of those that work there, in order of preference. */
  engines: z.array(z.string().regex(/^[a-z0-9-]{1,32}$/)).max(16),
  /** Loaded there; absent from servers before 0.2. */
  plugins: z
    .array(z.object({ name: line(32), version: line(64) }))
    .max(64)
    .optional(),
  /** The client's address as the server sees it: differs from its own behind a NAT; absent from servers before 0.2. */
  peer: z
    .string()
    .regex(/^[\w.:%-]{1,64}$/)
    .optional(),
})
/** The server rejects a client; `reason` is one line to show to a user. */
export const refusedSchema = z.object({
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
