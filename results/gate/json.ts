/** A gate as JSON: `docs/check.schema.json`. Pure. */

import * as z from 'zod'
import { harmlessJson } from '../../base/foreign-text.ts'
import { CELL_FIELDS } from '../schema/cells.ts'
import { recordSchema } from '../schema/record.ts'
import { type Gate, KINDS, STATUSES } from './check.ts'

const SCHEMA_VERSION = 1

const status = z.enum(STATUSES)
const cell = z.object(Object.fromEntries(CELL_FIELDS.map(field => [field, recordSchema.shape[field]])))
const interval = z.object({ low: z.number(), high: z.number() })

const figures = z.object({
  unit: z.enum(['bit/s', 'ms', '0 to 1', 'trials', 'datagrams', 'B']).optional(),
  value: z.number().describe('Of the results.').optional(),
  valueInterval: interval.describe('Of the value, 95 %.').optional(),
  limit: z.number().describe('What a threshold permits.').optional(),
  base: z.number().describe('Of the baseline, or of side A.').optional(),
  change: z
    .number()
    .describe('Results / base; for a loss, the difference of both. Absent when the base is 0.')
    .optional(),
  changeInterval: interval.describe('Of the change, 95 %.').optional(),
  p: z.number().describe('Of the test.').optional(),
  pHolm: z.number().describe('After Holm over all that were judged together.').optional(),
  delta: z.number().describe('The least effect that counts, as a share.').optional(),
  basis: z.enum(['trials', 'pairs', 'processes', 'runs']).describe('What `count` is a number of.').optional(),
  count: z.number().optional(),
})

const again = z.union([
  z.object({ status, sentence: z.string(), figures }).describe('What fresh trials said.'),
  z.object({ notMeasured: z.string().describe('Why there are no fresh trials.') }),
])

const check = z.object({
  kind: z
    .enum(KINDS)
    .describe(
      'What was judged: a threshold; against a baseline or side A: a metric, loss, or a fact (refusal, damage, failure, delivery, missing: trials, or with --strict any judgement of the case).',
    ),
  subject: z.string().describe('The threshold as it was written, or what was compared.'),
  cell: cell.describe('Absent for a threshold that speaks of no cell.').optional(),
  status: status.describe(
    'failed: a threshold is broken, a regression is proven, or a fact says so; inconclusive: neither proven nor excluded; skipped: shown and not judged.',
  ),
  sentence: z.string().describe('What was found, in one sentence.'),
  statistical: z.boolean().describe('A failure has to show again in fresh trials, where these can be had.'),
  figures,
  again: again.optional(),
})

export const gateSchema = z.object({
  schema_version: z.literal(SCHEMA_VERSION),
  verdict: z.enum(['passed', 'failed']).describe('failed: exit code 3.'),
  strict: z.boolean().describe('What is inconclusive or was skipped fails too.'),
  started_at: z.string().describe('UTC, ISO 8601.'),
  heading: z.array(z.string()).describe('What was judged, and against what.'),
  checks: z.array(check),
  notes: z
    .array(z.object({ message: z.string(), remedy: z.string().optional() }))
    .describe('What to know beside the checks.'),
})

/** The document of `--json`. Figures that are infinite, or that nobody knows, are absent. */
export function gateJson({ verdict, strict, heading, checks, notes }: Gate, startedAt: string): string {
  const document: z.input<typeof gateSchema> = {
    schema_version: SCHEMA_VERSION,
    ...{ verdict, strict, started_at: startedAt },
    heading: [...heading],
    checks: checks.map(each => ({ ...each, cell: each.cell && { ...each.cell } })),
    notes: notes.map(each => ({ ...each })),
  }
  const finite = (_key: string, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? undefined : value
  return `${harmlessJson(JSON.stringify(document, finite, 2))}\n`
}

/** docs/check.schema.json */
export function gateJsonSchema(): string {
  const schema = z.toJSONSchema(gateSchema, { io: 'input' })
  return `${JSON.stringify({ title: 'What bench check says', ...schema }, null, 2)}\n`
}
