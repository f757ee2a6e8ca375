/**
 * The systems that this engine knows, by their differences in calls; those in numbers and layouts are in abi.ts. On Linux, the numbers of
 * system calls that not every C library passes through (musl's sendmmsg is a loop over sendmsg, so the kernel is called by number).
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
/** Written from their published headers, and never run there: used only if asked for by name. */
const UNTESTED: ReadonlySet<string> = new Set([
  ...['freebsd x64', 'freebsd arm64', 'darwin x64', 'darwin arm64'],
  ...['win32 x64', 'win32 arm64'],
])
const THIS = `${process.platform} ${process.arch}`

/** The current system; undefined if its kernel is not called by number. */
export function thisSystem(): System | undefined {
  return SYSTEMS.get(THIS)
}

/** Why this engine's system calls are not known to work here; undefined if they are. */
export function obstacleToNative(): string | undefined {
  return thisSystem()
    ? undefined
    : `it knows the system calls of Linux on x64 and arm64, and this is ${OF_THIS}`
}

const OF_THIS = `${process.platform} on ${process.arch}`

/** What to say of this engine where it has never been run, as the end of a sentence; undefined on every other system. */
export function untestedNative(): string | undefined {
  return UNTESTED.has(THIS) ? `is untested here: nobody has run it on ${OF_THIS}` : undefined
}
