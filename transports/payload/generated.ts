/** The bytes to transfer: self-describing generated ones, or a real file. Both ends derive them from one specification. */
import { createCipheriv, createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { endianness } from 'node:os'
import { finalize } from '../../base/random.ts'
import type { Expectation, Payload, PayloadWindow } from '../contract/transport.ts'
import { chunkCount } from './reception.ts'

/** The largest window, unless a chunk is larger. Generated payloads repeat this much pseudo-random memory with new indices. */
const PAGE_BYTES = 1 << 20
const LITTLE_ENDIAN = endianness() === 'LE'
/** Of 32 bits. */
const INDICES = 2 ** 32

/**
 * A payload of any size in constant memory. Its bytes are AES-128-CTR of the seed, the same in each page, except that each whole chunk
 * begins with its index: from 8 bytes up, a 32-bit index and its hash; from 4, the index; below that, as many low bits as fit. (A 3-byte
 * chunk has 2 bytes of index, then one over 0x7f, so that it never equals a marker such as `end`.) An index past 2^32 begins again at 0.
 */
export class GeneratedPayload implements Payload, Expectation {
  readonly sizeBytes: number
  readonly chunkBytes: number
  readonly #pageBytes: number
  readonly #chunksPerPage: number
  readonly #wholeChunks: number
  readonly #random: Buffer
  /** Two pages: one window stays intact while the next one is sent. */
  readonly #sending: readonly [Page, Page]
  readonly #checking: readonly [Page, Page]

  /** @param sizeBytes `ENDLESS_BYTES`: it ends when nobody asks for more. @param seed 32-bit */
  constructor(sizeBytes: number, chunkBytes: number, seed: number) {
    this.sizeBytes = sizeBytes
    this.chunkBytes = chunkBytes
    this.#wholeChunks = Math.floor(sizeBytes / chunkBytes)
    this.#chunksPerPage = chunksPerPage(chunkBytes)
    this.#pageBytes = Math.min(this.#chunksPerPage * chunkBytes, sizeBytes)
    this.#random = randomBytes(this.#pageBytes, seed)
    this.#keepClearOfMarkers()
    this.#sending = [new Page(this.#random), new Page(this.#random)]
    this.#checking = [new Page(this.#random), new Page(this.#random)]
    for (const pages of [this.#sending, this.#checking]) this.#stamp(pages, 0)
  }

  *windows(): Generator<PayloadWindow> {
    for (let number = 0; number * this.#pageBytes < this.sizeBytes; number++) {
      const bytes = this.#stamp(this.#sending, number)
      const left = this.sizeBytes - number * this.#pageBytes
      yield { bytes: left < bytes.length ? bytes.subarray(0, left) : bytes, chunkBytes: this.chunkBytes }
    }
  }

  whole(): Buffer {
    const bytes = Buffer.allocUnsafe(this.sizeBytes)
    let at = 0
    for (const window of this.windows()) at += window.bytes.copy(bytes, at)
    return bytes
  }

  indexOf(memory: Buffer, start: number, end: number, expected: number): number | undefined {
    const length = end - start
    const { chunkBytes } = this
    if (length !== chunkBytes) {
      const last = this.sizeBytes - this.#wholeChunks * chunkBytes
      // The only datagram of an empty payload is empty, too.
      return length === last && (last > 0 || this.sizeBytes === 0) ? this.#wholeChunks : undefined
    }
    if (chunkBytes < 4) return this.#unwrap(readLow(memory, start, chunkBytes), expected)
    const index = memory.readUInt32LE(start)
    if (chunkBytes >= 8 && memory.readUInt32LE(start + 4) !== hash(index)) return undefined
    if (this.#wholeChunks > INDICES) return this.#unwrap(index, expected)
    return index < this.#wholeChunks ? index : undefined
  }

  matches(memory: Buffer, start: number, end: number, offset: number): boolean {
    if (offset + end - start > this.sizeBytes) return false
    let from = start
    let at = offset
    while (from < end) {
      const number = Math.floor(at / this.#pageBytes)
      const within = at - number * this.#pageBytes
      const length = Math.min(end - from, this.#pageBytes - within)
      const page = this.#stamp(this.#checking, number)
      if (page.compare(memory, from, from + length, within, within + length) !== 0) return false
      from += length
      at += length
    }
    return true
  }

  /** Keeps two neighbouring pages stamped, so that reordering across their border is cheap. */
  #stamp(pages: readonly [Page, Page], number: number): Buffer {
    const page = pages[number % 2 === 0 ? 0 : 1]
    if (page.number === number) return page.bytes
    const first = number * this.#chunksPerPage
    const count = Math.min(this.#chunksPerPage, this.#wholeChunks - first)
    // A page ending with the short last chunk shows random bytes there, which a stamp may have overwritten.
    if (count < this.#chunksPerPage) this.#random.copy(page.bytes)
    if (LITTLE_ENDIAN && this.chunkBytes >= 8 && this.chunkBytes % 4 === 0)
      stampWords(page.words, this.chunkBytes / 4, first, count)
    else stampBytes(page.bytes, this.chunkBytes, first, count)
    page.number = number
    return page.bytes
  }

  /** The index with these low bits nearest to the expected one, searching further ahead (loss) than back (reordering). */
  #unwrap(low: number, expected: number): number | undefined {
    const modulus = this.chunkBytes >= 4 ? INDICES : this.chunkBytes === 1 ? 256 : 65_536
    let ahead = (((low - expected) % modulus) + modulus) % modulus
    if (ahead >= modulus * 0.75 && expected + ahead - modulus >= 0) ahead -= modulus
    const index = expected + ahead
    if (index < this.#wholeChunks) return index
    return index - modulus >= 0 ? index - modulus : undefined
  }

  #keepClearOfMarkers(): void {
    const last = this.#wholeChunks * this.chunkBytes
    if (this.sizeBytes - last === 3) setHighBit(this.#random, last % this.#pageBytes)
    if (this.chunkBytes === 3)
      for (let at = 2; at < this.#random.length; at += 3) setHighBit(this.#random, at)
  }
}

/** A file, or bytes that were made, in memory before the clock starts. */
export class FilePayload implements Payload {
  readonly sizeBytes: number
  readonly chunkBytes: number
  readonly #bytes: Buffer

  constructor(bytes: Buffer, chunkBytes: number) {
    this.#bytes = bytes
    this.sizeBytes = bytes.length
    this.chunkBytes = chunkBytes
  }

  *windows(markers: readonly Buffer[] = []): Generator<PayloadWindow> {
    let from = 0
    for (const at of this.#collisions(markers)) {
      yield* this.#pages(from, at)
      const bytes = this.#bytes.subarray(at, at + this.chunkBytes)
      yield { bytes, chunkBytes: bytes.length - 1 }
      from = at + bytes.length
    }
    yield* this.#pages(from, this.sizeBytes)
  }

  whole(): Buffer {
    return this.#bytes
  }

  /** Yields several windows, so that a sender can yield to the event loop between them. */
  *#pages(from: number, to: number): Generator<PayloadWindow> {
    const { chunkBytes } = this
    const pageBytes = chunksPerPage(chunkBytes) * chunkBytes
    for (let at = from; at < to; at += pageBytes)
      yield { bytes: this.#bytes.subarray(at, Math.min(at + pageBytes, to)), chunkBytes }
  }

  /** Yields the chunks that equal a marker; only chunks as long as a marker can. */
  *#collisions(markers: readonly Buffer[]): Generator<number> {
    const { chunkBytes, sizeBytes } = this
    for (let index = firstOfLength(markers, this); index < chunkCount(this); index++) {
      const at = index * chunkBytes
      const end = Math.min(at + chunkBytes, sizeBytes)
      if (markers.some(marker => marker.length === end - at && marker.compare(this.#bytes, at, end) === 0))
        yield at
    }
  }
}

/** Reads a file as a payload. @throws the system's error */
export async function readFilePayload(path: string, chunkBytes: number): Promise<FilePayload> {
  return new FilePayload(await readFile(path), chunkBytes)
}

/** SHA-256 of a payload, in hex. */
export function digest(parts: Iterable<Buffer>): string {
  const sha = createHash('sha256')
  for (const part of parts) sha.update(part)
  return sha.digest('hex')
}

/** The first chunk that could equal a marker: the first one if chunks are as long as a marker, else only the short last one. */
function firstOfLength(markers: readonly Buffer[], payload: Payload): number {
  const chunks = chunkCount(payload)
  const last = payload.sizeBytes - (chunks - 1) * payload.chunkBytes
  if (markers.some(marker => marker.length === payload.chunkBytes)) return 0
  return markers.some(marker => marker.length === last) ? chunks - 1 : chunks
}

function chunksPerPage(chunkBytes: number): number {
  return Math.max(1, Math.floor(PAGE_BYTES / chunkBytes))
}

class Page {
  readonly bytes: Buffer
  /** The same memory as 32-bit words. */
  readonly words: Uint32Array
  number = -1

  constructor(random: Buffer) {
    const memory = new ArrayBuffer(random.length)
    this.bytes = Buffer.from(memory)
    this.words = new Uint32Array(memory, 0, random.length >>> 2)
    random.copy(this.bytes)
  }
}

/** Stamps the index and its hash at the start of `count` chunks of `chunkWords`; the fast path. */
function stampWords(words: Uint32Array, chunkWords: number, first: number, count: number): void {
  for (let slot = 0, at = 0; slot < count; slot++, at += chunkWords) {
    words[at] = first + slot
    words[at + 1] = hash(first + slot)
  }
}

/** Does the same for chunks of any size, with as much of the stamp as fits. */
function stampBytes(bytes: Buffer, chunkBytes: number, first: number, count: number): void {
  for (let slot = 0; slot < count; slot++) {
    const at = slot * chunkBytes
    const index = first + slot
    if (chunkBytes >= 8) bytes.writeUInt32LE(hash(index), at + 4)
    if (chunkBytes >= 4) bytes.writeUInt32LE(index >>> 0, at)
    else writeLow(bytes, at, chunkBytes, index)
  }
}

/** AES-128-CTR of the seed. */
export function randomBytes(length: number, seed: number): Buffer {
  const key = createHash('sha256').update(`tcp-udp-bench payload ${seed}`).digest().subarray(0, 16)
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(length))
}

/** Keeps a damaged index from passing for another one. */
function hash(index: number): number {
  return finalize(index ^ 0x9e3779b9)
}

function readLow(memory: Buffer, start: number, chunkBytes: number): number {
  return chunkBytes === 1 ? memory.readUInt8(start) : memory.readUInt16LE(start)
}

function writeLow(memory: Buffer, at: number, chunkBytes: number, index: number): void {
  if (chunkBytes === 1) memory.writeUInt8(index & 0xff, at)
  else memory.writeUInt16LE(index & 0xffff, at)
}

function setHighBit(memory: Buffer, at: number): void {
  memory.writeUInt8(memory.readUInt8(at) | 0x80, at)
}
