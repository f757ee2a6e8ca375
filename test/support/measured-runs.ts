/** Runs measured in this process, with agents of their own. */
import { readFileSync } from 'node:fs'
import { flowHere } from '../../bench/fleet/flow.ts'
import { blocksOf } from '../../bench/measure/blocks.ts'
import { measureRun, type RunOptions } from '../../bench/measure/run.ts'
import { BUILT_IN } from '../../bench/workloads/catalog.ts'
import type { TrialRecord } from '../../results/schema/columns.ts'
import type { Plan } from '../../scenarios/plan.ts'
import { NEVER } from './transfers.ts'

/** Every record of a run; `each` is called with it as it comes. */
export async function recordsOf(
  plan: Plan,
  options: Partial<RunOptions> = {},
  each: (record: TrialRecord) => void | Promise<void> = () => {},
): Promise<TrialRecord[]> {
  const records: TrialRecord[] = []
  for await (const { record } of measureRun(blocksOf([[{ plan, flows: [flowHere(plan.engine)] }]]), {
    catalog: BUILT_IN,
    signal: NEVER,
    ...options,
  })) {
    records.push(record)
    await each(record)
  }
  return records
}

/** Process ids of this process's living children, the oldest first. */
export function children(): readonly number[] {
  const { pid } = process
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1')
    .trim()
    .split(/\s+/)
    .filter(Boolean)
    .map(Number)
}
