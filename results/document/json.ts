/** Models as JSON, for other programs. */
import * as z from 'zod'
import { harmlessJson } from '../../base/foreign-text.ts'

/** A document of a schema. What is infinite, or not a number, is absent. */
export function renderJson(document: unknown, indent: number): string {
  const finite = (_key: string, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? undefined : value
  return `${harmlessJson(JSON.stringify(document, finite, indent))}\n`
}

/** The schema itself, as docs/*.schema.json has it. */
export function renderSchema(title: string, schema: z.ZodType): string {
  return `${JSON.stringify({ title, ...z.toJSONSchema(schema, { io: 'input' }) }, null, 2)}\n`
}
