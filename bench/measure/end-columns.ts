/** The columns for each end's host, versions and engine. Pure. */
import type { TrialRecord } from '../../results/schema/columns.ts'
import type { Place, Role } from '../fleet/places.ts'

export function endColumns(role: Role, { engine, environment }: Place): Partial<TrialRecord> {
  return {
    [`${role}_host`]: environment.host,
    [`${role}_os`]: environment.os,
    [`${role}_os_release`]: environment.os_release,
    [`${role}_arch`]: environment.arch,
    [`${role}_cpu_model`]: environment.cpu_model,
    [`${role}_cpu_quota`]: environment.cpu_quota,
    [`${role}_node_version`]: environment.node_version,
    [`${role}_bench_version`]: environment.bench_version,
    [`${role}_engine`]: engine,
  }
}
