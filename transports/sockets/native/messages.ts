/**
 * Arrays of struct mmsghdr, laid out once for all sockets of a process: calls are synchronous, and what they received is lent for
 * the call only.
 */
import type { Endpoint } from '../sockets.ts'
import { readAddress, SOCKADDR_BYTES, writeAddress } from './address.ts'
import { type FixedMemory, fixedMemory, type Libc } from './libc.ts'
import { IOVEC, MMSGHDR } from './linux.ts'

/** Datagrams a system call. */
export const BATCH = 64
const LARGEST_DATAGRAM = 65_536
/** Not a power of two, so that the slots do not all fall into the same sets of the caches. */
const SLOT_BYTES = LARGEST_DATAGRAM + 192
const NAME_BYTES = 32

export class OutgoingMessages {
  readonly headers: FixedMemory
  readonly #vectors: FixedMemory
  readonly #name: FixedMemory

  constructor(libc: Libc) {
    this.headers = fixedMemory(libc, BATCH * MMSGHDR.size)
    this.#vectors = fixedMemory(libc, BATCH * IOVEC.size)
    this.#name = fixedMemory(libc, NAME_BYTES)
    for (let index = 0; index < BATCH; index++)
      pointToVector(this.headers, index, this.#vectors.address + index * IOVEC.size)
  }

  /** Sends to `to`, or to the peer of a connected socket. */
  address(to: Endpoint | undefined): void {
    const length = to ? writeAddress(this.#name.bytes, 0, to) : 0
    for (let index = 0; index < BATCH; index++) {
      const at = index * MMSGHDR.size
      writePointer(this.headers.bytes, at + MMSGHDR.name, to ? this.#name.address : 0)
      this.headers.bytes.writeUInt32LE(length, at + MMSGHDR.nameLength)
    }
  }

  /** Message `index` is the `length` bytes at `address`. */
  set(index: number, address: number, length: number): void {
    const at = index * IOVEC.size
    writePointer(this.#vectors.bytes, at + IOVEC.base, address)
    this.#vectors.bytes.writeUInt32LE(length, at + IOVEC.length)
  }

  addressOf(index: number): number {
    return this.headers.address + index * MMSGHDR.size
  }
}

export class IncomingMessages {
  readonly headers: FixedMemory
  readonly memory: FixedMemory
  readonly #vectors: FixedMemory
  readonly #names: FixedMemory
  #last: { key: Buffer; endpoint: Endpoint } | undefined

  constructor(libc: Libc) {
    this.headers = fixedMemory(libc, BATCH * MMSGHDR.size)
    this.memory = fixedMemory(libc, BATCH * SLOT_BYTES)
    this.#vectors = fixedMemory(libc, BATCH * IOVEC.size)
    this.#names = fixedMemory(libc, BATCH * NAME_BYTES)
    // Paged in now rather than while a clock runs.
    this.memory.bytes.fill(1)
    for (let index = 0; index < BATCH; index++) {
      const vector = index * IOVEC.size
      pointToVector(this.headers, index, this.#vectors.address + vector)
      writePointer(
        this.headers.bytes,
        index * MMSGHDR.size + MMSGHDR.name,
        this.#names.address + index * NAME_BYTES,
      )
      writePointer(this.#vectors.bytes, vector + IOVEC.base, this.memory.address + index * SLOT_BYTES)
      this.#vectors.bytes.writeUInt32LE(LARGEST_DATAGRAM, vector + IOVEC.length)
    }
    this.rearm(BATCH)
  }

  /** The kernel has overwritten the length of each name: it has to be told again. */
  rearm(count: number): void {
    for (let index = 0; index < count; index++)
      this.headers.bytes.writeUInt32LE(SOCKADDR_BYTES, index * MMSGHDR.size + MMSGHDR.nameLength)
  }

  start(index: number): number {
    return index * SLOT_BYTES
  }

  length(index: number): number {
    return this.headers.bytes.readUInt32LE(index * MMSGHDR.size + MMSGHDR.length)
  }

  /** Where message `index` came from: the same object as long as the source stays the same. */
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
}

function pointToVector(headers: FixedMemory, index: number, vector: number): void {
  const at = index * MMSGHDR.size
  writePointer(headers.bytes, at + MMSGHDR.iov, vector)
  headers.bytes.writeUInt32LE(1, at + MMSGHDR.iovLength)
}

/** User space ends below 2^48: two halves are quicker than a BigInt. */
function writePointer(memory: Buffer, at: number, address: number): void {
  memory.writeUInt32LE(address >>> 0, at)
  memory.writeUInt32LE(Math.floor(address / 0x1_0000_0000), at + 4)
}
