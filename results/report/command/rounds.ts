/** How often, and in how many processes: told from rows. */
import { groupBy } from '../../schema/cells.ts'
import type { TrialRecord } from '../../schema/columns.ts'
import type { CaseFlags } from './flags.ts'

/** Rounds of a pair of processes where nothing is said, and the most such pairs (scenarios/defaults.ts), in `bench run`, and in `bench ab` and `bench aa`. */
export const USUAL_ROUNDS = {
  run: { ofProcess: 10, processes: Number.POSITIVE_INFINITY },
  pairs: { ofProcess: 6, processes: 4 },
} as const

/** `--repeat 20`, and `--processes 5` where that is not what so many rounds have by default. */
export function roundWords(
  cases: readonly CaseFlags[],
  usually: (typeof USUAL_ROUNDS)[keyof typeof USUAL_ROUNDS],
): readonly string[] {
  const rounds = most(cases.flatMap(({ summary }) => summary.records.map(each => each.round)))
  const processes = most(cases.map(({ summary }) => processesOf(summary.records)))
  const usual = Math.max(1, Math.min(usually.processes, Math.floor(rounds / usually.ofProcess)))
  return [
    ...['--repeat', String(rounds)],
    ...(processes === 0 || processes === usual ? [] : ['--processes', String(processes)]),
  ]
}

/** Of one case, which every pair of processes of its run has carried; 0 where rows do not tell. What came for one that failed is not counted. */
function processesOf(records: readonly TrialRecord[]): number {
  const runs = [...groupBy(records, each => each.run_id).values()]
  return most(
    runs.map(run => {
      const inOrder = run.toSorted((a, b) => a.trial - b.trial)
      const known = new Set<number>()
      let replaced = 0
      for (const [index, { process }] of inOrder.entries()) {
        if (process === undefined || known.has(process)) continue
        if (isFailed(inOrder[index - 1])) replaced++
        known.add(process)
      }
      return known.size - replaced
    }),
  )
}

function isFailed(record: TrialRecord | undefined): boolean {
  return record?.outcome === 'failed' || record?.outcome === 'timed-out'
}

function most(values: readonly number[]): number {
  return values.reduce((largest, each) => Math.max(largest, each), 0)
}
