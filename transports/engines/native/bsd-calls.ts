/** The calls of FreeBSD and macOS that take the place of Linux's. Untested: written from the headers of these systems. */
import { constants } from 'node:os'
import { MMSGHDR } from './abi.ts'
import type { Binding } from './binding.ts'

/** As many as the engine gives to one call; both take 100. */
const BATCH = 64

type Messages = (fd: number, messages: number, count: number, flags: number) => number

/** Calls of the same name and meaning; `size_t` where Linux has `unsigned int`. */
export function freebsdCalls({ func }: Binding) {
  return {
    sendmmsg: func('intptr_t sendmmsg(int fd, uintptr_t messages, size_t count, int flags)'),
    recvmmsg: func(
      'intptr_t recvmmsg(int fd, uintptr_t messages, size_t count, int flags, uintptr_t timeout)',
    ),
    ppoll: func('int ppoll(uintptr_t fds, unsigned int count, uintptr_t timeout, uintptr_t mask)'),
  }
}

const F_SETFD = 2
const F_SETFL = 4
const FD_CLOEXEC = 1
const O_NONBLOCK = 4
/** What sendmsg_x and recvmsg_x say of messages that they do not take, such as those with an address on older systems. */
const NOT_TAKEN: ReadonlySet<number> = new Set([
  constants.errno.EINVAL,
  constants.errno.EMSGSIZE,
  constants.errno.EOPNOTSUPP,
  constants.errno.ENOTSUP,
  constants.errno.ENOSYS,
])

/**
 * What sendmsg_x and recvmsg_x do not take goes one by one. sendmsg_x says EMSGSIZE of a batch that is over the send buffer as a whole: then
 * fewer are offered at once, and of a single one sendmsg decides.
 */
export function darwinCalls({ func, addressOf, errno }: Binding) {
  const memory = Buffer.from(new ArrayBuffer(4096))
  const scratch = addressOf(memory)
  const memcpy = func('uintptr_t memcpy(uintptr_t to, uintptr_t from, size_t length)')
  const socket = func('int socket(int domain, int type, int protocol)')
  const accept = func('int accept(int fd, uintptr_t address, uintptr_t length)')
  const poll = func('int poll(uintptr_t fds, unsigned int count, int timeout)')
  // Variadic: on arm64 its third argument is the first on the stack, which here is the ninth.
  const fcntl = func(
    'int fcntl(int fd, int command, long a, long b, long c, long d, long e, long f, long argument)',
  )
  const set = (fd: number, command: number, value: number) =>
    fcntl(fd, command, value, value, value, value, value, value, value)
  const neverBlocks = (fd: number) => {
    if (fd >= 0) {
      set(fd, F_SETFD, FD_CLOEXEC)
      set(fd, F_SETFL, O_NONBLOCK)
    }
    return fd
  }
  const several = (call: string, single: string): Messages => {
    const many = func(`intptr_t ${call}(int fd, uintptr_t messages, unsigned int count, int flags)`)
    const one = func(`intptr_t ${single}(int fd, uintptr_t message, int flags)`)
    let most = BATCH
    return (fd, messages, count, flags) => {
      for (let tried = Math.min(count, most); tried > 1; tried >>= 1) {
        const done = many(fd, messages, tried, flags & DONTWAIT_ONLY)
        if (done < 0 && NOT_TAKEN.has(errno())) continue
        most = Math.min(BATCH, 2 * tried)
        return done
      }
      const length = one(fd, messages, flags)
      most = length < 0 ? 1 : 2
      if (length < 0) return -1
      memory.writeUInt32LE(length)
      memcpy(messages + MMSGHDR.length, scratch, 4)
      return 1
    }
  }
  return {
    socket: (domain: number, type: number, protocol: number) => neverBlocks(socket(domain, type, protocol)),
    accept4: (fd: number, address: number, length: number) => neverBlocks(accept(fd, address, length)),
    sendmmsg: several('sendmsg_x', 'sendmsg'),
    recvmmsg: several('recvmsg_x', 'recvmsg'),
    /** @param timeout a struct timespec under a second, of which poll knows the milliseconds only */
    ppoll(fds: number, count: number, timeout: number) {
      memcpy(scratch, timeout + 8, 4)
      return poll(fds, count, Math.floor(memory.readUInt32LE() / 1e6))
    },
  }
}
/** The only flag that both take. */
const DONTWAIT_ONLY = 0x80
