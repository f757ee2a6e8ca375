/** The system calls of the native engine as a table, so that a test can make any of them fail. 64 bit. */
import { constants } from 'node:os'
import { type Binding, loadBinding } from './binding.ts'
import { darwinCalls, freebsdCalls } from './bsd-calls.ts'
import { obstacleToNative, type System, thisSystem, untestedNative } from './systems.ts'
import { windowsCalls } from './windows-calls.ts'

const PROTOTYPES = {
  socket: 'int socket(int domain, int type, int protocol)',
  bind: 'int bind(int fd, uintptr_t address, uint32_t length)',
  connect: 'int connect(int fd, uintptr_t address, uint32_t length)',
  listen: 'int listen(int fd, int backlog)',
  accept4: 'int accept4(int fd, uintptr_t address, uintptr_t length, int flags)',
  getsockname: 'int getsockname(int fd, uintptr_t address, uintptr_t length)',
  getpeername: 'int getpeername(int fd, uintptr_t address, uintptr_t length)',
  setsockopt: 'int setsockopt(int fd, int level, int option, uintptr_t value, uint32_t length)',
  getsockopt: 'int getsockopt(int fd, int level, int option, uintptr_t value, uintptr_t length)',
  sendmmsg: 'int sendmmsg(int fd, uintptr_t messages, unsigned int count, int flags)',
  recvmmsg: 'int recvmmsg(int fd, uintptr_t messages, unsigned int count, int flags, uintptr_t timeout)',
  recv: 'intptr_t recv(int fd, uintptr_t bytes, size_t length, int flags)',
  ppoll: 'int ppoll(uintptr_t fds, unsigned long count, uintptr_t timeout, uintptr_t mask)',
  eventfd: 'int eventfd(unsigned int value, int flags)',
  read: 'intptr_t read(int fd, uintptr_t bytes, size_t length)',
  write: 'intptr_t write(int fd, uintptr_t bytes, size_t length)',
  ioctl: 'int ioctl(int fd, unsigned long request, uintptr_t argument)',
  setns: 'int setns(int fd, int type)',
  shutdown: 'int shutdown(int fd, int how)',
  close: 'int close(int fd)',
  if_nametoindex: 'unsigned int if_nametoindex(uintptr_t name)',
  clock_getres: 'int clock_getres(int clock, uintptr_t resolution)',
  adjtimex: 'int adjtimex(uintptr_t timex)',
  sched_setaffinity: 'int sched_setaffinity(int thread, size_t length, uintptr_t mask)',
  sched_getaffinity: 'int sched_getaffinity(int thread, size_t length, uintptr_t mask)',
  sched_setscheduler: 'int sched_setscheduler(int thread, int policy, uintptr_t parameter)',
} as const

/** A number for each parameter of a prototype. */
type Numbers<List extends string> = List extends `${string}, ${infer Rest}`
  ? [number, ...Numbers<Rest>]
  : [number]
type Call<Prototype extends string> = Prototype extends `${string}(${infer List})`
  ? (...values: Numbers<List>) => number
  : never
type Calls = { readonly [Name in keyof typeof PROTOTYPES]: Call<(typeof PROTOTYPES)[Name]> }

/**
 * Each returns what C returns; after -1, `errno()` gives the reason, until the next call. The owner of the memory behind an address keeps
 * it alive; see `FixedMemory`.
 */
export interface Libc extends Calls {
  readonly binding: Binding['name']
  errno(): number
  /** The address of a Buffer's bytes; it stays valid while the Buffer is referenced. */
  addressOf(bytes: Buffer): number
}

/** Calls that are not made through the prototypes above: others take their place, or the system has none. */
const BY_NUMBER: ReadonlySet<string> = new Set(['sendmmsg', 'recvmmsg'])
const NOT_OF_BSD: ReadonlySet<string> = new Set([
  ...[...BY_NUMBER, 'ppoll', 'setns', 'adjtimex', 'clock_getres'],
  ...['sched_setaffinity', 'sched_getaffinity', 'sched_setscheduler'],
])
const NOT_OF_MACOS: ReadonlySet<string> = new Set([...NOT_OF_BSD, 'socket', 'accept4', 'eventfd'])

