/** What rules say of rows. */
import assert from 'node:assert/strict'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { summarize } from '../../results/statistics/summary.ts'
import type { Warning } from '../../results/warnings/warning.ts'
import { findWarnings } from '../../results/warnings/warnings.ts'

/** @param ours the only end that rows speak of, as after `bench send` */
export function find(records: readonly TrialRecord[], ours?: 'sender' | 'receiver'): readonly Warning[] {
  return findWarnings(summarize(records), ours)
}

export function codes(records: readonly TrialRecord[]): readonly Warning['code'][] {
  return find(records).map(each => each.code)
}

/** The only warning that there is. */
export function only(records: readonly TrialRecord[], ours?: 'sender' | 'receiver'): Warning {
  const [warning, other] = find(records, ours)
  assert.equal(other, undefined, JSON.stringify(other))
  return warning ?? assert.fail('no warning')
}
