/** Reports what an end cost: its CPU time, how its thread was scheduled, and how busy its host was. From /proc (Linux). */
import { loadavg } from 'node:os'
import { growth, numberIn, textOf } from '../../../base/system-files.ts'
import type { ThreadFacts } from '../calls/agent-calls.ts'
import { type CpuTimes, cpuTimesIn, stealSince } from '../facts/cpu-times.ts'

/** Starts measuring this process's user and system CPU time, and its thread; the returned function gives both so far. */
export function watchCosts(): () => { readonly cpuMs: number; readonly thread: ThreadFacts } {
  const thread = watchThread()
  const start = process.cpuUsage()
  return () => {
    const { user, system } = process.cpuUsage(start)
    return { cpuMs: (user + system) / 1000, thread: thread() }
  }
}

/** Reads the calling thread's counters, before its clock starts. The returned function gives the changes since. */
export function watchThread(): () => ThreadFacts {
  const before = readThread()
  return () => {
    const after = readThread()
    return dropUndefined({
      cpuAtStart: before.cpu,
      cpuAtEnd: after.cpu,
      migrations: growth(before.migrations, after.migrations),
      involuntarySwitches: growth(before.involuntary, after.involuntary),
      voluntarySwitches: growth(before.voluntary, after.voluntary),
      ...hostFacts(),
    })
  }
}

function readThread() {
  const status = textOf('/proc/thread-self/status')
  return {
    cpu: cpuOf(textOf('/proc/thread-self/stat')),
    // Only with CONFIG_SCHED_DEBUG.
    migrations: numberIn(textOf('/proc/thread-self/sched'), /^se\.nr_migrations\s*:\s*(\d+)$/m),
    involuntary: numberIn(status, /^nonvoluntary_ctxt_switches:\s*(\d+)$/m),
    voluntary: numberIn(status, /^voluntary_ctxt_switches:\s*(\d+)$/m),
  }
}

/** Field 39 of proc_pid_stat(5). Field 2 is a name in parentheses, which may contain anything. */
export function cpuOf(stat: string | undefined): number | undefined {
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  return numberIn(fields?.[39 - 3])
}

function hostFacts(): Pick<ThreadFacts, 'load' | 'stealRatio'> {
  const [load] = loadavg()
  return {
    // Windows has no load average, and node reports 0.
    load: process.platform === 'win32' ? undefined : load,
    stealRatio: stealSince(CPU_TIMES, cpuTimes()),
  }
}

/** Ticks of all CPUs so far; undefined if unavailable. */
function cpuTimes(): CpuTimes | undefined {
  return cpuTimesIn(textOf('/proc/stat'))
}

/** Taken when this process started. */
const CPU_TIMES = cpuTimes()

function dropUndefined(facts: ThreadFacts): ThreadFacts {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined))
}
