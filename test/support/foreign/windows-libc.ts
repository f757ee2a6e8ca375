/**
 * ws2_32.dll as far as the native engine calls it, made of Linux's calls: what Wine does not have (segmented sends, coalesced reads, local
 * addresses of datagrams, groups) runs here, over real sockets. It says nothing of how Windows behaves.
 */
import { constants } from 'node:os'
import { BINDINGS, type Binding, type NativeCall } from '../../../transports/engines/native/binding.ts'
import { fixedMemory } from '../../../transports/engines/native/libc.ts'
import { headersOf } from './headers.ts'
import { LINUX, LINUX_CONTROL, LINUX_MESSAGE, WINDOWS_OPTIONS } from './linux-numbers.ts'

const { EAGAIN, ECONNREFUSED, ECONNRESET, EINPROGRESS, EINVAL, ENOPROTOOPT } = constants.errno
const { number, struct } = headersOf('win32')
const RECEIVE = 0xfeed
const MOST = 512
/** ::ffff:0:0/96 */
const MAPPED = Buffer.from('00000000000000000000ffff', 'hex')

export async function windowsBinding(): Promise<Binding> {
  const real = await BINDINGS.koffi()
  const linux = (prototype: string) => real.func(prototype, null)
  const message = struct('WSAMSG')
  const at = (name: string) => message.at[name] ?? 0
  const bufferAt = at('Control') + (struct('WSABUF').at['buf'] ?? 0)
  let forced: number | undefined
  const refuse = (errno: number) => {
    forced = errno
    return -1
  }
  const fixed = () => fixedMemory(real, 4096)
  const [name, header, controls, value, vector] = [fixed(), fixed(), fixed(), fixed(), fixed()]
  const view = (address: number, length: number) => real.viewOf(address, length)
  const pointer = (bytes: Buffer, from: number) => Number(bytes.readBigUInt64LE(from))

  const family = (bytes: Buffer, from: string, to: number) => {
    if (bytes.readUInt16LE() === (from === 'win32' ? number('AF_INET6') : LINUX.AF_INET6))
      bytes.writeUInt16LE(to)
  }
  /** An address, copied. */
  const toLinux = (address: number, length: number) => {
    view(address, length).copy(name.bytes)
    family(name.bytes, 'win32', LINUX.AF_INET6)
    return name.address
  }
  const fromLinux = (address: number, length: number) => {
    if (length >= 16) family(view(address, length), 'linux', number('AF_INET6'))
  }

  const sendmsg = linux('intptr_t sendmsg(int fd, uintptr_t message, int flags)')
  const recvmsg = linux('intptr_t recvmsg(int fd, uintptr_t message, int flags)')
  /** Both have one layout of control messages. */
  const layOut = (own: Buffer, nameBytes: number, controlBytes: number) => {
    const buffer = view(pointer(own, at('lpBuffers')), struct('WSABUF').size)
    vector.bytes.writeBigUInt64LE(buffer.readBigUInt64LE(struct('WSABUF').at['buf']), 0)
    vector.bytes.writeBigUInt64LE(BigInt(buffer.readUInt32LE()), 8)
    header.bytes.fill(0, 0, LINUX_MESSAGE.size)
    if (nameBytes > 0) header.bytes.writeBigUInt64LE(BigInt(name.address), LINUX_MESSAGE.name)
    header.bytes.writeUInt32LE(nameBytes, LINUX_MESSAGE.nameLength)
    header.bytes.writeBigUInt64LE(BigInt(vector.address), LINUX_MESSAGE.iov)
    header.bytes.writeUInt32LE(own.readUInt32LE(at('dwBufferCount')), LINUX_MESSAGE.count)
    if (controlBytes > 0) header.bytes.writeBigUInt64LE(BigInt(controls.address), LINUX_MESSAGE.control)
    header.bytes.writeUInt32LE(controlBytes, LINUX_MESSAGE.controlLength)
  }
  const controlOf = (level: number, type: number, data: Buffer): Buffer => {
    const bytes = Buffer.alloc(LINUX_CONTROL.data + Math.ceil(data.length / 8) * 8)
    bytes.writeUInt32LE(LINUX_CONTROL.data + data.length)
    bytes.writeInt32LE(level, LINUX_CONTROL.level)
    bytes.writeInt32LE(type, LINUX_CONTROL.type)
    data.copy(bytes, LINUX_CONTROL.data)
    return bytes
  }
  /** Translates each control message. */
  const translated = (
    bytes: Buffer,
    each: (level: number, type: number, data: Buffer) => Buffer[],
  ): Buffer => {
    const found: Buffer[] = []
    for (let start = 0; start + LINUX_CONTROL.data <= bytes.length; ) {
      const length = bytes.readUInt32LE(start)
      const [level, type] = [bytes.readInt32LE(start + 8), bytes.readInt32LE(start + 12)]
      found.push(...each(level, type, bytes.subarray(start + LINUX_CONTROL.data, start + length)))
      start += Math.ceil(length / LINUX_CONTROL.alignment) * LINUX_CONTROL.alignment
    }
    return Buffer.concat(found)
  }
  const isMapped = (info: Buffer) => info.subarray(0, 12).equals(MAPPED)
  const toLinuxControl = (level: number, type: number, data: Buffer): Buffer[] => {
    if (level === 17 && type === number('UDP_SEND_MSG_SIZE') && data.length === 4)
      return [controlOf(17, LINUX.UDP_SEGMENT, data.subarray(0, 2))]
    const isOf6 = level === 41 && type === number('IPV6_PKTINFO') && !isMapped(data)
    if (isOf6 && data.length === struct('IN6_PKTINFO').size) return [controlOf(41, LINUX.IPV6_PKTINFO, data)]
    if (level !== 0 || type !== number('IP_PKTINFO') || data.length !== struct('IN_PKTINFO').size)
      throw new Error(`not a control message of Windows: ${level} ${type} ${data.toString('hex')}`)
    const info = Buffer.alloc(12)
    data.copy(info, 4, 0, 4)
    return [controlOf(0, LINUX.IP_PKTINFO, info)]
  }
  const fromLinuxControl = (level: number, type: number, data: Buffer): Buffer[] => {
    if (level === 17 && type === LINUX.UDP_GRO) return [controlOf(17, number('UDP_COALESCED_INFO'), data)]
    // Windows tells it by IP_PKTINFO, where that was asked for.
    if (level === 41 && type === LINUX.IPV6_PKTINFO)
      return isMapped(data) ? [] : [controlOf(41, number('IPV6_PKTINFO'), data)]
    if (level === 41 && type === LINUX.IPV6_HOPLIMIT) return [controlOf(41, number('IPV6_HOPLIMIT'), data)]
    if (level === 0 && type === LINUX.IP_TTL) return [controlOf(0, number('IP_TTL'), data)]
    if (level !== 0 || type !== LINUX.IP_PKTINFO) return []
    return [controlOf(0, number('IP_PKTINFO'), Buffer.concat([data.subarray(8, 12), data.subarray(0, 4)]))]
  }

  const failedAtDatagram = () => (real.errno() === ECONNREFUSED ? refuse(ECONNRESET) : -1)
  const send: NativeCall = (fd = 0, address = 0, _flags = 0, sent = 0) => {
    const own = view(address, message.size)
    const nameBytes = own.readUInt32LE(at('namelen'))
    if (nameBytes > 0) toLinux(pointer(own, at('name')), nameBytes)
    const given = own.readUInt32LE(at('Control'))
    const linuxControls = translated(
      given > 0 ? view(pointer(own, bufferAt), given) : Buffer.alloc(0),
      toLinuxControl,
    )
    linuxControls.copy(controls.bytes)
    layOut(own, nameBytes, linuxControls.length)
    const length = sendmsg(fd, header.address, LINUX.MSG_NOSIGNAL)
    if (length < 0) return failedAtDatagram()
    view(sent, 4).writeUInt32LE(length)
    return 0
  }
  const receive: NativeCall = (fd = 0, address = 0, received = 0) => {
    const own = view(address, message.size)
    if (own.readUInt32LE(at('dwFlags')) !== 0) return refuse(EINVAL)
    const room = own.readUInt32LE(at('namelen'))
    const controlRoom = own.readUInt32LE(at('Control'))
    layOut(own, room, MOST)
    const length = recvmsg(fd, header.address, 0)
    if (length < 0) {
      if (real.errno() === EAGAIN) return -1
      // The message is used up.
      own.fill(0xff, at('dwFlags'))
      return failedAtDatagram()
    }
    const nameBytes = header.bytes.readUInt32LE(LINUX_MESSAGE.nameLength)
    name.bytes.copy(view(pointer(own, at('name')), room), 0, 0, nameBytes)
    fromLinux(pointer(own, at('name')), nameBytes)
    own.writeUInt32LE(nameBytes, at('namelen'))
    const got = header.bytes.readUInt32LE(LINUX_MESSAGE.controlLength)
    const windows = translated(controls.bytes.subarray(0, got), fromLinuxControl)
    windows.copy(view(pointer(own, bufferAt), controlRoom))
    own.writeUInt32LE(windows.length, at('Control'))
    own.writeUInt32LE(0xff, at('dwFlags'))
    view(received, 4).writeUInt32LE(length)
    return 0
  }

  const optionOf = (level: number, option: number) =>
    WINDOWS_OPTIONS.find(([ofLevel, called]) => ofLevel === level && number(called) === option)
  const set = linux('int setsockopt(int fd, int level, int option, uintptr_t value, uint32_t length)')
  const get = linux('int getsockopt(int fd, int level, int option, uintptr_t value, uintptr_t length)')
  const group = struct('GROUP_REQ')
  const sourced = struct('GROUP_SOURCE_REQ')
  const setsockopt: NativeCall = (fd = 0, level = 0, option = 0, address = 0, length = 0) => {
    const [, called, linuxLevel, linuxOption] = optionOf(level, option) ?? []
    if (linuxLevel === undefined || linuxOption === undefined) return refuse(ENOPROTOOPT)
    view(address, length).copy(value.bytes)
    if (called === 'UDP_RECV_MAX_COALESCED_SIZE')
      value.bytes.writeUInt32LE(value.bytes.readUInt32LE() === 0 ? 0 : 1)
    if (called?.startsWith('MCAST'))
      for (const from of [
        group.at['gr_group'],
        ...(length === sourced.size ? [sourced.at['gsr_source']] : []),
      ])
        family(value.bytes.subarray(from), 'win32', LINUX.AF_INET6)
    return set(fd, linuxLevel, linuxOption, value.address, length)
  }
  const getsockopt: NativeCall = (fd = 0, level = 0, option = 0, address = 0, length = 0) => {
    const [, called, linuxLevel, linuxOption] = optionOf(level, option) ?? []
    if (linuxLevel === undefined || linuxOption === undefined) return refuse(ENOPROTOOPT)
    const result = get(fd, linuxLevel, linuxOption, address, length)
    // A byte for a yes or no.
    if (called === 'TCP_NODELAY') view(length, 4).writeUInt32LE(1)
    return result
  }

  const linuxPoll = linux('int poll(uintptr_t fds, unsigned long count, int timeout)')
  const EVENTS = [
    [number('POLLIN'), 1],
    [number('POLLOUT'), 4],
    [number('POLLERR'), 8],
    [number('POLLHUP'), 16],
  ] as const
  const poll: NativeCall = (fds = 0, count = 0, timeout = 0) => {
    const layout = struct('WSAPOLLFD')
    const [events = 0, revents = 0] = [layout.at['events'], layout.at['revents']]
    if (count === 0) return refuse(EINVAL)
    const own = view(fds, count * layout.size)
    for (let slot = 0; slot < count; slot++) {
      const asked = own.readUInt16LE(slot * layout.size + events)
      if (own.readBigUInt64LE(slot * layout.size) > 0xffffn) throw new Error('WSAPoll wants sockets')
      value.bytes.writeInt32LE(own.readInt32LE(slot * layout.size), slot * 8)
      const named = EVENTS.filter(([windows]) => (asked & windows) !== 0)
      value.bytes.writeUInt32LE(
        named.reduce((sum, [, each]) => sum | each, 0),
        slot * 8 + 4,
      )
    }
    const ready = linuxPoll(value.address, count, timeout)
    for (let slot = 0; slot < count; slot++) {
      const got = value.bytes.readUInt16LE(slot * 8 + 6)
      const named = EVENTS.filter(([, each]) => (got & each) !== 0)
      // Linux hangs up readably.
      own.writeUInt16LE(
        named.reduce((sum, [windows]) => sum | windows, 0),
        slot * layout.size + revents,
      )
    }
    return ready
  }

  const linuxSocket = linux('int socket(int domain, int type, int protocol)')
  const linuxIoctl = linux('int ioctl(int fd, unsigned long request, uintptr_t argument)')
  const addressed = (call: string): NativeCall => {
    const calls = linux(`int ${call}(int fd, uintptr_t address, uint32_t length)`)
    return (fd = 0, address = 0, length = 0) => calls(fd, toLinux(address, length), length)
  }
  const named = (call: string): NativeCall => {
    const calls = linux(`int ${call}(int fd, uintptr_t address, uintptr_t length)`)
    return (fd = 0, address = 0, length = 0) => {
      const result = calls(fd, address, length)
      if (result >= 0) fromLinux(address, view(length, 4).readUInt32LE())
      return result
    }
  }
  const indexOf = linux('unsigned int if_nametoindex(uintptr_t name)')
  const own: Readonly<Record<string, NativeCall>> = {
    WSASocketW: (domain = 0, type = 0, protocol = 0) =>
      linuxSocket(domain === number('AF_INET6') ? LINUX.AF_INET6 : LINUX.AF_INET, type, protocol),
    bind: addressed('bind'),
    connect: addressed('connect'),
    accept: named('accept'),
    getsockname: named('getsockname'),
    getpeername: named('getpeername'),
    listen: linux('int listen(int fd, int backlog)'),
    shutdown: linux('int shutdown(int fd, int how)'),
    closesocket: linux('int close(int fd)'),
    setsockopt,
    getsockopt,
    recv: linux('intptr_t recv(int fd, uintptr_t bytes, size_t length, int flags)'),
    // FIONBIO of Linux.
    ioctlsocket: (fd = 0, command = 0, address = 0) =>
      command === number('FIONBIO') ? linuxIoctl(fd, 0x5421, address) : refuse(EINVAL),
    WSAIoctl(_fd = 0, code = 0, input = 0, bytes = 0, output = 0) {
      if (code === number('SIO_UDP_CONNRESET')) return bytes === 4 ? 0 : refuse(EINVAL)
      const id = view(input, bytes).toString('hex')
      if (code !== number('SIO_GET_EXTENSION_FUNCTION_POINTER') || id !== 'c8d789f61f6f6b438a53e54fe351c322')
        return refuse(EINVAL)
      view(output, 8).writeBigUInt64LE(BigInt(RECEIVE))
      return 0
    },
    WSASendMsg: send,
    WSASend(fd = 0, buffers = 0, count = 0, sent = 0) {
      const bytes = Buffer.alloc(message.size)
      bytes.writeBigUInt64LE(BigInt(buffers), at('lpBuffers'))
      bytes.writeUInt32LE(count, at('dwBufferCount'))
      bytes.copy(value.bytes)
      return send(fd, value.address, 0, sent)
    },
    WSAPoll: poll,
    SetHandleInformation: () => 1,
    ConvertInterfaceAliasToLuid(alias = 0, id = 0) {
      const text = view(alias, MOST).toString('utf16le').split('\0', 1)[0]
      value.bytes.write(`${text}\0`)
      const index = indexOf(value.address)
      view(id, 8).writeBigUInt64LE(BigInt(index))
      return index > 0 ? 0 : 87
    },
    ConvertInterfaceLuidToIndex(id = 0, index = 0) {
      view(index, 4).writeUInt32LE(Number(view(id, 8).readBigUInt64LE()))
      return 0
    },
  }
  // A connection under way is WSAEWOULDBLOCK.
  const errno = () => forced ?? (real.errno() === EINPROGRESS ? EAGAIN : real.errno())
  return {
    ...real,
    func(prototype) {
      const called = /(\w+)\(/.exec(prototype)?.[1] ?? ''
      if (called === 'WSAGetLastError') return errno
      const call = own[called]
      if (!call) throw new Error(`Windows has no ${called}`)
      return (...values) => {
        forced = undefined
        return Number(call(...values))
      }
    },
    errno,
    pointerTo(address) {
      if (address !== RECEIVE) throw new Error(`nothing at ${address}`)
      return (...values) => {
        forced = undefined
        return receive(...values)
      }
    },
  }
}
