/** What a workload of a plug-in says is checked before anything relies on it: a row must be readable, and every wait must end. Pure. */
import { errorMessage, UsageError } from '../../base/errors.ts'
import { type ColumnName, columnOf, isColumnName } from '../../results/schema/columns.ts'
import { checkedValue, Unusable } from '../../results/schema/value.ts'
import type { Case } from '../../scenarios/plan.ts'
import { ROWS } from '../../scenarios/settings/rows.ts'
import { type Extended, obstacleTo, workloadOf } from '../workloads/catalog.ts'
import type { Clocks } from '../workloads/clocks.ts'
import type { AlignedReports, FlowColumns, Job, Limits, Workload } from '../workloads/workload.ts'

/** @throws UsageError if there is no such workload, or if it cannot carry the case */
export function checkWorkload(catalog: Extended, each: Case): void {
  try {
    workloadOf(catalog, each)
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(faultOfObstacle(each.workload, error), { cause: error })
  }
}

/** Why a workload cannot be carried over a transport, or cannot say that; undefined if it can. */
export function obstacleToWorkload(
  catalog: Extended,
  each: Pick<Case, 'workload' | 'transport'>,
): string | undefined {
  try {
    return obstacleTo(catalog, each)
  } catch (error) {
    return faultOfObstacle(each.workload, error)
  }
}

/** The limits; or the columns of a failed trial that name the workload, if they are none. */
export function checkedLimits(workload: Workload, job: Job, clocks: Clocks): Limits | FlowColumns {
  try {
    const limits: Partial<Limits> = workload.limits(job, clocks) ?? {}
    const {
      timeoutMs = Number.NaN,
      answerTimeoutMs = Number.NaN,
      drainMs = Number.NaN,
      graceMs = Number.NaN,
    } = limits
    const checked = { timeoutMs, answerTimeoutMs, drainMs, graceMs }
    const wrong = Object.entries(checked).find(([, ms]) => !(ms >= 0 && Number.isFinite(ms)))
    return wrong ? broken(workload, 'limits', `${wrong[0]} is not a time in ms: ${wrong[1]}`) : checked
  } catch (error) {
    return broken(workload, 'limits', error)
  }
}

/** The columns of the row; or those of a failed trial that name the workload, if they are none. */
export function checkedAccount(workload: Workload, job: Job, reports: AlignedReports): FlowColumns {
  try {
    const columns: Partial<FlowColumns> = workload.account(job, reports) ?? {}
    const wrong = Object.entries(columns).map(objectionTo).find(Boolean)
    const { outcome } = columns
    if (outcome === undefined || wrong !== undefined)
      return broken(workload, 'account', wrong ?? 'it says no outcome')
    return { ...columns, outcome }
  } catch (error) {
    return broken(workload, 'account', error)
  }
}

function objectionTo([name, value]: [string, unknown]): string | undefined {
  if (!isColumnName(name)) return `there is no column ${name}`
  if (!isMeasured(name)) return `${name}: it says what was asked or where, and is not the workload's`
  const checked = checkedValue(columnOf(name), value)
  return checked instanceof Unusable ? `${name}: ${checked.reason}` : undefined
}

/** Some settings are read back into their own column. */
function isMeasured(name: ColumnName): boolean {
  const { role } = columnOf(name)
  return role === 'measured' || role === 'given' || ROWS.some(([, { given }]) => given === name)
}

function broken({ name }: Workload, part: string, what: unknown): FlowColumns {
  return {
    outcome: 'failed',
    error_phase: 'prepare',
    error_code: 'BAD_WORKLOAD',
    error_message: faultOf(name, part, what),
  }
}

function faultOfObstacle(workload: string | undefined, error: unknown): string {
  return `${faultOf(workload, 'obstacle', error)}; leave it out`
}

/** `the workload idle fails in limits: …` */
export function faultOf(workload: string | undefined, part: string, what: unknown): string {
  return `the workload ${workload} fails in ${part}: ${errorMessage(what)}`
}
