/**
 * The C library of FreeBSD or macOS, as far as the native engine calls it, made of Linux's: numbers and layouts are read as the headers of
 * that system declare them, and what it would refuse is refused. So the engine's paths for that system run here, over real sockets. It says
 * nothing of how that system's kernel behaves.
 */
import { constants } from 'node:os'
import { BINDINGS, type Binding, type NativeCall } from '../../../transports/engines/native/binding.ts'
import { fixedMemory } from '../../../transports/engines/native/libc.ts'
import { controlsOf } from './controls.ts'
import { type Foreign, headersOf } from './headers.ts'
import { LINUX, LINUX_MESSAGE, OPTIONS } from './linux-numbers.ts'

const { EINVAL, EMSGSIZE, ENOPROTOOPT } = constants.errno
const MOST = 512

export async function foreignBinding(system: Foreign): Promise<Binding> {
  const real = await BINDINGS.koffi()
  const { func } = real
  const { number, has, struct } = headersOf(system)
  const message = struct('msghdr').at
  const { toLinux: toLinuxControls, fromLinux: fromLinuxControls } = controlsOf(system)
  const place = (name: string) => message[name] ?? 0
  const many = struct(system === 'freebsd' ? 'mmsghdr' : 'msghdr_x')
  const lengthAt = many.at['msg_len'] ?? many.at['msg_datalen'] ?? 0
  let forced: number | undefined
  const refuse = (errno: number) => {
    forced = errno
    return -1
  }

  const fixed = () => fixedMemory(real, MOST)
  const [name, header, controls, value] = [fixed(), fixed(), fixed(), fixed()]
  const peek = (address: number, length: number) => Buffer.from(real.viewOf(address, length))
  const poke = (address: number, bytes: Buffer) => bytes.copy(real.viewOf(address, bytes.length))
  const pointer = (bytes: Buffer, at: number) => Number(bytes.readBigUInt64LE(at))

  /** An address of that system as Linux has it. @throws if its length or family is not what that system wants */
  const toLinux = (address: Buffer): Buffer => {
    const six = address.readUInt8(1) === number('AF_INET6')
    const size = struct(six ? 'sockaddr_in6' : 'sockaddr_in').size
    if (address.readUInt8(0) !== size || !(six || address.readUInt8(1) === number('AF_INET')))
      throw new Error(`not an address of ${system}: ${address.toString('hex')}`)
    const bytes = Buffer.from(address)
    bytes.writeUInt16LE(six ? LINUX.AF_INET6 : LINUX.AF_INET)
    return bytes
  }
  const fromLinux = (address: Buffer): Buffer => {
    if (address.length < 2) return address
    const bytes = Buffer.from(address)
    const six = address.readUInt16LE() === LINUX.AF_INET6
    bytes.writeUInt8(struct(six ? 'sockaddr_in6' : 'sockaddr_in').size, 0)
    bytes.writeUInt8(number(six ? 'AF_INET6' : 'AF_INET'), 1)
    return bytes
  }
  /** Flags by their names. @throws if that system does not have one of them */
  const flagsOf = (flags: number, names: readonly (keyof typeof LINUX)[]): number => {
    let [left, linux] = [flags, 0]
    for (const each of names.filter(has))
      if ((flags & number(each)) !== 0) {
        left &= ~number(each)
        linux |= LINUX[each]
      }
    if (left !== 0) throw new Error(`${system} does not have these flags: 0x${left.toString(16)}`)
    return linux
  }
  const messageFlags = (flags: number) => flagsOf(flags, ['MSG_DONTWAIT', 'MSG_NOSIGNAL'])

  const sendmsg = func('intptr_t sendmsg(int fd, uintptr_t message, int flags)')
  const recvmsg = func('intptr_t recvmsg(int fd, uintptr_t message, int flags)')
  const layOut = (own: Buffer, nameBytes: number, controlBytes: number) => {
    header.bytes.fill(0, 0, LINUX_MESSAGE.size)
    if (nameBytes > 0) header.bytes.writeBigUInt64LE(BigInt(name.address), LINUX_MESSAGE.name)
    header.bytes.writeUInt32LE(nameBytes, LINUX_MESSAGE.nameLength)
    own.copy(header.bytes, LINUX_MESSAGE.iov, place('msg_iov'), place('msg_iov') + 8)
    header.bytes.writeUInt32LE(own.readInt32LE(place('msg_iovlen')), LINUX_MESSAGE.count)
    if (controlBytes > 0) header.bytes.writeBigUInt64LE(BigInt(controls.address), LINUX_MESSAGE.control)
    header.bytes.writeUInt32LE(controlBytes, LINUX_MESSAGE.controlLength)
  }
  const sendOne = (fd: number, address: number, flags: number): number => {
    const own = peek(address, struct('msghdr').size)
    const nameBytes = own.readUInt32LE(place('msg_namelen'))
    if (nameBytes > 0) toLinux(peek(pointer(own, place('msg_name')), nameBytes)).copy(name.bytes)
    const length = own.readUInt32LE(place('msg_controllen'))
    const translated = toLinuxControls(peek(pointer(own, place('msg_control')), length))
    translated.copy(controls.bytes)
    layOut(own, nameBytes, translated.length)
    return sendmsg(fd, header.address, messageFlags(flags))
  }
  const receiveOne = (fd: number, address: number, flags: number): number => {
    const own = peek(address, struct('msghdr').size)
    layOut(
      own,
      own.readUInt32LE(place('msg_namelen')),
      own.readUInt32LE(place('msg_controllen')) > 0 ? MOST : 0,
    )
    const length = recvmsg(fd, header.address, messageFlags(flags))
    if (length < 0) return length
    const nameBytes = header.bytes.readUInt32LE(LINUX_MESSAGE.nameLength)
    if (nameBytes > 0)
      poke(pointer(own, place('msg_name')), fromLinux(Buffer.from(name.bytes.subarray(0, nameBytes))))
    const got = header.bytes.readUInt32LE(LINUX_MESSAGE.controlLength)
    const translated = fromLinuxControls(Buffer.from(controls.bytes.subarray(0, got)))
    if (translated.length > 0) poke(pointer(own, place('msg_control')), translated)
    own.writeUInt32LE(nameBytes, place('msg_namelen'))
    own.writeUInt32LE(translated.length, place('msg_controllen'))
    own.writeUInt32LE(0xff, place('msg_flags'))
    poke(address, own)
    return length
  }
  /** As FreeBSD's library does it: one after another, until one fails. */
  const each = (one: typeof sendOne) => (fd: number, messages: number, count: number, flags: number) => {
    for (let index = 0; index < count; index++) {
      const at = messages + index * many.size
      const length = one(fd, at, flags)
      if (length < 0) return index === 0 ? -1 : index
      const bytes = Buffer.alloc(8)
      bytes.writeBigInt64LE(BigInt(length))
      poke(at + lengthAt, bytes)
    }
    return count
  }

  const optionOf = (level: number, option: number) =>
    OPTIONS.find(([ofLevel, called]) => has(called) && number(ofLevel) === level && number(called) === option)
  const setsockopt = func('int setsockopt(int fd, int level, int option, uintptr_t value, uint32_t length)')
  const getsockopt = func('int getsockopt(int fd, int level, int option, uintptr_t value, uintptr_t length)')
  const groupToLinux = (bytes: Buffer): Buffer => {
    const [group, sourced] = [struct('group_req'), struct('group_source_req')]
    const linux = Buffer.alloc(bytes.length === group.size ? 136 : 264)
    bytes.copy(linux, 0, 0, 4)
    toLinux(bytes.subarray(group.at['gr_group'], (group.at['gr_group'] ?? 0) + 28)).copy(linux, 8)
    const source = sourced.at['gsr_source'] ?? 0
    if (bytes.length === sourced.size) toLinux(bytes.subarray(source, source + 28)).copy(linux, 136)
    return linux
  }
  const named = (call: string): NativeCall => {
    const linux = func(`int ${call}(int fd, uintptr_t address, uintptr_t length)`)
    return (fd = 0, address = 0, length = 0) => {
      const result = linux(fd, address, length)
      if (result >= 0) poke(address, fromLinux(peek(address, Math.min(28, peek(length, 4).readUInt32LE()))))
      return result
    }
  }
  const addressed = (call: string): NativeCall => {
    const linux = func(`int ${call}(int fd, uintptr_t address, uint32_t length)`)
    return (fd = 0, address = 0, length = 0) => {
      toLinux(peek(address, length)).copy(name.bytes)
      return linux(fd, name.address, length)
    }
  }
  const linuxSocket = func('int socket(int domain, int type, int protocol)')
  const linuxAccept = func('int accept4(int fd, uintptr_t address, uintptr_t length, int flags)')
  const linuxRecv = func('intptr_t recv(int fd, uintptr_t bytes, size_t length, int flags)')
  const linuxEvent = func('int eventfd(unsigned int value, int flags)')
  const linuxPoll = func('int ppoll(uintptr_t fds, unsigned long count, uintptr_t timeout, uintptr_t mask)')
  const linuxFcntl = func('int fcntl(int fd, int command, long argument)')
  const accepted = (fd: number, address: number, length: number, flags: number) => {
    const result = linuxAccept(fd, address, length, flags)
    if (result >= 0) poke(address, fromLinux(peek(address, 28)))
    return result
  }
  const socketFlags = ['SOCK_CLOEXEC', 'SOCK_NONBLOCK'] as const

  const shared: Record<string, NativeCall> = {
    socket: (domain, type = 0, protocol = 0) =>
      linuxSocket(
        domain === number('AF_INET6') ? LINUX.AF_INET6 : LINUX.AF_INET,
        (type & 0xf) | flagsOf(type & ~0xf, socketFlags),
        protocol,
      ),
    bind: addressed('bind'),
    connect: addressed('connect'),
    getsockname: named('getsockname'),
    getpeername: named('getpeername'),
    setsockopt(fd = 0, level = 0, option = 0, address = 0, length = 0) {
      const [, called, linuxLevel, linux] = optionOf(level, option) ?? []
      if (called === undefined || linuxLevel === undefined || linux === undefined) return refuse(ENOPROTOOPT)
      if (!called.startsWith('MCAST')) return setsockopt(fd, linuxLevel, linux, address, length)
      const request = groupToLinux(peek(address, length))
      request.copy(value.bytes)
      return setsockopt(fd, linuxLevel, linux, value.address, request.length)
    },
    getsockopt(fd = 0, level = 0, option = 0, address = 0, length = 0) {
      const [, , linuxLevel, linux] = optionOf(level, option) ?? []
      return linuxLevel === undefined || linux === undefined
        ? refuse(ENOPROTOOPT)
        : getsockopt(fd, linuxLevel, linux, address, length)
    },
    recv: (fd = 0, bytes = 0, length = 0, flags = 0) => linuxRecv(fd, bytes, length, messageFlags(flags)),
  }
  const freebsd: Record<string, NativeCall> = {
    accept4: (fd = 0, address = 0, length = 0, flags = 0) =>
      accepted(fd, address, length, flagsOf(flags, socketFlags)),
    sendmmsg: (fd = 0, messages = 0, count = 0, flags = 0) => each(sendOne)(fd, messages, count, flags),
    recvmmsg: (fd = 0, messages = 0, count = 0, flags = 0) => each(receiveOne)(fd, messages, count, flags),
    ppoll: (fds = 0, count = 0, timeout = 0, mask = 0) => linuxPoll(fds, count, timeout, mask),
    eventfd: (start = 0, flags = 0) => linuxEvent(start, flagsOf(flags, ['EFD_NONBLOCK', 'EFD_CLOEXEC'])),
  }
  /** What both want: no flag but one, and messages whose own flags are clear. */
  const plain = (messages: number, count: number, flags: number) =>
    (flags & ~number('MSG_DONTWAIT')) === 0 &&
    Array.from({ length: count }, (_, index) => peek(messages + index * many.size, many.size)).every(
      bytes => bytes.readUInt32LE(place('msg_flags')) === 0,
    )
  const darwin: Record<string, NativeCall> = {
    sendmsg_x(fd = 0, messages = 0, count = 0, flags = 0) {
      // As its header says: no addresses.
      const isConnected = peek(messages, many.size).readUInt32LE(place('msg_namelen')) === 0
      if (!plain(messages, count, flags) || !isConnected) return refuse(EINVAL)
      const sizes = Array.from({ length: count }, (_, index) => {
        const vector = pointer(peek(messages + index * many.size, many.size), place('msg_iov'))
        return peek(vector + 8, 4).readUInt32LE()
      })
      value.bytes.writeUInt32LE(4, 8)
      getsockopt(fd, 1, 7, value.address, value.address + 8)
      const together = sizes.reduce((sum, size) => sum + size, 0)
      // Linux doubles what was asked for.
      return together > value.bytes.readUInt32LE() / 2
        ? refuse(EMSGSIZE)
        : each(sendOne)(fd, messages, count, flags)
    },
    recvmsg_x: (fd = 0, messages = 0, count = 0, flags = 0) =>
      plain(messages, count, flags) ? each(receiveOne)(fd, messages, count, flags) : refuse(EINVAL),
    sendmsg: (fd = 0, at = 0, flags = 0) => sendOne(fd, at, flags),
    recvmsg: (fd = 0, at = 0, flags = 0) => receiveOne(fd, at, flags),
    accept: (fd = 0, address = 0, length = 0) => accepted(fd, address, length, 0),
    poll(fds = 0, count = 0, timeout = 0) {
      value.bytes.writeBigInt64LE(BigInt(Math.floor(timeout / 1000)), 0)
      value.bytes.writeBigInt64LE(BigInt((timeout % 1000) * 1e6), 8)
      return linuxPoll(fds, count, value.address, 0)
    },
    // F_SETFL, O_NONBLOCK.
    fcntl: (fd = 0, command = 0, ...values) =>
      linuxFcntl(
        fd,
        command,
        command === 4 && values.at(-1) === 4 ? LINUX.SOCK_NONBLOCK : (values.at(-1) ?? 0),
      ),
  }
  const same = ['listen', 'read', 'write', 'shutdown', 'close', 'if_nametoindex', 'memcpy', 'ioctl']
  const own = { ...shared, ...(system === 'freebsd' ? freebsd : darwin) }
  return {
    ...real,
    func(prototype) {
      const called = /(\w+)\(/.exec(prototype)?.[1] ?? ''
      const call = own[called] ?? (same.includes(called) ? func(prototype) : undefined)
      if (!call) throw new Error(`${system} has no ${called}`)
      return (...values) => {
        forced = undefined
        return Number(call(...values))
      }
    },
    errno: () => forced ?? real.errno(),
  }
}
