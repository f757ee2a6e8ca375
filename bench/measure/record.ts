/** The row of one flow of a trial. Pure. */
import { basename } from 'node:path'
import { harmless } from '../../base/foreign-text.ts'
import { groupBy } from '../../base/groups.ts'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { fairnessOf } from '../../results/statistics/fairness.ts'
import { askedColumns } from '../../scenarios/asked.ts'
import type { Case, Plan } from '../../scenarios/plan.ts'
import type { Environment } from '../fleet/calls/environment.ts'
import { directionOf, engineOf, type Flow } from '../fleet/flow.ts'
import type { Host, Role } from '../fleet/host.ts'
import type { FlowColumns } from '../workloads/workload.ts'

/** What the rows of a run share, and what distinguishes this trial. */
export type Identity = Pick<
  TrialRecord,
  | ('run_id' | 'started_at' | 'commit' | 'side' | 'round' | 'trial' | 'flow' | 'process')
  | ('pair_from' | 'pair_to')
> &
  Environment

export function recordOf(
  identity: Identity,
  plan: Plan,
  each: Case,
  flow: Flow,
  flows: readonly Flow[],
  measured: FlowColumns,
): TrialRecord {
  const asked = askedColumns(each)
  return {
    ...identity,
    scenario: each.scenario,
    variant: each.variant,
    beside: each.beside,
    ...asked,
    // The rows of a group are one sample, whatever the engine of each receiver.
    engine: engineOf(each.group === undefined ? [flow] : flows),
    direction: directionOf(flow, flows),
    file: each.file === undefined ? undefined : fileName(each.file, plan),
    trace: each.trace === undefined ? undefined : harmless(basename(each.trace)),
    // A foreign receiver does not check the data.
    verify: 'target' in flow.to ? undefined : asked.verify,
    limit_emulated: each.maxDatagramBytes !== undefined,
    os_profile: each.osProfile === undefined ? undefined : harmless(basename(each.osProfile)),
    pinned_cpus: pinnedCpus(flow),
    ...measured,
    ...endColumns('sender', flow.from),
    ...('host' in flow.to ? endColumns('receiver', flow.to.host) : {}),
    ...versionsOf(flow),
  }
}

/** Rows of the streams of a trial say how evenly those of their direction shared its goodput. */
export function withFairness(records: readonly TrialRecord[]): readonly TrialRecord[] {
  if (records.every(each => each.streams === undefined)) return records
  const fairness = new Map(
    [...groupBy(records, each => each.direction)].map(([direction, flows]) => {
      const goodputs = flows.flatMap(each => each.goodput_bps ?? [])
      return [direction, goodputs.length === flows.length ? fairnessOf(goodputs) : undefined]
    }),
  )
  return records.map(each => ({ ...each, fairness: fairness.get(each.direction) }))
}

/** Versions of the agents on this host, which may differ from those of the controlling program. */
function versionsOf({ hosts }: Flow): Partial<TrialRecord> {
  const here = hosts.find(host => host.isHere)
  if (!here) return {}
  const { node_version, bench_version } = here.environment
  return { node_version, bench_version }
}

function endColumns(role: Role, { engine, environment }: Host): Partial<TrialRecord> {
  // No end has a column for it.
  const { cpu_count: _, ...facts } = { ...environment, engine }
  return Object.fromEntries(Object.entries(facts).map(([name, value]) => [`${role}_${name}`, value]))
}

/** The file's name, or its path if another file of the run has the same name. */
function fileName(path: string, { cases }: Plan): string {
  const name = basename(path)
  const others = cases.some(({ file }) => file !== undefined && file !== path && basename(file) === name)
  return harmless(others ? path : name)
}

function pinnedCpus({ from, to }: Flow): string | undefined {
  const { pins } = from
  if (!pins) return undefined
  return 'target' in to ? `${pins.sender}` : `${pins.sender},${pins.receiver}`
}
