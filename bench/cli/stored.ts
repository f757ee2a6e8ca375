/** Results of files as whole records, for what shows them again: a report, or a terminal. */
import { readIntervals } from '../../results/read/intervals.ts'
import { labelsOf } from '../../results/read/labels.ts'
import { readRecords } from '../../results/read/read.ts'
import type { TrialRecord } from '../../results/schema/columns.ts'
import type { Selector } from '../../results/select/selector.ts'
import { OverTime } from '../../results/statistics/over-time.ts'
import type { Context } from './command.ts'

/** Returns the files that have rows, each with its intervals if it has streams; and what could not be read. @throws UsageError */
export async function readStored(
  { files, filter }: { readonly files: readonly string[]; readonly filter: Selector | undefined },
  { signal }: Pick<Context, 'signal'>,
) {
  const labels = labelsOf(files)
  const result = await readRecords(files, { signal, ...(filter ? { filter } : {}) })
  const problems = result.problems.map(each => each.message)
  const read = []
  for (const [index, records] of result.files.entries()) {
    if (records.length === 0) continue
    const { overTime, problem } = await readOverTime(
      files[index] ?? '-',
      records,
      signal,
      filter === undefined,
    )
    if (problem !== undefined) problems.push(problem)
    read.push({ label: labels[index] ?? '', records, manifests: result.manifests[index] ?? [], overTime })
  }
  return { files: read, problems }
}

/** The intervals beside a file that has streams. @param all every run of it was read: intervals of others do not belong to it */
async function readOverTime(
  path: string,
  records: readonly TrialRecord[],
  signal: AbortSignal,
  all: boolean,
) {
  if (records.every(each => each.size_bytes !== undefined)) return {}
  const overTime = new OverTime()
  const runs = all ? { runs: new Set(records.map(each => each.run_id)) } : {}
  const problem = await readIntervals(path, row => overTime.add(row), { ...runs, signal })
  return { overTime, problem }
}
