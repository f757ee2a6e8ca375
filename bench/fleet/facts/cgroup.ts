/** The CPU share of this process's control group, and the throttling so far. */
import { join } from 'node:path'
import { numberIn, textOf } from '../../../base/system-files.ts'

const ROOT = '/sys/fs/cgroup'

export interface CpuQuota {
  /** In units of CPUs; undefined without a limit. */
  readonly cpus: number | undefined
  /** How often the group was throttled until its next period. */
  readonly throttled: number | undefined
}

/** The tightest quota on the path to the root; undefined if no file has one. */
export function cpuQuota(): CpuQuota | undefined {
  const quotas = foldersOf(textOf('/proc/self/cgroup') ?? '').map(quotaIn)
  const known = quotas.filter(each => each !== undefined)
  const [tightest] = known.toSorted((a, b) => (a.cpus ?? Infinity) - (b.cpus ?? Infinity))
  return tightest
}

/** @param text of /proc/self/cgroup: `0::/user.slice` (version 2), `4:cpu,cpuacct:/docker/…` (version 1) */
export function foldersOf(text: string): string[] {
  return text.split('\n').flatMap(line => {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? []
    if (controllers === undefined || path === undefined) return []
    if (controllers !== '' && !controllers.split(',').includes('cpu')) return []
    return ancestors(path).map(folder => join(ROOT, controllers, folder))
  })
}

/** @param max of cpu.max: `max 100000` or `150000 100000` */
export function quotaOf(max: string): number | undefined {
  const [quota, period] = max.split(/\s+/).map(Number)
  return quota !== undefined && quota > 0 && period !== undefined && period > 0 ? quota / period : undefined
}

function quotaIn(folder: string): CpuQuota | undefined {
  const max = textOf(join(folder, 'cpu.max')) ?? versionOne(folder)
  if (max === undefined) return undefined
  const throttled = numberIn(textOf(join(folder, 'cpu.stat')), /^nr_throttled (\d+)$/m)
  return { cpus: quotaOf(max), throttled }
}

/** -1 means no quota. */
function versionOne(folder: string): string | undefined {
  const quota = textOf(join(folder, 'cpu.cfs_quota_us'))
  return quota && `${quota} ${textOf(join(folder, 'cpu.cfs_period_us'))}`
}

/** `/a/b` -> `/a/b`, `/a`, `/`. In a container the path may be the host's, and only the root exist. */
function ancestors(path: string): string[] {
  const parts = path.split('/').filter(Boolean)
  return parts.map((_, index) => `/${parts.slice(0, parts.length - index).join('/')}`).concat('/')
}
