/** Thread placement and priority: sched_setaffinity(2), sched_setscheduler(2). Linux. */
import { fixedMemory, type Libc, systemError } from './libc.ts'

/** 1,024 CPUs, like cpu_set_t. */
const MASK_BYTES = 128
const THIS_THREAD = 0

/** The CPUs that the calling thread may run on. @throws the system's error */
export function allowedCpus(libc: Libc): readonly number[] {
  const mask = fixedMemory(libc, MASK_BYTES)
  if (libc.sched_getaffinity(THIS_THREAD, MASK_BYTES, mask.address) < 0)
    throw systemError(libc, 'sched_getaffinity')
  const cpus = Array.from({ length: MASK_BYTES * 8 }, (_, cpu) => cpu)
  return cpus.filter(cpu => (mask.bytes.readUInt8(cpu >> 3) & (1 << (cpu & 7))) !== 0)
}

/** Pins the calling thread to this CPU. @throws the system's error (`EINVAL`: the CPU does not exist or is not available to it) */
export function pinToCpu(libc: Libc, cpu: number): void {
  if (!setCpus(libc, THIS_THREAD, [cpu])) throw systemError(libc, 'sched_setaffinity')
}

function setCpus(libc: Libc, thread: number, cpus: readonly number[]): boolean {
  const mask = fixedMemory(libc, MASK_BYTES)
  for (const cpu of cpus) {
    const byte = cpu >> 3
    mask.bytes.writeUInt8(mask.bytes.readUInt8(byte) | (1 << (cpu & 7)), byte)
  }
  return libc.sched_setaffinity(thread, MASK_BYTES, mask.address) >= 0
}

/** struct sched_param: one int, the priority, which must be 0. */
const SCHED_PARAM_BYTES = 4
const SCHED_IDLE = 5
/** V8's workers, in the order in which a process creates its threads: before them the main thread and the one for delayed tasks. */
const V8_WORKERS = [2, 6] as const
/** Other programs create threads in between. */
const FURTHEST = 4096
/** The kernel's number of a thread's CPU clock (include/linux/posix-timers.h): only threads of this process have one for it. */
const clockOf = (thread: number) => (~thread << 3) | 0b110

/**
 * Makes V8's compiler and garbage collector threads yield at once to other threads: one of them, in the middle of a function, kept a
 * receiver off its CPU for two milliseconds, in which a thousand datagrams overran its buffer. For good: not every user may take it back.
 */
export function letV8WorkersGiveWay(libc: Libc): void {
  const { address } = fixedMemory(libc, SCHED_PARAM_BYTES)
  // A refusal by the system does no harm.
  for (const thread of v8Workers(libc)) libc.sched_setscheduler(thread, SCHED_IDLE, address)
}

/**
 * Keeps them off the ends' CPUs, if others are left: even so the kernel may prefer one to an end that has just run, until its next tick.
 * Call before pinning this thread. @param busy the CPUs of the ends
 */
export function keepV8WorkersOff(libc: Libc, busy: readonly number[]): void {
  const elsewhere = busy.length === 0 ? [] : allowedCpus(libc).filter(cpu => !busy.includes(cpu))
  if (elsewhere.length > 0) for (const thread of v8Workers(libc)) setCpus(libc, thread, elsewhere)
}

/**
 * Among the first threads that this process created. Not read from /proc/self/task: who ends the process would then wait until each thread of
 * low priority has cleared its entry there, spinning in wait4(2) for up to seconds on a busy machine.
 */
function v8Workers(libc: Libc): readonly number[] {
  const found: number[] = []
  for (let thread = process.pid; found.length < V8_WORKERS[1] && thread < process.pid + FURTHEST; thread++)
    if (libc.clock_getres(clockOf(thread), 0) === 0) found.push(thread)
  return found.slice(V8_WORKERS[0])
}
