/** The calls of Windows that take the place of Linux's, of ws2_32.dll. Untested: nobody has run them but under Wine, which is not Windows. */
import { constants } from 'node:os'
import { MMSGHDR, POLLFD, SOCK_DGRAM, TIMESPEC } from './abi.ts'
import type { Binding, NativeCall } from './binding.ts'

const WSA_FLAG_OVERLAPPED = 1
const WSA_FLAG_NO_HANDLE_INHERIT = 0x80
const HANDLE_FLAG_INHERIT = 1
const FIONBIO = 0x8004667e
const SIO_GET_EXTENSION_FUNCTION_POINTER = 0xc8000006
const SIO_UDP_CONNRESET = 0x9800000c
const WSAID_WSARECVMSG = Buffer.from('c8d789f61f6f6b438a53e54fe351c322', 'hex')

/** Windows has numbers of its own for the errors of sockets. */
const NUMBERS: Readonly<Record<string, number>> = constants.errno
const number = (name: string) => NUMBERS[`WSA${name}`] ?? NUMBERS[name] ?? 0
/** Errors by what other systems say in their place. */
type Renamed = ReadonlyMap<number, number>
const NONE: Renamed = new Map()
const OF_CONNECT: Renamed = new Map([[number('EWOULDBLOCK'), number('EINPROGRESS')]])
/** What came back of a datagram: nobody listens there, or its TTL was too small. */
const OF_DATAGRAMS: Renamed = new Map([
  [number('ECONNRESET'), number('ECONNREFUSED')],
  [number('ENETRESET'), number('EHOSTUNREACH')],
])

/** Passed through as they are. */
const PROTOTYPES = {
  bind: 'int bind(uintptr_t socket, uintptr_t address, int length)',
  listen: 'int listen(uintptr_t socket, int backlog)',
  getsockname: 'int getsockname(uintptr_t socket, uintptr_t address, uintptr_t length)',
  getpeername: 'int getpeername(uintptr_t socket, uintptr_t address, uintptr_t length)',
  setsockopt: 'int setsockopt(uintptr_t socket, int level, int option, uintptr_t value, int length)',
  getsockopt: 'int getsockopt(uintptr_t socket, int level, int option, uintptr_t value, uintptr_t length)',
  shutdown: 'int shutdown(uintptr_t socket, int how)',
} as const

