/** A comparison as one JSON document (`docs/compare.schema.json`). A key is absent where there is no such figure. */
import * as z from 'zod'
import { type ModelOf, renderJson, shaped } from '../document/json.ts'
import { CELL_FIELDS } from '../schema/cells.ts'
import { cellSchema } from '../schema/record.ts'
import { type ComparedRow, type Comparison, WARNING_CODES } from './comparison.ts'
import { only } from './rows.ts'

const SCHEMA_VERSION = 1

const count = z.int().min(0)
const share = z.number().min(0).max(1)
const intervalSchema = z
  .object({ low: z.number().optional(), high: z.number().optional() })
  .describe('95 %. An end that is infinite is absent.')
const verdictSchema = z
  .enum(['better', 'worse', 'same', 'no evidence', 'inconclusive'])
  .describe(
    '`better` and `worse`: the interval excludes no change, the effect is at least `delta`, the test is significant after Holm. `same`: the interval excludes a change of `delta` either way. `inconclusive`: a change of `delta` for the worse is neither proven nor excluded.',
  )

const refusalsSchema = z.object({
  offered: count.describe(
    'Datagrams of the payload that were offered to the system, and headers or markers that it refused.',
  ),
  refused: count.describe('Refused by it.'),
  largest_accepted_bytes: count
    .optional()
    .describe(
      'The largest datagram of a trial in which some were accepted and none was refused for its size.',
    ),
  smallest_refused_bytes: count.optional().describe('The smallest that was (EMSGSIZE).'),
  emulated: z.literal(true).optional().describe('The limit is that of `--max-datagram` or `--os-profile`.'),
})

/** The figures of a cell in a set, for CSV and JSON. */
export const figuresSchema = z.object({
  set: count.describe('Index into `sets`.'),
  trials: count.describe('Trials of the cell in the set.'),
  failed: count.describe('Trials that failed.'),
  timed_out: count.describe('Trials that timed out.'),
  damaged: count.describe('Trials in which damaged bytes arrived.'),
  not_begun: count.describe('Trials whose header or marker before the payload was refused or lost.'),
  estimate: z
    .object({
      n: count.describe('Trials that have a value of the metric.'),
      median: z.number().describe('Their median.'),
      interval: intervalSchema.optional(),
    })
    .optional()
    .describe('Estimate of the metric, in the unit of its column.'),
  change: z
    .object({
      basis: z
        .enum(['pairs', 'processes', 'runs', 'single'])
        .describe(
          '`pairs`: trials of one run and round; `processes`: medians of processes, of pairs whose sides do not share them or where they differ; `runs`: five or more runs of one side, whose variance is in the interval; `single`: unpaired samples of fewer runs.',
        ),
      n: count.describe(
        'Pairs; unpaired: the smaller number of trials; `runs`: runs; `processes`: the fewer of both sides.',
      ),
      left_out: count.describe('Values without a partner.'),
      ratio: z
        .number()
        .optional()
        .describe('Set / base: over 1 is more. When the base is 0, `Infinity` in CSV and absent in JSON.'),
      interval: intervalSchema.optional(),
      p: share.optional().describe('p of the test, two-sided.'),
      p_holm: share.optional().describe('After Holm’s correction over all rows and sets.'),
      delta: z.number().describe('The least effect that counts, as a share.'),
      verdict: verdictSchema,
    })
    .optional()
    .describe('Change from the base to this set.'),
  loss: z
    .object({
      lost: count.describe('How many of the accepted datagrams were lost.'),
      accepted: count.describe('Over all trials whose loss is known.'),
      ratio: share.describe('Lost / accepted.'),
      interval: intervalSchema,
      change: z
        .object({
          difference: z.number().describe('Set - base.'),
          interval: intervalSchema,
          p: share.optional(),
          p_holm: share.optional().describe('After Holm’s correction over all losses.'),
          delta: z.number().describe('The least difference that counts.'),
          verdict: verdictSchema,
        })
        .optional(),
    })
    .optional()
    .describe('Of datagrams; absent for streams.'),
  refusals: refusalsSchema.optional().describe('Of datagrams; absent for streams.'),
})

