/** The machine and the programs that a run took place on. */
import { readFileSync } from 'node:fs'
import { arch, availableParallelism, cpus, hostname, platform, release } from 'node:os'
import { z } from 'zod'
import type { TrialRecord } from '../results/columns.ts'

export type Environment = Pick<
  TrialRecord,
  'os' | 'os_release' | 'arch' | 'cpu_model' | 'cpu_count' | 'node_version' | 'bench_version' | 'host'
>

/** Version of this program, from its package.json. */
export const BENCH_VERSION = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))).version

export function environment(): Environment {
  return {
    os: platform(),
    os_release: release(),
    arch: arch(),
    cpu_model: cpus()[0]?.model.trim() || 'unknown',
    cpu_count: availableParallelism(),
    node_version: process.versions.node,
    bench_version: BENCH_VERSION,
    host: hostname(),
  }
}
