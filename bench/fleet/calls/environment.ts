/** Describes the machine and the programs of an end. */
import * as z from 'zod'

/** The host may not be trusted: allow nothing that could control a terminal. */
const text = z
  .string()
  .max(256)
  .regex(/^\P{Cc}*$/u)
/** Same names as the columns. */
export const environmentSchema = z.object({
  os: text,
  os_release: text,
  arch: text,
  cpu_model: text,
  cpu_count: z.int().min(1),
  cpu_quota: z.number().positive().optional(),
  node_version: text,
  bench_version: text,
  host: text,
})
export type Environment = z.infer<typeof environmentSchema>
