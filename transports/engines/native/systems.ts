/**
 * The systems that this engine supports, by their differences: the numbers of system calls that not every C library passes through
 * (musl's sendmmsg is a loop over sendmsg, so the kernel is called by number). The rest of the ABI, in linux.ts, is the same on all of
 * them. Support for macOS would go here, with sendmsg_x and recvmsg_x, and a linux.ts of its own.
 */
export interface System {
  readonly sendmmsg: number
  readonly recvmmsg: number
}

/** From arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h of Linux. */
const SYSTEMS: ReadonlyMap<string, System> = new Map([
  ['linux x64', { sendmmsg: 307, recvmmsg: 299 }],
  ['linux arm64', { sendmmsg: 269, recvmmsg: 243 }],
])

/** The current system; undefined if it is not supported. */
export function thisSystem(): System | undefined {
  return SYSTEMS.get(`${process.platform} ${process.arch}`)
}

/** Why this engine's system calls cannot be made here; undefined if they can. */
export function obstacleToNative(): string | undefined {
  if (thisSystem()) return undefined
  return `it knows the system calls of Linux on x64 and arm64, and this is ${process.platform} on ${process.arch}`
}
