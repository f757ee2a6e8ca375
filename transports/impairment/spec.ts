/** What an emulated way does to packets, with the names and meanings of netem (tc-netem(8)). */
import * as z from 'zod'
import { ms } from '../contract/quantities.ts'
import { longestGapMs, readTrace } from './trace.ts'

const share = z.number().min(0).max(1)

export const DISTRIBUTIONS = ['uniform', 'normal', 'pareto', 'paretonormal'] as const

/** A share of the packets; `correlation` is how much each decision depends on the one before. */
const chance = z.object({ share, correlation: share.optional() })
export type Chance = Readonly<z.infer<typeof chance>>

const linkSchema = z.object({
  delay: z
    .object({
      ms,
      /** The most, or the standard deviation, by which it differs from packet to packet. */
      jitterMs: ms.optional(),
      distribution: z.enum(DISTRIBUTIONS).optional(),
      correlation: share.optional(),
    })
    .optional(),
  loss: z
    .union([
      chance,
      /** Gilbert-Elliott: from good to bad, from bad to good; the loss in each. */
      z.object({ toBad: share, toGood: share, inBad: share, inGood: share }),
    ])
    .optional(),
  duplicate: chance.optional(),
  corrupt: chance.optional(),
  /** Leave at once, ahead of those that wait for their delay. */
  reorder: chance.optional(),
  rateBps: z.number().positive().optional(),
  /** Instead of a rate: a file of the moments at which a packet can leave. */
  trace: z.string().optional(),
  /** Of packets that wait for the rate. */
  queueBytes: z.int().min(1).optional(),
  /** A larger packet travels in fragments, each of which may be lost. */
  mtuBytes: z.int().min(68).max(65_535).optional(),
})
export type Link = Readonly<z.infer<typeof linkSchema>>

/** From the sender to the receiver, and back. */
export const waySchema = z.object({ up: linkSchema, down: linkSchema })
export type Way = Readonly<z.infer<typeof waySchema>>

/** What became of the packets of one direction. */
export const linkCountsSchema = z.object({
  /** Datagrams that came to it; of a stream, bytes. */
  taken: z.int().min(0),
  /** Lost by chance, and dropped by a full queue. */
  lost: z.int().min(0),
  dropped: z.int().min(0),
  duplicated: z.int().min(0),
  corrupted: z.int().min(0),
  /** Left at once, ahead of others. */
  reordered: z.int().min(0),
  /** Handed on, and refused by the system at that. */
  passed: z.int().min(0),
  refused: z.int().min(0),
})
export type LinkCounts = z.infer<typeof linkCountsSchema>

export function noCounts(): LinkCounts {
  return { taken: 0, lost: 0, dropped: 0, duplicated: 0, corrupted: 0, reordered: 0, passed: 0, refused: 0 }
}

/** The longest that a packet of `bytes` spends on it, in ms: how long to wait for one. Jitter without bounds is taken at four deviations. */
export function longestMs({ delay, rateBps, trace, queueBytes }: Link, bytes: number): number {
  const { ms = 0, jitterMs = 0 } = delay ?? {}
  const waiting = rateBps === undefined ? 0 : ((queueOf({ rateBps, queueBytes }) + bytes) * 8000) / rateBps
  // A trace has moments without any.
  return ms + 4 * jitterMs + waiting + (trace === undefined ? 0 : longestGapMs(readTrace(trace)))
}

const CHANCES = ['loss', 'duplicate', 'corrupt', 'reorder'] as const

/** What of a way happens by chance: `loss, corrupt`; undefined for nothing. A relay of streams does none of it. */
export function chancesOf(way: Way | undefined): string | undefined {
  const some = CHANCES.filter(name =>
    [way?.up[name], way?.down[name]].some(each => each && (!('share' in each) || each.share > 0)),
  )
  return some.length > 0 ? some.join(', ') : undefined
}

/** Least queue where none is asked for. */
const LEAST_QUEUE_BYTES = 64 * 1024
/** For the round trip that a queue without a number holds. */
const USUAL_RTT_MS = 100

/** Of packets that wait for the rate, in bytes. */
export function queueOf({ rateBps = 0, queueBytes }: Pick<Link, 'rateBps' | 'queueBytes'>): number {
  return queueBytes ?? Math.max(LEAST_QUEUE_BYTES, (rateBps * USUAL_RTT_MS) / 8000)
}
