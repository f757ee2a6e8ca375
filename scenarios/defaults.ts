/** What holds if neither a flag nor a scenario says otherwise. */
import type { Scenario } from './schema.ts'
import { ROWS, type SettingName, type ValueOf } from './settings/rows.ts'
import type { SETTINGS } from './settings/settings.ts'

type Defaults = {
  readonly [Name in SettingName as (typeof SETTINGS)[Name]['value'] extends { initial: string }
    ? (typeof SETTINGS)[Name]['value']['field']
    : never]: ValueOf<Name>
}

export const DEFAULTS = Object.fromEntries(
  ROWS.flatMap(([, { field, grammar, initial, many }]) => {
    if (initial === undefined) return []
    return [[field, many ? initial.split(',').map(each => grammar.parse(each)) : grammar.parse(initial)]]
  }),
) as Defaults // Each grammar reads its own type of value.

/** Default number of recorded rounds, the fewest per pair of processes, and the most pairs of processes. */
export interface UsualRounds {
  readonly repeat: number
  readonly ofProcess: number
  readonly processes: number
}

/** Starting and warming up a process takes as long as ten rounds. */
export const SINGLE_ROUNDS: UsualRounds = {
  repeat: DEFAULTS.repeat,
  ofProcess: 10,
  processes: Number.POSITIVE_INFINITY,
}
/** A stream lasts, and the fewest rounds that give an interval are 6. */
export const STREAM_ROUNDS: UsualRounds = { ...SINGLE_ROUNDS, repeat: 6 }
/**
 * For a comparison of two sides: a round takes 40 ms, fresh processes two seconds, and most of the difference between pairs is chance
 * (docs/statistics.md).
 */
export const PAIRED_ROUNDS: UsualRounds = { repeat: 60, ofProcess: 6, processes: 4 }

/** Default number of fresh process pairs in a run. */
export function usualProcesses(repeat: number, { ofProcess, processes }: UsualRounds): number {
  return Math.max(1, Math.min(processes, Math.floor(repeat / ofProcess)))
}

export function withRounds<T extends Pick<Scenario, 'repeat' | 'processes'>>(
  scenario: T,
  usual: UsualRounds,
): T {
  const repeat = scenario.repeat ?? usual.repeat
  return { ...scenario, repeat, processes: scenario.processes ?? usualProcesses(repeat, usual) }
}
