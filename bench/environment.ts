/** The machine and the programs that a run took place on. */

import { readFileSync } from 'node:fs'
import { arch, availableParallelism, cpus, hostname, platform, release } from 'node:os'
import { z } from 'zod'
import { cpuQuota } from './doctor/cgroup.ts'
import { harmless } from './foreign-text.ts'

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

/** Version of this program, from its package.json. */
export const BENCH_VERSION = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))).version

export function environment(): Environment {
  const quota = cpuQuota()?.cpus
  return {
    os: platform(),
    os_release: release(),
    arch: arch(),
    cpu_model:
      harmless(cpus()[0]?.model ?? '')
        .trim()
        .slice(0, 256) || 'unknown',
    cpu_count: availableParallelism(),
    ...(quota === undefined ? {} : { cpu_quota: quota }),
    node_version: process.versions.node,
    bench_version: BENCH_VERSION,
    host: harmless(hostname()),
  }
}
