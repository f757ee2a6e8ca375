/** Where threads run, and which of them come first: sched_setaffinity(2), sched_setscheduler(2). Linux. */
import { readdirSync, readFileSync } from 'node:fs'
import { fixedMemory, type Libc, systemError } from './libc.ts'

/** 1,024 CPUs, as cpu_set_t has them. */
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

/** From now on the calling thread runs on this CPU only. @throws the system's error (`EINVAL`: there is no such CPU for it) */
export function pinToCpu(libc: Libc, cpu: number): void {
  const mask = fixedMemory(libc, MASK_BYTES)
  mask.bytes.writeUInt8(1 << (cpu & 7), cpu >> 3)
  if (libc.sched_setaffinity(THIS_THREAD, MASK_BYTES, mask.address) < 0)
    throw systemError(libc, 'sched_setaffinity')
}

/** struct sched_param: one int, the priority, which has to be 0. */
const SCHED_PARAM_BYTES = 4
const SCHED_IDLE = 5
/** Their name; before Node 22 they have none, and are the second to the fifth of the threads that a process makes. */
const V8_WORKER = /V8Worker/
const UNNAMED_WORKERS = [2, 6] as const

/**
 * V8's threads that compile and collect garbage give way at once to whoever has something to do: one that was in the middle of a function kept
 * a receiver from its CPU for two milliseconds, in which a thousand datagrams overran its buffer.
 */
export function letV8WorkersGiveWay(libc: Libc): void {
  const { address } = fixedMemory(libc, SCHED_PARAM_BYTES)
  const threads = readdirSync('/proc/self/task')
    .map(Number)
    .sort((a, b) => a - b)
  const named = threads.filter(thread => V8_WORKER.test(nameOf(thread)))
  // What the system refuses is no harm.
  for (const thread of named.length > 0 ? named : threads.slice(...UNNAMED_WORKERS))
    libc.sched_setscheduler(thread, SCHED_IDLE, address)
}

/** Empty of a thread that has ended. */
function nameOf(thread: number): string {
  try {
    return readFileSync(`/proc/self/task/${thread}/comm`, 'latin1')
  } catch {
    return ''
  }
}
