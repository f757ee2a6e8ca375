/** What holds where nothing is said: known without a schema, since the command line needs it before anything else. */
import { parseBytes } from '../bench/units.ts'
import type { Scenario } from './schema.ts'

/** What holds where neither a flag nor the scenario says otherwise. */
export const DEFAULTS = {
  transports: ['tcp', 'udp-header', 'udp-marker'],
  sizesBytes: [parseBytes('800k')],
  chunksBytes: [parseBytes('1024')],
  repeat: 20,
  warmup: 1,
  nodelay: true,
  verify: 'full',
  seed: 1,
  ipFamily: 4,
} as const satisfies Partial<Scenario>

/** Recorded rounds, and how many of them a pair of processes has, where nothing is said. */
export interface UsualRounds {
  readonly repeat: number
  readonly ofProcess: number
}

/** A process costs as much as ten rounds to start and to warm up. */
export const SINGLE_ROUNDS: UsualRounds = { repeat: DEFAULTS.repeat, ofProcess: 10 }
/** Of two sides: so many find 10 % 4 times of 5 on a quiet machine (docs/statistics.md). */
export const PAIRED_ROUNDS: UsualRounds = { repeat: 24, ofProcess: 6 }

/** How many fresh processes a run has where nothing is said. */
export function usualProcesses(repeat: number, { ofProcess }: UsualRounds): number {
  return Math.max(1, Math.floor(repeat / ofProcess))
}

/** A scenario that says how many rounds and processes it has. */
export function withRounds<T extends Pick<Scenario, 'repeat' | 'processes'>>(
  scenario: T,
  usual: UsualRounds,
): T {
  const repeat = scenario.repeat ?? usual.repeat
  return { ...scenario, repeat, processes: scenario.processes ?? usualProcesses(repeat, usual) }
}
