/** One open socket: its options, addresses, waits and closing. Shared by streams and datagrams. */
import type { Endpoint } from '../../contract/socket-facts.ts'
import {
  AF_INET,
  AF_INET6,
  BLOCKS,
  IPPROTO_IPV6,
  IPV6_V6ONLY,
  POLLERR,
  POLLIN,
  POLLOUT,
  SK_MEMINFO,
  SO_MEMINFO,
  SO_RCVTIMEO,
  SO_SNDTIMEO,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOL_SOCKET,
  TIMEVAL,
} from './abi.ts'
import { readAddress, SOCKADDR_BYTES, writeAddress } from './address.ts'
import { LENGTH_AT, type NativeContext, VALUE_AT } from './context.ts'
import { type FixedMemory, type Libc, systemError } from './libc.ts'
import type { Poller, Receive } from './poller.ts'

/**
 * The longest that a system call blocks, since a message from another thread does not interrupt it. The system rounds it up to its ticks
 * of 1 to 10 ms.
 */
const A_MOMENT = Buffer.alloc(TIMEVAL.size)
A_MOMENT.writeUInt32LE(1000, TIMEVAL.microseconds)

export class Descriptor {
  readonly fd: number
  readonly libc: Libc
  readonly family: 4 | 6
  /** Set if a receive buffer over rmem_max was requested: whether it was permitted. */
  rcvbufForced: boolean | undefined
  /** Called when the error queue is not empty; until it is, the poller's waits return immediately. */
  errorsQueued: (() => void) | undefined
  readonly #poller: Poller
  readonly scratch: FixedMemory
  #open = true
  #wantsRead = false
  #writable: (() => void) | undefined

  /**
   * Takes ownership of `fd`.
   * @param readable called when there is something to read, once `read()` was called
   * @param receive waits for that where nothing else is awaited
   */
  constructor(
    { libc, poller, scratch }: NativeContext,
    fd: number,
    family: 4 | 6,
    readable: () => void,
    receive?: Receive,
  ) {
    this.fd = fd
    this.libc = libc
    this.family = family
    this.#poller = poller
    this.scratch = scratch
    const ready = (events: number) => {
      if (events & POLLERR) this.errorsQueued?.()
      if (events & ~POLLOUT && this.#wantsRead) readable()
      if (events & ~POLLIN) this.#wakeWriter()
    }
    poller.watch(fd, ready, receive)
  }

  /**
   * Creates a socket whose calls block for at most a moment unless MSG_DONTWAIT is given.
   * @param dualStack let an IPv6 socket accept IPv4 too
   * @throws the system's error
   */
  static create(
    context: NativeContext,
    family: 4 | 6,
    type: number,
    readable: () => void,
    dualStack = false,
    receive?: Receive,
  ): Descriptor {
    const { libc } = context
    const fd = libc.socket(family === 6 ? AF_INET6 : AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)
    if (fd < 0) throw systemError(libc, 'socket')
    const descriptor = new Descriptor(context, fd, family, readable, receive)
    if (BLOCKS)
      for (const limit of [SO_RCVTIMEO, SO_SNDTIMEO]) descriptor.trySetBytes(SOL_SOCKET, limit, A_MOMENT)
    if (family === 6) descriptor.setOption(IPPROTO_IPV6, IPV6_V6ONLY, dualStack ? 0 : 1)
    return descriptor
  }

  get open(): boolean {
    return this.#open
  }

  get local(): Endpoint {
    return this.#address('getsockname')
  }

  /** Undefined if it is no longer connected. */
  get tryRemote(): Endpoint | undefined {
    try {
      return this.#address('getpeername')
    } catch {
      return undefined
    }
  }

  /** @throws the system's error */
  setOption(level: number, option: number, value: number): void {
    if (!this.trySetOption(level, option, value)) throw systemError(this.libc, 'setsockopt')
  }

  trySetOption(level: number, option: number, value: number): boolean {
    this.scratch.bytes.writeInt32LE(Math.min(value, 0x7fffffff), VALUE_AT)
    return this.libc.setsockopt(this.fd, level, option, this.scratch.address + VALUE_AT, 4) === 0
  }

  trySetBytes(level: number, option: number, value: Buffer): boolean {
    value.copy(this.scratch.bytes, VALUE_AT)
    return this.libc.setsockopt(this.fd, level, option, this.scratch.address + VALUE_AT, value.length) === 0
  }

  /** @throws the system's error */
  getOption(level: number, option: number): number {
    const value = this.tryGetOption(level, option)
    if (value === undefined) throw systemError(this.libc, 'getsockopt')
    return value
  }

  /** Undefined if the system cannot read it. */
  tryGetOption(level: number, option: number): number | undefined {
    // Windows answers with a byte where it is a yes or no.
    this.scratch.bytes.writeInt32LE(0, VALUE_AT)
    return this.tryGetBytes(level, option, 4) && this.scratch.bytes.readInt32LE(VALUE_AT)
  }

  /** An option value of up to `length` bytes, possibly shorter, which is valid until the next call; undefined if the system cannot read it. */
  tryGetBytes(level: number, option: number, length: number): Buffer | undefined {
    const { bytes, address } = this.scratch
    bytes.writeUInt32LE(length, LENGTH_AT)
    if (this.libc.getsockopt(this.fd, level, option, address + VALUE_AT, address + LENGTH_AT) < 0)
      return undefined
    return bytes.subarray(VALUE_AT, VALUE_AT + bytes.readUInt32LE(LENGTH_AT))
  }

  /** The counts of SO_MEMINFO; undefined if the system does not report them. */
  get meminfo(): Buffer | undefined {
    const memory = this.tryGetBytes(SOL_SOCKET, SO_MEMINFO, SK_MEMINFO.size)
    return memory?.length === SK_MEMINFO.size ? memory : undefined
  }

  /** Calls bind or connect with an address and returns the result. @param calling called right before */
  withAddress(call: 'bind' | 'connect', endpoint: Endpoint, calling?: () => void): number {
    const length = writeAddress(this.scratch.bytes, 0, endpoint, this.family)
    calling?.()
    return this.libc[call](this.fd, this.scratch.address, length)
  }

  /** Calls `readable` from now on, whenever there is something to read. */
  read(): void {
    this.#wantsRead = true
    this.#want()
  }

  stopReading(): void {
    this.#wantsRead = false
    this.#want()
  }

  /** Resolves when the socket may accept more, or has been closed. */
  async writable(): Promise<void> {
    if (!this.#open) return
    const written = new Promise<void>(resolve => {
      this.#writable = resolve
      this.#want()
    })
    this.#poller.block(() => this.#writable === undefined)
    await written
  }

  /** May be called twice. */
  close(): void {
    if (!this.#open) return
    this.#open = false
    this.#poller.forget(this.fd)
    this.libc.close(this.fd)
    this.#wakeWriter()
  }

  #wakeWriter(): void {
    const wake = this.#writable
    this.#writable = undefined
    if (this.#open) this.#want()
    wake?.()
  }

  #want(): void {
    this.#poller.want(this.fd, (this.#wantsRead ? POLLIN : 0) | (this.#writable ? POLLOUT : 0))
  }

  #address(call: 'getsockname' | 'getpeername'): Endpoint {
    this.scratch.bytes.writeUInt32LE(SOCKADDR_BYTES, LENGTH_AT)
    if (this.libc[call](this.fd, this.scratch.address, this.scratch.address + LENGTH_AT) < 0)
      throw systemError(this.libc, call)
    return readAddress(this.scratch.bytes, 0)
  }
}
