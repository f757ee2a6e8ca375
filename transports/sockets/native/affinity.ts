/** The CPUs that a thread may run on: sched_setaffinity(2). Linux. */
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
