/** This process and its children as the kernel sees them: memory and descriptors. Linux. */
import { readdirSync, readFileSync } from 'node:fs'

export interface Usage {
  /** Resident memory, in MiB. */
  readonly residentMiB: number
  /** The part of it that no file backs: what a leak adds to, and what the kernel does not take back when others want memory. */
  readonly anonymousMiB: number
  /** Open descriptors. */
  readonly descriptors: number
}

/** Numbers of this process's children, in the order in which they were started. */
export function childPids(): readonly number[] {
  return readFileSync(`/proc/self/task/${process.pid}/children`, 'latin1')
    .split(' ')
    .filter(text => text !== '')
    .map(Number)
}

/** Undefined when the process has ended. */
export function usageOf(pid: number): Usage | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1')
    const mib = (field: string) => Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) / 1024
    const descriptors = readdirSync(`/proc/${pid}/fd`).length
    return { residentMiB: mib('VmRSS'), anonymousMiB: mib('RssAnon'), descriptors }
  } catch {
    return undefined
  }
}
