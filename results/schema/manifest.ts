/**
 * What was measured and how, once for a run: the command, what it resolved to, and the programs. Beside a CSV in a file of its own, in JSON
 * Lines before the rows, in a JSON document under `run`.
 */
import * as z from 'zod'
import { isIntervalsName } from './intervals.ts'

export const MANIFEST_VERSION = 1
/** The longest note, in UTF-16 units. */
export const NOTE_MOST = 1000

export const manifestSchema = z.looseObject({
  record: z.literal('run').describe('Distinguishes it from a row.'),
  manifest_version: z.int().min(1).describe('Increases when a key changes its meaning.'),
  started_at: z.iso.datetime().describe('When the command began, in UTC.'),
  argv: z
    .array(z.string())
    .describe('Words of the command line after `bench`. Empty for a run by the library.'),
  note: z.string().max(NOTE_MOST).optional().describe('What `--note` says of the run; absent without it.'),
  bench_version: z.string(),
  node_version: z.string().describe('Version of Node that drove the run; the rows have that of each end.'),
  plugins: z
    .array(
      z.strictObject({
        name: z.string(),
        version: z.string(),
        transports: z.array(z.string()),
        workloads: z.array(z.string()),
        engines: z.array(z.string()),
        sinks: z.array(z.string()).describe('Extensions of their files.'),
      }),
    )
    .optional()
    .describe('Modules that `--plugin` loaded, and what each provides; absent where none was.'),
  hosts: z
    .array(z.record(z.string(), z.json()))
    .describe('The machines that took part, this one first, as far as they were known when the run began.'),
  search: z
    .object({
      goals: z
        .array(
          z.object({
            loss_ratio: z.number().min(0).max(1),
            exceed_ratio: z.number().min(0).lt(1),
            final_trial_ms: z.number().positive(),
            duration_sum_ms: z.number().positive(),
            width: z.number().positive(),
          }),
        )
        .min(1)
        .describe('Search Goals of RFC 9971; ratios and the width as shares, 0 to 1.'),
      within_ms: z.number().positive().describe('No trial began later.'),
    })
    .optional()
    .describe('What `bench search` was looking for; absent in other runs.'),
  turn: z
    .object({
      series: z
        .string()
        .optional()
        .describe('Name of its files without time and extension; absent without `--out`.'),
      number: z.int().min(0).describe('From 0; turns that were missed count.'),
      every_ms: z.number().positive().describe('Time from turn to turn.'),
    })
    .optional()
    .describe('Which turn of a series of runs it was (`--every`); absent in other runs.'),
  fleet: z
    .object({
      hosts: z
        .record(z.string(), z.record(z.string(), z.string()))
        .describe('By name, each with its labels.'),
      rounds: z
        .object({
          pairs: z.array(z.string()).describe('`--pairs`.'),
          sample: z.int().min(1).optional().describe('`--sample`; absent for all rounds.'),
          serial: z.int().min(0).describe('`--serial`.'),
          seed: z.int().min(0).describe('`--seed`; of a turn, its own.'),
        })
        .optional()
        .describe('What its rounds followed from, beside the hosts: who resumes it has the same.'),
    })
    .optional()
    .describe('What `bench fleet run` measured between; absent in other runs.'),
  probe: z.literal(true).optional().describe('It was `bench probe`; absent in other runs.'),
  plans: z
    .array(
      z.looseObject({
        side: z.enum(['a', 'b']).optional().describe('Only in a run of two sides.'),
        pins: z.strictObject({ sender: z.int().min(0), receiver: z.int().min(0) }).optional(),
        plan: z.json().describe('The scenario with all defaults resolved, and every case that is measured.'),
      }),
    )
    .describe('One a scenario (and side), in the order in which they are measured.'),
})
export type Manifest = z.infer<typeof manifestSchema>
export type SearchPlan = NonNullable<Manifest['search']>

/** `results.csv` -> `results.run.json` */
export function manifestPath(path: string): string {
  return `${path.replace(/\.[^./\\]*$/, '')}${MANIFEST_SUFFIX}`
}

/** Whether a file of this name stands beside results, and has none itself: a manifest, or the intervals of streams. */
export function isBesideResults(path: string): boolean {
  return path.endsWith(MANIFEST_SUFFIX) || isIntervalsName(path)
}

/** The result files among these names: a glob matches what stands beside them, too. */
export function resultFiles(paths: readonly string[]): readonly string[] {
  const results = paths.filter(path => !isBesideResults(path))
  return results.length > 0 ? results : paths
}

const MANIFEST_SUFFIX = '.run.json'
