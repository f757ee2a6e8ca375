/** The machine and the programs of a run. */

import { existsSync, readFileSync } from 'node:fs'
import { arch, availableParallelism, cpus, hostname, platform, release } from 'node:os'
import { win32 } from 'node:path'
import { harmless } from '../../../base/foreign-text.ts'
import { WINE_MARK } from '../../../results/schema/systems.ts'
import type { Environment } from '../calls/environment.ts'
import { cpuQuota } from './cgroup.ts'

export const BENCH_VERSION = ourVersion()

export function environment(): Environment {
  const quota = cpuQuota()?.cpus
  return {
    os: platform(),
    os_release: isWine() ? `${release()} ${WINE_MARK}` : release(),
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

/** Whether wine stands in for Windows: its configuration program is part of each of its system folders, and of no Windows. */
export function isWine(): boolean {
  const { SystemRoot: root = 'C:\\Windows' } = process.env
  return platform() === 'win32' && existsSync(win32.join(root, 'system32', 'winecfg.exe'))
}

/** As in `engines` of package.json. */
export const LEAST_NODE = [20, 19] as const

/** @param version as in `process.versions.node` */
export function isOldNode(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major < LEAST_NODE[0] || (major === LEAST_NODE[0] && minor < LEAST_NODE[1])
}

function ourVersion(): string {
  const { version }: Record<'version', string> = JSON.parse(
    readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8'),
  )
  return version
}
