/** Rounds without a fixed number: they go on until medians are known well. Pure. */
import * as z from 'zod'
import type { Conflict } from './conflict.ts'
import { DEFAULTS } from './defaults.ts'
import type { Scenario } from './schema.ts'
import type { Grammar } from './settings/grammar.ts'
import { SHARE, TIMEOUT } from './settings/units.ts'

/** When a plan ends that has at least `repeat` rounds. */
export const untilSchema = z.strictObject({
  /** Half of the 95 % interval of each case may be this share of its median. */
  share: z.number().positive(),
  /** No round begins later than this, after the first `repeat`. */
  withinMs: z.number().positive(),
  /** Rounds of each pair of processes. */
  ofProcess: z.int().min(1),
})
export type Until = Readonly<z.infer<typeof untilSchema>>

/** @param ofProcess rounds of each pair of processes */
export function untilOf(
  { untilShare, maxTimeMs = DEFAULTS.maxTimeMs }: Pick<Scenario, 'untilShare' | 'maxTimeMs'>,
  ofProcess: number,
): Until | undefined {
  if (untilShare === undefined || untilShare === 'none') return undefined
  return { share: untilShare, withinMs: maxTimeMs, ofProcess }
}

/** `± 5 %`, as it was asked for. */
export function describeShare({ share }: Pick<Until, 'share'>): string {
  return `± ${SHARE.format(share).replace('%', ' %')}`
}

/** `5m`, as --max-time was given. */
export function describeMaxTime({ withinMs }: Pick<Until, 'withinMs'>): string {
  const grammar: Grammar<number> = TIMEOUT
  return grammar.format(withinMs)
}

export function* ofRounds({ untilShare, maxTimeMs }: Scenario): Iterable<Conflict> {
  if (maxTimeMs !== undefined && untilShare === undefined)
    yield {
      settings: ['max-time', 'until'],
      message: name =>
        `${name('max-time')} ends rounds that go on until intervals are narrow; add ${name('until', '5%')}, or leave it out`,
    }
}
