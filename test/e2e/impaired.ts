/** Runs over an emulated way, and what must be true of their rows. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { bench, folder } from './cli.ts'
import { assertLaw, readCsv } from './rows.ts'

export const SHORT = ['--warmup', '0', '--processes', '1', '--no-chart', '--out', 'i.csv'] as const
/** Headers and markers, which the relay takes for datagrams like others. */
const MOST_PARTS = 2

export async function measured(
  context: TestContext,
  words: readonly string[],
): Promise<{ readonly rows: readonly TrialRecord[]; readonly stdout: string; readonly cwd: string }> {
  const cwd = folder(context)
  const { code, stdout, stderr } = await bench(['run', ...words, ...SHORT], { cwd })
  assert.equal(code, 0, stderr)
  const rows = readCsv(join(cwd, 'i.csv'))
  assertLaw(rows)
  return { rows, stdout, cwd }
}

/** The truth of the relay, and what the ends counted without knowing it. */
export function assertTruth(row: TrialRecord): void {
  const told = JSON.stringify(row)
  const {
    datagrams_accepted: accepted = 0,
    datagrams_lost: lost = 0,
    datagrams_delivered: delivered = 0,
  } = row
  const { relay_up_taken: taken = 0, relay_up_lost: chance = 0, relay_up_dropped: dropped = 0 } = row
  const { relay_up_duplicated: twice = 0, relay_up_passed: passed = 0, relay_up_refused: refused = 0 } = row
  // Of several flows the first has them.
  assert.equal(row.relay_drops ?? 0, 0, told)
  assert.equal(passed + refused, taken + twice - chance - dropped, told)
  const parts = taken - accepted
  assert.ok(parts >= 0 && parts <= MOST_PARTS, told)
  // Some of what it lost may have been these parts.
  const gone = chance + dropped + (row.datagrams_corrupt ?? 0) + (row.lost_receive_buffer ?? 0)
  assert.ok(lost <= gone && lost >= gone - parts - twice, told)
  assert.equal(delivered + lost, accepted, told)
}
