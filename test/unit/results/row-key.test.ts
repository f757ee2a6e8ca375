/** The key of a row in a database: the same in every version. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it, type TestContext } from 'node:test'
import { keyOf } from '../../../results/postgres/export.ts'
import { readRows } from '../../../results/read/read.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import { encode } from '../../../results/store/formats.ts'
import { record } from '../../support/results-samples.ts'

async function keysOf(context: TestContext, rows: readonly TrialRecord[]): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-keys-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'a.jsonl')
  writeFileSync(path, encode('jsonl', rows))
  const keys: string[] = []
  const { problems } = await readRows([path], row => keys.push(keyOf(row)))
  assert.deepEqual(problems, [])
  return keys
}

it('has nothing of the columns of a case that nobody asked for', async context => {
  const run = { run_id: '20260301T120000Z-abcd', round: 2, trial: 3 }
  const [key] = await keysOf(context, [record(run)])
  // Another digest would add every row of a database once more.
  assert.equal(key, 'ed586cb908f3a98a64a8bf3ac9b575c9')
})

it('differs where rows are different ones', async context => {
  const rows = [
    {},
    { trial: 2 },
    { trial: 9, flow: 1, flows: 2 },
    { trial: 9, flow: 2, flows: 2 },
    { transport: 'udp-header' },
    { congestion_asked: 'bbr' },
    { rate_bps: 1e6 },
    { chunk_bytes: 1e6 },
  ].map(each => record({ run_id: 'r', ...each }))
  assert.equal(new Set(await keysOf(context, rows)).size, rows.length)
})