const systemSchema = z.object({
  name: z.string().describe('`Linux`, `Windows under wine`, `macOS profile on Linux` …'),
  stand_in: z.enum(['profile', 'wine']).optional().describe('Absent where it was the system itself.'),
  limits: z.array(
    refusalsSchema.extend({
      ip_family: z.literal([4, 6]),
      sndbuf_asked_bytes: count.optional(),
      expected_bytes: count.optional().describe('The largest that is documented.'),
      agreement: z
        .enum(['confirmed', 'fits', 'not reached', 'differs'])
        .optional()
        .describe(
          '`confirmed`: to the byte; `fits`: as far as was tried; `not reached`: nothing was refused. Absent where something stood in.',
        ),
      cause: z.string().optional().describe('What sets it, and what lifts it.'),
    }),
  ),
})

const differenceSchema = z.object({
  column: z.string(),
  values: z.array(z.array(z.string())).describe('Of each set, most frequent first.'),
})

export const metricSchema = z.object({
  name: z.string().describe('As in `--metric`.'),
  column: z.string().describe('Column of the results; its unit is in its name.'),
  better: z.enum(['higher', 'lower']),
})

export const comparisonSchema = z.object({
  schema_version: z.literal(SCHEMA_VERSION),
  metric: metricSchema,
  by: z.string().optional().describe('The column whose values the sets are; absent: each set is a file.'),
  filter: z.string().optional().describe('The conditions by which rows were chosen (`--filter`).'),
  sets: z.array(
    z.object({
      label: z.string().describe('No two are the same.'),
      runs: count,
      trials: count,
      started_at: z.string().optional().describe('When its first run began: UTC, ISO 8601.'),
    }),
  ),
  base: count.describe('Index of the set that the others are compared with.'),
  fields: z.array(z.enum(CELL_FIELDS)).describe('What distinguishes rows.'),
  common: cellSchema.partial().describe('The requested settings that all trials have in common.'),
  rows: z.array(
    z.object({
      cell: cellSchema.partial().describe('The values of `fields`; one that was not set is absent.'),
      figures: z.array(figuresSchema).describe('One for each set that has trials of the cell.'),
    }),
  ),
  geomeans: z
    .array(z.object({ set: count, ratio: z.number(), rows: count.describe('Rows with a ratio.') }))
    .describe('exp(mean ln ratio) of each set that has ratios.'),
  differences: z
    .array(differenceSchema)
    .describe('Differences between sets, or between trials of one set, other than what is compared.'),
  systems: z
    .object({
      sets: z.array(systemSchema).describe('Of each set.'),
      given: z
        .array(differenceSchema)
        .describe('What sockets asked for, and what they were given, where it differs.'),
      may: z.string().describe('What may be concluded.'),
      may_not: z.string().describe('What may not.'),
    })
    .optional()
    .describe('Absent where all sets are of one system.'),
  warnings: z.array(
    z.object({
      code: z.enum(WARNING_CODES).describe('At most one of a kind.'),
      message: z.string(),
      remedy: z.string(),
    }),
  ),
})

export function comparisonJson(comparison: Comparison): string {
  const { sets, fields, common, rows, geomeans } = comparison
  const [first] = rows
  const document = shaped(comparisonSchema, {
    ...comparison,
    schemaVersion: SCHEMA_VERSION,
    common: first ? only(first.cell, common) : {},
    rows: rows.map(row => ({
      cell: only(row.cell, fields),
      figures: sets.flatMap((_, set) => figuresOf(row, set)),
    })),
    geomeans: geomeans.flatMap((mean, set) => (mean ? [{ set, ...mean }] : [])),
  })
  return renderJson(document, 1)
}

/** None where the set has no trial of the cell. An end of an interval, and a ratio, may be infinite. */
export function figuresOf(row: ComparedRow, set: number): ModelOf<z.input<typeof figuresSchema>>[] {
  const troubles = row.troubles[set]
  if (!troubles) return []
  return [
    {
      set,
      ...troubles,
      estimate: row.estimates[set],
      change: row.changes[set],
      loss: row.losses[set],
      refusals: row.refusals[set],
    },
  ]
}
