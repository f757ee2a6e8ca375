/** What is told of the machine and the programs of an end. */
import * as z from 'zod'

/** Of a host that may not be ours: nothing that a terminal would obey. */
const text = z
  .string()
  .max(256)
  .regex(/^\P{Cc}*$/u)
/** As in the columns of the same names. */
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
