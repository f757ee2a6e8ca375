/** Each end's host, versions, engine and thread -> columns. Pure. */
import type { TrialRecord } from '../../results/schema/columns.ts'
import type { ThreadFacts } from '../fleet/calls/messages.ts'
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

/** What its system did with the thread of an end over a trial -> columns. */
export function threadColumns(role: Role, facts: ThreadFacts = {}): Partial<TrialRecord> {
  return {
    [`${role}_cpu_at_start`]: facts.cpuAtStart,
    [`${role}_cpu_at_end`]: facts.cpuAtEnd,
    [`${role}_migrations`]: facts.migrations,
    [`${role}_involuntary_switches`]: facts.involuntarySwitches,
    [`${role}_voluntary_switches`]: facts.voluntarySwitches,
    [`${role}_load`]: facts.load,
    [`${role}_steal_ratio`]: facts.stealRatio,
    ...(role === 'receiver'
      ? { receiver_stall_ms: facts.stallMs, receiver_cpu_wait_ms: facts.cpuWaitMs }
      : {}),
  }
}
