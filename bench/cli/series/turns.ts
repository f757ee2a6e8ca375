/** When the turns of a series begin: at multiples of its period from the first, so that a late one does not move those after it. Pure. */
import { finalize, seededRandom } from '../../../base/random.ts'

export interface Schedule {
  /** When turn 0 begins, in ms since 1970. */
  readonly firstMs: number
  readonly everyMs: number
  /** Turns after the first begin up to this much later; less than the period. */
  readonly jitterMs: number
  readonly seed: number
}

export function dueMs({ firstMs, everyMs, jitterMs, seed }: Schedule, turn: number): number {
  const delayMs = turn === 0 ? 0 : seededRandom(finalize(seed) + turn)() * jitterMs
  return firstMs + turn * everyMs + delayMs
}

/** The first turn after `turn` that is not over: those between are missed. */
export function nextTurn(schedule: Schedule, turn: number, nowMs: number): number {
  const least = Math.max(turn + 1, Math.floor((nowMs - schedule.firstMs) / schedule.everyMs))
  return dueMs(schedule, least) >= nowMs ? least : least + 1
}