/** Loads the C library of this process. @throws if the system is not supported, nothing can call it, or a function is missing */
export async function loadLibc(given?: Binding): Promise<Libc> {
  const calls = callsHere()
  if (!calls) throw new Error(obstacleToNative())
  const through = given ?? (await loadBinding())
  const { name: binding, errno, addressOf } = through
  return { binding, errno, addressOf: remembered(addressOf), ...calls(through) }
}

/** Makes the calls of this system; undefined if it is not supported. */
function callsHere(): ((binding: Binding) => Calls) | undefined {
  const system = thisSystem()
  if (system) return each => ({ ...prototypes(each), ...linuxCalls(each, system) }) as Calls
  if (untestedNative() === undefined) return undefined
  switch (process.platform) {
    case 'darwin':
      return each => ({ ...prototypes(each, NOT_OF_MACOS), ...darwinCalls(each) }) as Calls
    case 'win32':
      return each => windowsCalls(each) as Calls & Pick<Libc, 'errno'>
    default:
      return each => ({ ...prototypes(each, NOT_OF_BSD), ...freebsdCalls(each) }) as Calls
  }
}

function prototypes({ func }: Binding, missing: ReadonlySet<string> = BY_NUMBER): Partial<Calls> {
  const here = Object.entries(PROTOTYPES).filter(([name]) => !missing.has(name))
  return Object.fromEntries(here.map(([name, prototype]) => [name, func(prototype)]))
}

/** Both have one signature, since node:ffi knows one for each function. */
function linuxCalls({ func }: Binding, system: System) {
  const call = func(
    'long syscall(long number, int fd, uintptr_t messages, unsigned int count, int flags, uintptr_t timeout)',
  )
  return {
    sendmmsg: (fd: number, messages: number, count: number, flags: number) =>
      call(system.sendmmsg, fd, messages, count, flags, 0),
    recvmmsg: (fd: number, messages: number, count: number, flags: number, timeout: number) =>
      call(system.recvmmsg, fd, messages, count, flags, timeout),
  }
}

/** The same, which knows its last answer: a request is sent from the same Buffer again and again. */
function remembered(addressOf: Libc['addressOf']): Libc['addressOf'] {
  let last: Buffer | undefined
  let address = 0
  return bytes => {
    if (bytes !== last) {
      address = addressOf(bytes)
      last = bytes
    }
    return address
  }
}

/** Memory that does not move, so that its address can be passed to system calls. */
export interface FixedMemory {
  readonly bytes: Buffer
  readonly address: number
}

/** Zeroed memory outside V8's heap, at a fixed address. */
export function fixedMemory({ addressOf }: Pick<Libc, 'addressOf'>, length: number): FixedMemory {
  // V8 may keep an array under 64 bytes in its own heap, and move it.
  const bytes = Buffer.from(new ArrayBuffer(Math.max(length, 4096)), 0, length)
  return { bytes, address: addressOf(bytes) }
}

/** Windows has numbers of its own for the errors of sockets. */
const ERROR_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.errno).map(([name, number]) => [number, name.replace(/^WSA/, '')]),
)

/** Returns the name of an error number, which differs between systems: `EAGAIN` for 11 on Linux. */
export function errorName(errno: number): string {
  const name = ERROR_NAMES.get(errno) ?? `E${errno}`
  // Linux has one number for both; node's own sockets report EAGAIN.
  return name === 'EWOULDBLOCK' ? 'EAGAIN' : name
}

/** The error of the last call, with its `code`, as node's own sockets throw it. */
export function systemError(libc: Libc, call: string): Error & { code: string } {
  const code = errorName(libc.errno())
  return Object.assign(new Error(`${call} ${code}`), { code })
}
