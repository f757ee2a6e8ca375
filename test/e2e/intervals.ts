/** The table of intervals as a stranger reads it, and what must hold of it. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { parse } from 'csv-parse/sync'
import type { TrialRecord } from '../../results/schema/columns.ts'

type Interval = Readonly<Record<string, string>>

export function intervalsOf(path: string): Interval[] {
  return parse(readFileSync(path, 'utf8'), { columns: true, record_delimiter: '\r\n' })
}

/** The intervals of a row are consecutive, and add up to it. */
export function assertAddUp(row: TrialRecord, all: readonly Interval[]): void {
  const own = all.filter(each => each['trial'] === `${row.trial}` && each['flow'] === `${row.flow}`)
  assert.ok(own.length >= 3, `${own.length} intervals`)
  assert.deepEqual(
    own.map(each => Number(each['interval'])),
    own.map((_, index) => index + 1),
  )
  const sum = (name: string) => own.reduce((total, each) => total + Number(each[name]), 0)
  assert.equal(sum('bytes_delivered'), row.bytes_delivered)
  for (const name of ['datagrams_accepted', 'datagrams_delivered', 'datagrams_lost'] as const)
    if (row[name] !== undefined) assert.equal(sum(name), row[name], name)
  for (const each of own) assert.deepEqual([each['run_id'], each['transport']], [row.run_id, row.transport])
}
