/** System calls that fail as real ones do: interrupted, not ready, short, or out of buffers. */
import { constants } from 'node:os'
import { seededRandom } from '../../base/random.ts'
import { MSG_ERRQUEUE, MSG_ZEROCOPY, SOL_SOCKET, SOL_UDP } from '../../transports/engines/native/abi.ts'
import { fixedMemory, type Libc, loadLibc } from '../../transports/engines/native/libc.ts'

export interface Faults {
  /** Share of calls that are interrupted by a signal. */
  readonly interrupted?: number
  /** Share of calls that say that they would block. */
  readonly blocked?: number
  /** Share of sends and reads that take a part only: fewer datagrams, fewer bytes. */
  readonly short?: number
  /** Share of batches of datagrams that are refused with ENOBUFS. */
  readonly noBuffers?: number
  /** Share of datagrams that a local firewall drops (EPERM): first of a batch, or hidden by a short count. */
  readonly filtered?: number
}

/** The real library with faults put in, and how many of each there were. */
export async function faultyLibc(faults: Faults, seed = 1) {
  const real = await loadLibc()
  const random = seededRandom(seed)
  const happened = { interrupted: 0, blocked: 0, short: 0, noBuffers: 0, filtered: 0 }
  let forced: number | undefined
  const fails = (kind: keyof Faults, errno: number): boolean => {
    if (random() >= (faults[kind] ?? 0)) return false
    happened[kind]++
    forced = errno
    return true
  }
  const { EINTR, EAGAIN, ENOBUFS, EPERM } = constants.errno
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
  /** How many of `count` come before the first one that is filtered. */
  const passing = (count: number): number => {
    if (faults.filtered === undefined) return count
    for (let index = 0; index < count; index++) if (fails('filtered', EPERM)) return index
    return count
  }
  const libc: Libc = {
    ...real,
    recv: (fd, bytes, length, flags) => call(() => real.recv(fd, bytes, shortened(length), flags)),
    sendmmsg: (fd, messages, count, flags) =>
      call(() => {
        if (fails('noBuffers', ENOBUFS)) return -1
        const most = passing(count)
        return most === 0 ? -1 : real.sendmmsg(fd, messages, shortened(most), flags)
      }),
    recvmmsg: (fd, messages, count, flags, timeout) =>
      call(() => real.recvmmsg(fd, messages, shortened(count), flags, timeout)),
    ppoll: (fds, count, timeout, mask) => {
      forced = undefined
      return fails('interrupted', EINTR) ? -1 : real.ppoll(fds, count, timeout, mask)
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

/**
 * The real library of a kernel that has memory for so many sends with MSG_ZEROCOPY (net.core.optmem_max), and that is silent when
 * it is first asked whether it is done with them, `silent` times; how often it had no memory left, and was silent.
 */
export async function scarceLibc(sends: number, silent: number) {
  const real = await loadLibc()
  const happened = { full: 0, silent: 0 }
  const underWay = new Map<number, number>()
  let silence = silent
  let forced: number | undefined
  const fails = (errno: number) => {
    forced = errno
    return -1
  }
  const libc: Libc = {
    ...real,
    sendmmsg(fd, messages, count, flags) {
      forced = undefined
      const left = flags & MSG_ZEROCOPY ? sends - (underWay.get(fd) ?? 0) : count
      if (left <= 0) {
        happened.full++
        return fails(constants.errno.ENOBUFS)
      }
      const taken = real.sendmmsg(fd, messages, Math.min(count, left), flags)
      if (taken > 0 && flags & MSG_ZEROCOPY) underWay.set(fd, (underWay.get(fd) ?? 0) + taken)
      return taken
    },
    recvmmsg(fd, messages, count, flags, timeout) {
      forced = undefined
      const completion = (flags & MSG_ERRQUEUE) !== 0
      if (completion && silence > 0) {
        silence--
        happened.silent++
        return fails(constants.errno.EAGAIN)
      }
      const taken = real.recvmmsg(fd, messages, count, flags, timeout)
      // Over loopback all are done with when the last of them is told.
      if (completion && taken < 0) {
        underWay.delete(fd)
        silence = silent
      }
      return taken
    },
    errno: () => forced ?? real.errno(),
  }
  return { libc, happened }
}
