/**
 * Arrays of struct mmsghdr, laid out once for all sockets of a process: calls are synchronous, and received data is valid only during the
 * callback.
 */
import { isMulticast } from '../../contract/addresses.ts'
import type { Endpoint, SocketOptions } from '../../contract/socket-facts.ts'
import {
  CLEARS_FLAGS,
  DATAGRAMS_A_CALL,
  IOVEC,
  IP_TTL,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_HOPLIMIT,
  MAPS_PKTINFO,
  MMSGHDR,
  PKTINFO,
  SO_RXQ_OVFL,
  SOL_SOCKET,
  SOL_UDP,
  UDP_GRO,
  UDP_SEGMENT,
  UDP_SEGMENT_SIZE,
} from './abi.ts'
import { readAddress, readIpv4, readIpv6, SOCKADDR_BYTES, writeAddress } from './address.ts'
import { controlData, writeNumber, writeSource } from './control.ts'
import { type FixedMemory, fixedMemory, type Libc } from './libc.ts'

/** The most datagrams or writes per system call. */
export const BATCH = 64

/** The batch size of a socket: the requested one, up to `BATCH`. */
export function batchOf({ batch = BATCH }: SocketOptions): number {
  return Math.min(batch, BATCH, DATAGRAMS_A_CALL)
}

/** Counts successful system calls, and the datagrams or writes they handled. */
export class Calls {
  #calls = 0
  #done = 0

  /** Records one call that handled `done` datagrams or writes. */
  note(done: number): void {
    this.#calls++
    this.#done += done
  }

  /** Average per call; undefined without any call. */
  get mean(): number | undefined {
    return this.#calls === 0 ? undefined : this.#done / this.#calls
  }
}
const LARGEST_DATAGRAM = 65_536
/** Not a power of two, so that the slots do not all map to the same cache sets. */
const SLOT_BYTES = LARGEST_DATAGRAM + 192
const NAME_BYTES = 32
const NOBODY: Endpoint = { host: '', port: 0, family: 4 }
/** Room for UDP_GRO, SO_RXQ_OVFL and IP_TTL (24 bytes each) and IPV6_PKTINFO (40). */
const CONTROL_BYTES = 112

export class OutgoingMessages {
  readonly headers: FixedMemory
  readonly #vectors: FixedMemory
  readonly #name: FixedMemory
  readonly #control: FixedMemory
  #to: Endpoint | undefined
  #family: 4 | 6 = 4
  #sourced = false
  #segmentBytes = 0

