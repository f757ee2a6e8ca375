/** The system calls of the native engine as a table, so that a test can make any of them fail. Linux, 64 bit. */
import { constants } from 'node:os'
import { obstacleToNative, thisSystem } from './systems.ts'

/**
 * Each returns what C returns; after -1, `errno()` gives the reason, until the next call. The owner of the memory behind an address keeps
 * it alive; see `FixedMemory`.
 */
export interface Libc {
  socket(domain: number, type: number, protocol: number): number
  bind(fd: number, address: number, length: number): number
  connect(fd: number, address: number, length: number): number
  listen(fd: number, backlog: number): number
  accept4(fd: number, address: number, length: number, flags: number): number
  getsockname(fd: number, address: number, length: number): number
  getpeername(fd: number, address: number, length: number): number
  setsockopt(fd: number, level: number, option: number, value: number, length: number): number
  getsockopt(fd: number, level: number, option: number, value: number, length: number): number
  sendmmsg(fd: number, messages: number, count: number, flags: number): number
  recvmmsg(fd: number, messages: number, count: number, flags: number, timeout: number): number
  recv(fd: number, bytes: number, length: number, flags: number): number
  ppoll(fds: number, count: number, timeout: number, mask: number): number
  eventfd(value: number, flags: number): number
  read(fd: number, bytes: number, length: number): number
  shutdown(fd: number, how: number): number
  close(fd: number): number
  sched_setaffinity(thread: number, length: number, mask: number): number
  sched_getaffinity(thread: number, length: number, mask: number): number
  sched_setscheduler(thread: number, policy: number, parameter: number): number
  errno(): number
  /** The address of a Buffer's bytes; it stays valid while the Buffer is referenced. */
  addressOf(bytes: Buffer): number
}

const PROTOTYPES = {
  socket: 'int socket(int, int, int)',
  bind: 'int bind(int, uintptr_t, uint32_t)',
  connect: 'int connect(int, uintptr_t, uint32_t)',
  listen: 'int listen(int, int)',
  accept4: 'int accept4(int, uintptr_t, uintptr_t, int)',
  getsockname: 'int getsockname(int, uintptr_t, uintptr_t)',
  getpeername: 'int getpeername(int, uintptr_t, uintptr_t)',
  setsockopt: 'int setsockopt(int, int, int, uintptr_t, uint32_t)',
  getsockopt: 'int getsockopt(int, int, int, uintptr_t, uintptr_t)',
  recv: 'intptr_t recv(int, uintptr_t, size_t, int)',
  ppoll: 'int ppoll(uintptr_t, unsigned long, uintptr_t, uintptr_t)',
  eventfd: 'int eventfd(unsigned int, int)',
  read: 'intptr_t read(int, uintptr_t, size_t)',
  shutdown: 'int shutdown(int, int)',
  close: 'int close(int)',
  sched_setaffinity: 'int sched_setaffinity(int, size_t, uintptr_t)',
  sched_getaffinity: 'int sched_getaffinity(int, size_t, uintptr_t)',
  sched_setscheduler: 'int sched_setscheduler(int, int, uintptr_t)',
} as const satisfies Partial<Record<keyof Libc, string>>

/** Loads the C library of this process. @throws if the system is not supported, koffi is not installed, or a function is missing */
export async function loadLibc(): Promise<Libc> {
  const system = thisSystem()
  if (!system) throw new Error(obstacleToNative())
  const { default: koffi } = await import('koffi')
  const library = koffi.load(null)
  const call = (name: keyof typeof PROTOTYPES): ((...args: number[]) => number) =>
    library.func(PROTOTYPES[name])
  const sendmmsg = library.func('long syscall(long, int, uintptr_t, unsigned int, int)')
  const recvmmsg = library.func('long syscall(long, int, uintptr_t, unsigned int, int, uintptr_t)')
  return {
    socket: call('socket'),
    bind: call('bind'),
    connect: call('connect'),
    listen: call('listen'),
    accept4: call('accept4'),
    getsockname: call('getsockname'),
    getpeername: call('getpeername'),
    setsockopt: call('setsockopt'),
    getsockopt: call('getsockopt'),
    sendmmsg: (fd, messages, count, flags) => sendmmsg(system.sendmmsg, fd, messages, count, flags),
    recvmmsg: (fd, messages, count, flags, timeout) =>
      recvmmsg(system.recvmmsg, fd, messages, count, flags, timeout),
    recv: call('recv'),
    ppoll: call('ppoll'),
    eventfd: call('eventfd'),
    read: call('read'),
    shutdown: call('shutdown'),
    close: call('close'),
    sched_setaffinity: call('sched_setaffinity'),
    sched_getaffinity: call('sched_getaffinity'),
    sched_setscheduler: call('sched_setscheduler'),
    errno: () => koffi.errno(),
    addressOf: bytes => Number(koffi.address(bytes)),
  }
}

/** Memory that does not move, so that its address can be passed to system calls. */
export interface FixedMemory {
  readonly bytes: Buffer
  readonly address: number
}

/** Zeroed memory outside V8's heap, at a fixed address. */
export function fixedMemory({ addressOf }: Libc, length: number): FixedMemory {
  // V8 may keep an array under 64 bytes in its own heap, and move it.
  const bytes = Buffer.from(new ArrayBuffer(Math.max(length, 4096)), 0, length)
  return { bytes, address: addressOf(bytes) }
}

const ERROR_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.errno).map(([name, number]) => [number, name]),
)

/** Returns the name of an error number, which differs between systems: `EAGAIN` for 11 on Linux. */
export function errorName(errno: number): string {
  // Linux has one number for EAGAIN and EWOULDBLOCK; node's own sockets report EAGAIN.
  return errno === constants.errno.EAGAIN ? 'EAGAIN' : (ERROR_NAMES.get(errno) ?? `E${errno}`)
}

/** The error of the last call, with its `code`, as node's own sockets throw it. */
export function systemError(libc: Libc, call: string): Error & { code: string } {
  const code = errorName(libc.errno())
  return Object.assign(new Error(`${call} ${code}`), { code })
}