/** Sockets never block, so flags have no use. The length of a message goes behind it. */
export function windowsCalls({ func, pointerTo, addressOf, viewOf }: Binding) {
  const memory = Buffer.from(new ArrayBuffer(4096))
  const scratch = addressOf(memory)
  const lastError = func('int WSAGetLastError()')
  const create = func(
    'int WSASocketW(int family, int type, int protocol, uintptr_t info, uint32_t group, uint32_t flags)',
  )
  const connect = func('int connect(uintptr_t socket, uintptr_t address, int length)')
  const accept = func('int accept(uintptr_t socket, uintptr_t address, uintptr_t length)')
  const ioctlsocket = func('int ioctlsocket(uintptr_t socket, uint32_t command, uintptr_t value)')
  const ioctl = func(
    'int WSAIoctl(uintptr_t socket, uint32_t code, uintptr_t input, uint32_t inputBytes, uintptr_t output, uint32_t outputBytes, uintptr_t returned, uintptr_t overlapped, uintptr_t routine)',
  )
  const sendMessage = func(
    'int WSASendMsg(uintptr_t socket, uintptr_t message, uint32_t flags, uintptr_t sent, uintptr_t overlapped, uintptr_t routine)',
  )
  const sendBuffers = func(
    'int WSASend(uintptr_t socket, uintptr_t buffers, uint32_t count, uintptr_t sent, uint32_t flags, uintptr_t overlapped, uintptr_t routine)',
  )
  const recv = func('int recv(uintptr_t socket, uintptr_t bytes, int length, int flags)')
  const poll = func('int WSAPoll(uintptr_t fds, uint32_t count, int timeout)')
  const closesocket = func('int closesocket(uintptr_t socket)')
  const setHandle = func(
    'int SetHandleInformation(uintptr_t handle, uint32_t mask, uint32_t flags)',
    KERNEL32,
  )
  const idOfAlias = func('int ConvertInterfaceAliasToLuid(uintptr_t alias, uintptr_t id)', IPHLPAPI)
  const indexOfId = func('int ConvertInterfaceLuidToIndex(uintptr_t id, uintptr_t index)', IPHLPAPI)

  let failed = 0
  const checked = (result: number, renamed = NONE): number => {
    if (result < 0) {
      const code = lastError()
      failed = renamed.get(code) ?? code
    }
    return result
  }
  const passed = Object.entries(PROTOTYPES).map(([name, prototype]) => {
    const call = func(prototype)
    return [name, (...values: number[]) => checked(call(...values))]
  })

  const views = new Map<number, Buffer>()
  /** The memory of the engine, which has few and keeps them. */
  const view = (address: number, length: number): Buffer => {
    const known = views.get(address)
    if (known && known.length >= length) return known
    const bytes = viewOf(address, length)
    views.set(address, bytes)
    return bytes
  }

  /** Whether a socket is told that nobody listens where it sent to; other systems tell those that are connected. */
  const reportResets = (fd: number, reports: boolean) => {
    memory.writeUInt32LE(reports ? 1 : 0)
    ioctl(fd, SIO_UDP_CONNRESET, scratch, 4, 0, 0, scratch + 8, 0, 0)
  }
  const opened = (fd: number): number => {
    if (checked(fd) < 0) return fd
    memory.writeUInt32LE(1)
    ioctlsocket(fd, FIONBIO, scratch)
    return fd
  }
  const datagrams = new Set<number>()
  /** Exported by no library: a socket gives out its address. */
  let receiveMessage: NativeCall | undefined
  const receiverOf = (fd: number): NativeCall | undefined => {
    WSAID_WSARECVMSG.copy(memory)
    const asked = [SIO_GET_EXTENSION_FUNCTION_POINTER, scratch, 16, scratch + 16, 8, scratch + 24, 0, 0]
    if (checked(ioctl(fd, ...asked)) < 0) return undefined
    // Without a name, which could be given once only.
    return pointerTo(
      Number(memory.readBigUInt64LE(16)),
      'int (uintptr_t socket, uintptr_t message, uintptr_t received, uintptr_t overlapped, uintptr_t routine)',
    )
  }
  let slots = memory

  return {
    ...Object.fromEntries(passed),
    close: (fd: number) => checked(closesocket(fd)),
    errno: () => failed,
    socket(family: number, type: number, protocol: number) {
      const fd = opened(
        create(family, type, protocol, 0, 0, WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT),
      )
      datagrams.delete(fd)
      if (fd < 0 || type !== SOCK_DGRAM) return fd
      receiveMessage ??= receiverOf(fd)
      if (!receiveMessage) {
        closesocket(fd)
        return -1
      }
      datagrams.add(fd)
      reportResets(fd, false)
      return fd
    },
    connect(fd: number, address: number, length: number) {
      if (datagrams.has(fd)) reportResets(fd, true)
      return checked(connect(fd, address, length), OF_CONNECT)
    },
    accept4(fd: number, address: number, length: number) {
      const stream = opened(accept(fd, address, length))
      if (stream >= 0) setHandle(stream, HANDLE_FLAG_INHERIT, 0)
      datagrams.delete(stream)
      return stream
    },
    sendmmsg(fd: number, messages: number) {
      const sent = messages + MMSGHDR.length
      const result = datagrams.has(fd)
        ? checked(sendMessage(fd, messages, 0, sent, 0, 0), OF_DATAGRAMS)
        : checked(sendBuffers(fd, view(messages, MMSGHDR.size).readUIntLE(MMSGHDR.iov, 6), 1, sent, 0, 0, 0))
      return result < 0 ? -1 : 1
    },
    recvmmsg(fd: number, messages: number) {
      const result = receiveMessage?.(fd, messages, messages + MMSGHDR.length, 0, 0) ?? -1
      return checked(result, OF_DATAGRAMS) < 0 ? -1 : 1
    },
    /** By the names that Node gives them, not by those that the call of this name wants. */
    if_nametoindex(name: number) {
      const text = view(name, ALIAS_BYTES).toString('utf8').split('\0', 1)[0]
      memory.write(`${text}\0`, 16, 'utf16le')
      const isKnown = idOfAlias(scratch + 16, scratch) === 0 && indexOfId(scratch, scratch + 8) === 0
      return isKnown ? memory.readUInt32LE(8) : 0
    },
    recv: (fd: number, bytes: number, length: number) => checked(recv(fd, bytes, length, 0)),
    /** WSAPoll takes no slot that is idle. @param timeout a struct timespec under a second, of which it knows the milliseconds only */
    ppoll(fds: number, count: number, timeout: number) {
      const all = view(fds, count * POLLFD.size)
      if (slots.length < all.length) slots = Buffer.from(new ArrayBuffer(2 * all.length))
      const milliseconds = Math.floor(view(timeout, TIMESPEC.size).readUInt32LE(TIMESPEC.nanoseconds) / 1e6)
      let used = 0
      for (let at = 0; at < count * POLLFD.size; at += POLLFD.size) {
        if (all.readInt32LE(at) < 0) continue
        used += all.copy(slots, used, at, at + POLLFD.size)
      }
      if (used === 0) {
        Atomics.wait(NEVER, 0, 0, milliseconds)
        return 0
      }
      const ready = checked(poll(addressOf(slots), used / POLLFD.size, milliseconds))
      for (let at = 0, from = 0; from < used; at += POLLFD.size) {
        if (all.readInt32LE(at) < 0) continue
        slots.copy(all, at + POLLFD.revents, from + POLLFD.revents, from + POLLFD.size)
        from += POLLFD.size
      }
      return ready
    },
  }
}

const IPHLPAPI = 'iphlpapi.dll'
const KERNEL32 = 'kernel32.dll'
const ALIAS_BYTES = 260
const NEVER = new Int32Array(new SharedArrayBuffer(4))
