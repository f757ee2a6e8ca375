/** How often what looks worse is measured again. Pure. */
import { AGAIN_ROUNDS } from '../../results/gate/check.ts'
import type { Plan } from '../../scenarios/plan.ts'

const AGAIN_PROCESSES = 4

/**
 * More rounds, in more pairs of processes: where these turn out to differ, two or three of them prove next to nothing.
 * @param measured the rounds that there were
 */
export function moreRounds(plan: Plan, measured: number): Pick<Plan, 'repeat' | 'processes' | 'until'> {
  const { until } = plan
  const { repeat, processes } = until
    ? { repeat: measured, processes: Math.ceil(measured / until.ofProcess) }
    : plan
  return {
    repeat: AGAIN_ROUNDS * repeat,
    processes: Math.max(AGAIN_ROUNDS * processes, AGAIN_PROCESSES),
    until: undefined,
  }
}
