/** What stands between the ends of a trial, and emulates the way. */
import * as z from 'zod'
import type { Endpoint } from '../contract/socket-facts.ts'
import { linkCountsSchema, type Way } from './spec.ts'

export interface RelaySetting {
  /** Where it takes what the sender sends. */
  readonly local: Endpoint
  /** The receiver. */
  readonly to: Endpoint
  readonly way: Way
  /** Of its chances: the same seed has the same of them. */
  readonly seed: number
  readonly signal: AbortSignal
}

/** The truth of what it did. */
export const relayReportSchema = z.object({
  up: linkCountsSchema,
  down: linkCountsSchema,
  /** The longest that something was handed on after it was due, in ms. */
  lateMs: z.number().min(0),
  /** Datagrams that its own receive buffers dropped: nothing of that is the way's. Absent where its engine does not know. */
  drops: z.int().min(0).optional(),
})
export type RelayReport = z.infer<typeof relayReportSchema>

export interface Relay extends AsyncDisposable {
  /** Where the sender sends to. */
  readonly endpoint: Endpoint
  report(): RelayReport
}
