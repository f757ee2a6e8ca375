/** How a host spent the time of all its CPUs: the first line of /proc/stat (Linux). Pure. */

export interface CpuTimes {
  /** In ticks since the host started. */
  readonly all: number
  readonly steal: number
}

/** @param stat text of /proc/stat */
export function cpuTimesIn(stat: string | undefined): CpuTimes | undefined {
  // user, nice, system, idle, iowait, irq, softirq, steal; the fields that follow are included in the first two.
  const times = /^cpu +(.+)$/m
    .exec(stat ?? '')?.[1]
    ?.split(' ')
    .slice(0, 8)
    .map(Number)
  const steal = times?.[7]
  return times === undefined || steal === undefined
    ? undefined
    : { all: times.reduce((sum, each) => sum + each, 0), steal }
}

/** Share taken by other guests of the hardware; undefined within a single tick too. */
export function stealSince(before: CpuTimes | undefined, after: CpuTimes | undefined): number | undefined {
  if (!before || !after || after.all <= before.all) return undefined
  return Math.min(1, Math.max(0, (after.steal - before.steal) / (after.all - before.all)))
}

/** Baseline for the share since the host started. */
export const SINCE_START: CpuTimes = { all: 0, steal: 0 }
