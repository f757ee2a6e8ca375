/** System calls that fail as real ones do: interrupted, not ready, short, or out of buffers. */
import { constants } from 'node:os'
import { seededRandom } from '../../bench/random.ts'
import { fixedMemory, type Libc, loadLibc } from '../../transports/sockets/native/libc.ts'
import { SOL_SOCKET, SOL_UDP } from '../../transports/sockets/native/linux.ts'

export interface Faults {
  /** Share of calls that are interrupted by a signal. */
  readonly interrupted?: number
  /** Share of calls that say that they would block. */
  readonly blocked?: number
  /** Share of sends and reads that take a part only: fewer datagrams, fewer bytes. */
  readonly short?: number
  /** Share of batches of datagrams that are refused with ENOBUFS. */
  readonly noBuffers?: number
}

/** The real library with faults put in, and how many of each there were. */
export async function faultyLibc(faults: Faults, seed = 1) {
  const real = await loadLibc()
  const random = seededRandom(seed)
  const happened = { interrupted: 0, blocked: 0, short: 0, noBuffers: 0 }
  let forced: number | undefined
  const fails = (kind: keyof Faults, errno: number): boolean => {
    if (random() >= (faults[kind] ?? 0)) return false
    happened[kind]++
    forced = errno
    return true
  }
  const { EINTR, EAGAIN, ENOBUFS } = constants.errno
  const faulted = () => fails('interrupted', EINTR) || fails('blocked', EAGAIN)
  const shortened = (length: number) => {
    if (length < 2 || random() >= (faults.short ?? 0)) return length
    happened.short++
    return 1 + Math.floor(random() * (length - 1))
  }
  const call = (run: () => number): number => {
    forced = undefined
    return faulted() ? -1 : run()
  }
  const libc: Libc = {
    ...real,
    recv: (fd, bytes, length, flags) => call(() => real.recv(fd, bytes, shortened(length), flags)),
    sendmmsg: (fd, messages, count, flags) =>
      call(() => (fails('noBuffers', ENOBUFS) ? -1 : real.sendmmsg(fd, messages, shortened(count), flags))),
    recvmmsg: (fd, messages, count, flags, timeout) =>
      call(() => real.recvmmsg(fd, messages, shortened(count), flags, timeout)),
    poll: (fds, count, timeoutMs) => {
      forced = undefined
      return fails('interrupted', EINTR) ? -1 : real.poll(fds, count, timeoutMs)
    },
    errno: () => forced ?? real.errno(),
  }
  return { libc, happened }
}

/** UDP without checksums: the kernel cuts nothing for such a socket, as it cuts nothing to more than the MTU of a path. */
const SO_NO_CHECK = 11
const UDP_NO_CHECK6_TX = 101
const UDP_NO_CHECK6_RX = 102

/** The real library, whose sockets know UDP_SEGMENT, and whose kernel refuses each send with it (EINVAL); how often it did. */
export async function uncuttable() {
  const real = await loadLibc()
  const one = fixedMemory(real, 4)
  one.bytes.writeInt32LE(1)
  const asked = { cut: 0 }
  const libc: Libc = {
    ...real,
    bind: (fd, address, length) => {
      real.setsockopt(fd, SOL_SOCKET, SO_NO_CHECK, one.address, 4)
      real.setsockopt(fd, SOL_UDP, UDP_NO_CHECK6_TX, one.address, 4)
      real.setsockopt(fd, SOL_UDP, UDP_NO_CHECK6_RX, one.address, 4)
      return real.bind(fd, address, length)
    },
    sendmmsg: (fd, messages, count, flags) => {
      const taken = real.sendmmsg(fd, messages, count, flags)
      if (taken < 0 && real.errno() === constants.errno.EINVAL) asked.cut++
      return taken
    },
  }
  return { libc, asked }
}

/** The real library, but for the calls that `fault` gives an error number for. */
export async function libcWith(
  fault: (call: keyof Libc, args: readonly number[]) => number | undefined,
): Promise<Libc> {
  const real = await loadLibc()
  let forced: number | undefined
  const calls = Object.entries(real).map(([name, call]) => [
    name,
    (...args: number[]) => {
      forced = fault(name as keyof Libc, args)
      return forced === undefined ? call(...args) : -1
    },
  ])
  const { addressOf } = real
  return { ...Object.fromEntries(calls), errno: () => forced ?? real.errno(), addressOf }
}
