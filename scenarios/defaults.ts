/** What holds where nothing is said: known without a schema, since the command line needs it before anything else. */
import { parseBytes } from '../base/units.ts'
import { DEFAULT_TRANSPORTS } from '../transports/catalog.ts'
import type { Scenario } from './schema.ts'

/** What holds where neither a flag nor the scenario says otherwise. */
export const DEFAULTS = {
  transports: DEFAULT_TRANSPORTS,
  sizesBytes: [parseBytes('800k')],
  chunksBytes: [parseBytes('1024')],
  repeat: 20,
  warmup: 1,
  nodelay: true,
  verify: 'full',
  seed: 1,
  ipFamily: 4,
} as const satisfies Partial<Scenario>

/** Recorded rounds where nothing is said, how many of them a pair of processes has at least, and how many such pairs there are at most. */
export interface UsualRounds {
  readonly repeat: number
  readonly ofProcess: number
  readonly processes: number
}

/** A process costs as much as ten rounds to start and to warm up. */
export const SINGLE_ROUNDS: UsualRounds = {
  repeat: DEFAULTS.repeat,
  ofProcess: 10,
  processes: Number.POSITIVE_INFINITY,
}
/** Of two sides: a round costs 40 ms, fresh processes two seconds, and most of what pairs differ by is chance (docs/statistics.md). */
export const PAIRED_ROUNDS: UsualRounds = { repeat: 60, ofProcess: 6, processes: 4 }

/** How many fresh processes a run has where nothing is said. */
export function usualProcesses(repeat: number, { ofProcess, processes }: UsualRounds): number {
  return Math.max(1, Math.min(processes, Math.floor(repeat / ofProcess)))
}

/** A scenario that says how many rounds and processes it has. */
export function withRounds<T extends Pick<Scenario, 'repeat' | 'processes'>>(
  scenario: T,
  usual: UsualRounds,
): T {
  const repeat = scenario.repeat ?? usual.repeat
  return { ...scenario, repeat, processes: scenario.processes ?? usualProcesses(repeat, usual) }
}