  constructor(libc: Libc) {
    this.headers = fixedMemory(libc, BATCH * MMSGHDR.size)
    this.#vectors = fixedMemory(libc, BATCH * IOVEC.size)
    this.#name = fixedMemory(libc, NAME_BYTES)
    this.#control = fixedMemory(libc, CONTROL_BYTES)
    for (let index = 0; index < BATCH; index++)
      pointToVector(this.headers, index, this.#vectors.address + index * IOVEC.size)
  }

  /** Sends to `to`, from its `via` if it has one, or to the peer of a connected socket. @param family of the socket @throws as `writeAddress` */
  address(to: Endpoint | undefined, family: 4 | 6): void {
    // The same object is the same address: answers go to one source time and again.
    if (to === this.#to && family === this.#family) return
    // Until all of it is written, what is there is nobody's.
    this.#to = NOBODY
    const length = to ? writeAddress(this.#name.bytes, 0, to, family) : 0
    this.#leaveFrom(to?.via, family)
    this.#to = to
    this.#family = family
    for (let index = 0; index < BATCH; index++) {
      const at = index * MMSGHDR.size
      writePointer(this.headers.bytes, at + MMSGHDR.name, to ? this.#name.address : 0)
      this.headers.bytes.writeUInt32LE(length, at + MMSGHDR.nameLength)
    }
  }

  /** Segmented sends leave from the system's choice of address: replies are never segmented. */
  #leaveFrom(host: string | undefined, family: 4 | 6): void {
    if (this.#segmentBytes > 0 || (host === undefined && !this.#sourced)) return
    this.#sourced = host !== undefined
    this.#setControl(host === undefined ? 0 : writeSource(this.#control.bytes, host, family))
  }

  #setControl(length: number): void {
    for (let index = 0; index < BATCH; index++) {
      const at = index * MMSGHDR.size
      writePointer(this.headers.bytes, at + MMSGHDR.control, length > 0 ? this.#control.address : 0)
      this.headers.bytes.writeUInt32LE(length, at + MMSGHDR.controlLength)
    }
  }

  /** Makes message `index` the `length` bytes at `address`. */
  set(index: number, address: number, length: number): void {
    const at = index * IOVEC.size
    writePointer(this.#vectors.bytes, at + IOVEC.base, address)
    this.#vectors.bytes.writeUInt32LE(length, at + IOVEC.length)
  }

  /** How many bytes of message `index` the system accepted. */
  taken(index: number): number {
    return this.headers.bytes.readUInt32LE(index * MMSGHDR.size + MMSGHDR.length)
  }

  /** Has the kernel segment each message into datagrams of this size (UDP_SEGMENT). */
  segment(bytes: number): void {
    if (bytes === this.#segmentBytes) return
    this.#segmentBytes = bytes
    this.#setControl(writeNumber(this.#control.bytes, SOL_UDP, UDP_SEGMENT, bytes, UDP_SEGMENT_SIZE))
  }
}

export class IncomingMessages {
  readonly headers: FixedMemory
  readonly memory: FixedMemory
  readonly #vectors: FixedMemory
  readonly #names: FixedMemory
  readonly #control: FixedMemory
  #last: { key: Buffer; endpoint: Endpoint } | undefined
  /** For the socket bound to all addresses; the key is the data of IP_PKTINFO or IPV6_PKTINFO. */
  #lastAsked: { key: Buffer; from: Endpoint; endpoint: Endpoint } | undefined

  constructor(libc: Libc) {
    this.headers = fixedMemory(libc, BATCH * MMSGHDR.size)
    this.memory = fixedMemory(libc, BATCH * SLOT_BYTES)
    this.#vectors = fixedMemory(libc, BATCH * IOVEC.size)
    this.#names = fixedMemory(libc, BATCH * NAME_BYTES)
    this.#control = fixedMemory(libc, BATCH * CONTROL_BYTES)
    // Page the memory in now rather than while a clock is running.
    this.memory.bytes.fill(1)
    for (let index = 0; index < BATCH; index++) {
      const header = index * MMSGHDR.size
      const vector = index * IOVEC.size
      const [name, control] = [index * NAME_BYTES, index * CONTROL_BYTES]
      pointToVector(this.headers, index, this.#vectors.address + vector)
      writePointer(this.headers.bytes, header + MMSGHDR.name, this.#names.address + name)
      writePointer(this.headers.bytes, header + MMSGHDR.control, this.#control.address + control)
      writePointer(this.#vectors.bytes, vector + IOVEC.base, this.memory.address + index * SLOT_BYTES)
      this.#vectors.bytes.writeUInt32LE(LARGEST_DATAGRAM, vector + IOVEC.length)
    }
    this.rearm(BATCH)
  }

  /** Resets the lengths of names and control messages, which the kernel has overwritten. */
  rearm(count: number): void {
    const { bytes } = this.headers
    for (let at = 0; at < count * MMSGHDR.size; at += MMSGHDR.size) {
      if (CLEARS_FLAGS) bytes.writeUInt32LE(0, at + MMSGHDR.flags)
      bytes.writeUInt32LE(SOCKADDR_BYTES, at + MMSGHDR.nameLength)
      bytes.writeUInt32LE(CONTROL_BYTES, at + MMSGHDR.controlLength)
    }
  }

  start(index: number): number {
    return index * SLOT_BYTES
  }

  length(index: number): number {
    return this.headers.bytes.readUInt32LE(index * MMSGHDR.size + MMSGHDR.length)
  }

  /** Length of each datagram that the kernel coalesced into message `index`; undefined if it is a single datagram. */
  eachBytes(index: number): number | undefined {
    const each = this.#controlNumber(index, SOL_UDP, UDP_GRO) ?? 0
    return each > 0 && each < this.length(index) ? each : undefined
  }

  /** Datagrams dropped at the socket before message `index` arrived (SO_RXQ_OVFL); undefined until any were dropped. */
  overflow(index: number): number | undefined {
    return this.#controlNumber(index, SOL_SOCKET, SO_RXQ_OVFL)
  }

  /** TTL or hop limit with which message `index` arrived, for a socket that asked for it. */
  hops(index: number): number | undefined {
    return (
      this.#controlNumber(index, IPPROTO_IP, IP_TTL) ??
      this.#controlNumber(index, IPPROTO_IPV6, IPV6_HOPLIMIT)
    )
  }

  #controlNumber(index: number, level: number, type: number): number | undefined {
    const at = this.#controlData(index, level, type, 4)
    return at === undefined ? undefined : this.#control.bytes.readUInt32LE(at)
  }

  #controlData(index: number, level: number, type: number, dataBytes: number): number | undefined {
    const length = this.headers.bytes.readUInt32LE(index * MMSGHDR.size + MMSGHDR.controlLength)
    return length === 0
      ? undefined
      : controlData(this.#control.bytes, index * CONTROL_BYTES, length, level, type, dataBytes)
  }

  /** Source of message `index`: the same object while the source stays the same. */
  source(index: number): Endpoint {
    const at = index * NAME_BYTES
    const { bytes } = this.#names
    const last = this.#last
    if (last && bytes.compare(last.key, 0, SOCKADDR_BYTES, at, at + SOCKADDR_BYTES) === 0)
      return last.endpoint
    const key = Buffer.from(bytes.subarray(at, at + SOCKADDR_BYTES))
    const endpoint = readAddress(bytes, at)
    this.#last = { key, endpoint }
    return endpoint
  }

  /** The same, with the local address that it was sent to, for a socket of this family that requested it. */
  sourceAsking(index: number, socketFamily: 4 | 6): Endpoint {
    const from = this.source(index)
    const family = MAPS_PKTINFO ? socketFamily : from.family
    const { name, size, address, interface: at } = PKTINFO[family]
    const found = this.#controlData(index, ...name, size)
    if (found === undefined) return from
    const control = this.#control.bytes
    const last = this.#lastAsked
    if (last?.from === from && control.compare(last.key, 0, last.key.length, found, found + size) === 0)
      return last.endpoint
    const key = Buffer.from(control.subarray(found, found + size))
    const via = family === 6 ? readIpv6(key, address, key.readUInt32LE(at)) : readIpv4(key, address)
    // A reply cannot leave from a multicast address.
    const endpoint = { ...from, via: isMulticast(via) ? undefined : via }
    this.#lastAsked = { key, from, endpoint }
    return endpoint
  }
}

/** Makes the vector at this address the only one of message `index`. */
export function pointToVector(headers: FixedMemory, index: number, vector: number): void {
  const at = index * MMSGHDR.size
  writePointer(headers.bytes, at + MMSGHDR.iov, vector)
  headers.bytes.writeUInt32LE(1, at + MMSGHDR.iovLength)
}

/** User space ends below 2^48, and writing two halves is faster than a BigInt. */
export function writePointer(memory: Buffer, at: number, address: number): void {
  memory.writeUInt32LE(address >>> 0, at)
  memory.writeUInt32LE(Math.floor(address / 0x1_0000_0000), at + 4)
}
