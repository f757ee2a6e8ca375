/** What a trial sends, as its agents are told. */
import * as z from 'zod'
import { count } from '../../../transports/contract/quantities.ts'
import { strayHostSchema } from '../../../transports/contract/reports.ts'
import { MOST_CHARACTERS, MOST_TIMES } from '../../../transports/contract/times.ts'
import { MADE_KINDS } from '../../../transports/payload/made.ts'

const generatedPayload = z.object({
  kind: z.literal('generated'),
  sizeBytes: count,
  chunkBytes: z.int().min(1),
  seed: count,
})
const filePayload = z.object({
  kind: z.literal('file'),
  path: z.string(),
  /** Of pictures in a row: the paths of the others. */
  others: z.array(z.string()).optional(),
  sizeBytes: count,
  chunkBytes: z.int().min(1),
})
/** Pictures and others, which both ends make of this. */
const madePayload = generatedPayload.extend({ kind: z.literal('made'), made: z.enum(MADE_KINDS) })
export const payloadSchema = z.discriminatedUnion('kind', [generatedPayload, madePayload, filePayload])
export type PayloadSpec = z.infer<typeof payloadSchema>
/** A client on another host says nothing of paths. */
export const clientPayloadSchema = z.discriminatedUnion('kind', [
  generatedPayload,
  madePayload,
  filePayload.omit({ path: true, others: true }),
])

/** Pictures in a row: how many are due at most, and how far apart; without that each follows an answer, for a time. */
export const framesSchema = z.object({
  most: z.int().min(1).max(MOST_TIMES),
  everyMs: z.number().positive().optional(),
  durationMs: z.number().min(0).optional(),
})

/** As `encodeTimes` writes them; and lengths of pictures, with the beginnings of their digests. */
const times = z.string().max(MOST_CHARACTERS)
const digests = z.array(z.string().max(32)).max(MOST_TIMES)
/** When each picture was due and left (NaN: never), after `startedAt`; how many were answered; and what they were, in turn. */
export const framesSentSchema = z.object({ due: times, left: times, answered: count, digests })
/** When each transfer was whole (NaN: never), after `firstAt`, and what it was. */
export const framesCameSchema = z.object({
  whole: times,
  digests,
  /** As that of the counts of datagrams. */
  strayFrom: strayHostSchema.optional(),
})
