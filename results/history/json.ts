/** A trend as one JSON document (`docs/trend.schema.json`). A key is absent where there is no such figure. */

import * as z from 'zod'
import { metricSchema } from '../compare/json.ts'
import { renderJson, shaped } from '../document/json.ts'
import { cellSchema } from '../schema/record.ts'
import type { Trend } from './trend.ts'

const SCHEMA_VERSION = 1

const index = z.int().min(0)
export const trendSchema = z.object({
  schema_version: z.literal(SCHEMA_VERSION),
  metric: metricSchema,
  delta: z.number().describe('The least change that counts, as a share.'),
  courses: z
    .array(
      z.object({
        machine: z
          .object({})
          .catchall(z.string())
          .describe(
            'What all runs have in common, by column: kernels without their patch, Node by its major version.',
          ),
        older: index.describe('Runs before these that were left out.'),
        runs: z.array(
          z.object({
            run_id: z.string(),
            started_at: z.string().describe('UTC, ISO 8601.'),
            commit: z.string().optional(),
          }),
        ),
        cells: z.array(
          z.object({
            cell: cellSchema.partial(),
            points: z.array(
              z.object({
                run: index.describe('Index into `runs`.'),
                n: index.describe('Trials that have a value.'),
                median: z.number(),
                low: z.number().optional().describe('Of the 95 % interval of the median.'),
                high: z.number().optional(),
              }),
            ),
            without: z
              .array(z.object({ run: index, outcomes: z.string().describe('As `6 refused`.') }))
              .describe('Runs whose trials of the cell have no value.'),
            changes: z
              .array(
                z.object({
                  point: index.describe('Index into `points`: with it the new level begins.'),
                  before: z.number().describe('Median of the medians of the level before.'),
                  after: z.number(),
                  ratio: z.number().optional().describe('after / before; absent when before is 0.'),
                  verdict: z.enum(['better', 'worse']),
                  p: z.number().describe('Of the permutation test.'),
                  same_commit: z.boolean().describe('The runs on both sides tested one commit.'),
                  also_changed: z.array(
                    z.object({ column: z.string(), before: z.string(), after: z.string() }),
                  ),
                }),
              )
              .describe('Found by E-divisive means; empty also where there are too few runs.'),
          }),
        ),
      }),
    )
    .describe('One for each kind of machine.'),
})

export function trendJson(trend: Trend): string {
  const document = shaped(trendSchema, {
    ...trend,
    schemaVersion: SCHEMA_VERSION,
    courses: trend.courses.map(course => ({
      ...course,
      machine: Object.fromEntries(
        course.machine.filter(each => each.value !== '').map(each => [each.column, each.value]),
      ),
      runs: course.runs.map(run => ({ runId: run.id, ...run })),
      cells: course.cells.map(each => ({
        ...each,
        points: each.points.map(point => ({ ...point, ...point.interval })),
      })),
    })),
  })
  return renderJson(document, 1)
}
