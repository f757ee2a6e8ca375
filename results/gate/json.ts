/** A gate as JSON: `docs/check.schema.json`. Pure. */

import * as z from 'zod'
import { renderJson, shaped } from '../document/json.ts'
import { checkSchema, type Gate } from './check.ts'

const SCHEMA_VERSION = 1

export const gateSchema = z.object({
  schema_version: z.literal(SCHEMA_VERSION),
  verdict: z.enum(['passed', 'failed']).describe('failed: exit code 3.'),
  strict: z.boolean().describe('What is inconclusive or was skipped fails too.'),
  started_at: z.string().describe('UTC, ISO 8601.'),
  heading: z.array(z.string()).describe('What was judged, and against what.'),
  checks: z.array(checkSchema),
  notes: z
    .array(z.object({ message: z.string(), remedy: z.string().optional() }))
    .describe('What to know beside the checks.'),
})

/** The document of `--json`. Figures that are infinite, or that nobody knows, are absent. */
export function gateJson(gate: Gate, startedAt: string): string {
  return renderJson(shaped(gateSchema, { ...gate, startedAt, schemaVersion: SCHEMA_VERSION }), 2)
}
