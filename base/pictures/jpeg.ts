/**
 * Makes JPEG pictures (ITU-T T.81, baseline, JFIF): each row of 8 x 8 blocks is a restart interval, so that what is lost of one row takes
 * no other with it. The simplest legal tables: one step of quantization, Huffman codes of one length.
 */
import type { Range } from './pixels.ts'
import { drawRow, filler, widthFor } from './scene.ts'

const SIDE = 8
/** Of a block, in zigzag order: indices row by row. */
const ZIGZAG = zigzag()
/** Every coefficient is a multiple of it. */
const QUANTUM = 6
/** Codes of 4 bits for the sizes of DC differences, and of 8 bits for runs and sizes of AC coefficients; the first one has only zeros. */
const DC_SYMBOLS = Array.from({ length: 12 }, (_, size) => size)
const END_OF_BLOCK = 0
const SIXTEEN_ZEROS = 0xf0
const AC_SYMBOLS = [
  END_OF_BLOCK,
  SIXTEEN_ZEROS,
  ...Array.from({ length: 160 }, (_, at) => ((at % 16) << 4) | (1 + Math.floor(at / 16))),
]
const AC_CODES = new Map(AC_SYMBOLS.map((symbol, code) => [symbol, code]))
/** A pixel takes about as many bytes. */
const BYTES_A_PIXEL = 0.88
const MOST_ROWS = Math.floor(65_535 / SIDE)
/** A comment has a marker and a length. */
const START_OF_SCAN = 0xda
const COMMENT = 0xfe
const LEAST_COMMENT_BYTES = 4
const MOST_COMMENT_BYTES = 65_537
/** The least size of a made picture: the headers, and a row of a block. */
export const LEAST_JPEG_BYTES = 1024

/** A picture of exactly this size: comments (COM) fill it up. */
export function makeJpeg(sizeBytes: number, seed: number): Buffer {
  let width = SIDE * Math.max(1, Math.round(widthFor(sizeBytes / BYTES_A_PIXEL) / SIDE))
  for (; ; width -= SIDE) {
    const room = sizeBytes - LEAST_COMMENT_BYTES - 4 - headers(width, 0).length
    const rows = encodeRows(width, seed, room)
    if (rows.length === 0 && width > SIDE) continue
    const data = Buffer.concat(
      rows.flatMap((row, at) => (at === 0 ? [row] : [Buffer.from([0xff, 0xd0 + ((at - 1) % 8)]), row])),
    )
    const body = Buffer.concat([headers(width, rows.length * SIDE), data, Buffer.from([0xff, 0xd9])])
    return Buffer.concat([Buffer.from([0xff, 0xd8]), comments(sizeBytes - 2 - body.length, seed), body])
  }
}

/** Entropy-coded rows of blocks, as many as have room with a marker between them. */
function encodeRows(width: number, seed: number, room: number): Buffer[] {
  const rows: Buffer[] = []
  for (let left = room; rows.length < MOST_ROWS; ) {
    const row = encodeRow(rows.length * SIDE, width, seed)
    left -= row.length + 2
    if (left < 0) break
    rows.push(row)
  }
  return rows
}

function encodeRow(top: number, width: number, seed: number): Buffer {
  const lines = Array.from({ length: SIDE }, (_, line) => {
    const pixels = new Uint8Array(width * 3)
    drawRow(top + line, width, seed, pixels)
    return pixels
  })
  const bits = new Bits(width * SIDE * 4)
  const [luma, blue, red] = [new Float64Array(64), new Float64Array(64), new Float64Array(64)]
  let before = [0, 0, 0]
  for (let left = 0; left < width; left += SIDE) {
    for (let at = 0; at < SIDE * SIDE; at++) {
      const pixels = lines[at >> 3] ?? new Uint8Array(0)
      const from = 3 * (left + (at & 7))
      const [r, g, b] = [pixels[from] ?? 0, pixels[from + 1] ?? 0, pixels[from + 2] ?? 0]
      const y = 0.299 * r + 0.587 * g + 0.114 * b
      luma[at] = y - 128
      blue[at] = (b - y) / 1.772
      red[at] = (r - y) / 1.402
    }
    before = [luma, blue, red].map((plane, index) => encodeBlock(bits, plane, before[index] ?? 0))
  }
  return bits.end()
}

/** Returns its DC coefficient, from which that of the next block differs. */
function encodeBlock(bits: Bits, plane: Float64Array, before: number): number {
  const coefficients = transform(plane)
  const [dc = 0] = coefficients
  bits.number(dc - before, size => bits.put(size, 4))
  let run = 0
  for (let at = 1; at < ZIGZAG.length; at++) {
    const value = coefficients[ZIGZAG[at] ?? 0] ?? 0
    if (value === 0) run++
    else {
      for (; run > 15; run -= 16) bits.put(AC_CODES.get(SIXTEEN_ZEROS) ?? 0, 8)
      bits.number(value, size => bits.put(AC_CODES.get((run << 4) | size) ?? 0, 8))
      run = 0
    }
  }
  if (run > 0) bits.put(END_OF_BLOCK, 8)
  return dc
}

const SCALE = 8192
const DIVISOR = SCALE * SCALE * QUANTUM
/** Whole numbers, so that every platform has the same. */
const COSINES = Float64Array.from({ length: SIDE * SIDE }, (_, at) => {
  const [u, x] = [at >> 3, at & 7]
  return Math.round(SCALE * (u === 0 ? Math.SQRT1_2 : 1) * 0.5 * Math.cos(((2 * x + 1) * u * Math.PI) / 16))
})

const across = new Float64Array(SIDE * SIDE)
const coefficients = new Int32Array(SIDE * SIDE)

/** The quantized coefficients of the discrete cosine transform, row by row; valid until the next call. */
function transform(plane: Float64Array): Int32Array {
  for (let y = 0; y < 64; y += 8) for (let u = 0; u < 8; u++) across[y + u] = product(u * 8, plane, y, 1)
  for (let v = 0; v < 8; v++)
    for (let u = 0; u < 8; u++) coefficients[v * 8 + u] = Math.round(product(v * 8, across, u, 8) / DIVISOR)
  return coefficients
}

/** The sum of the products of eight cosines from `at` on, and eight of these values. */
function product(at: number, values: Float64Array, from: number, step: number): number {
  let sum = 0
  for (let index = 0; index < 8; index++)
    sum += (COSINES[at + index] ?? 0) * (values[from + index * step] ?? 0)
  return sum
}

/** Bits of entropy-coded data, the highest first. */
class Bits {
  #bytes: Buffer
  #length = 0
  #byte = 0
  #free = 8

  constructor(roomBytes: number) {
    this.#bytes = Buffer.alloc(roomBytes)
  }

  put(value: number, count: number): void {
    for (let bit = count - 1; bit >= 0; bit--) {
      this.#byte = (this.#byte << 1) | ((value >> bit) & 1)
      if (--this.#free === 0) this.#flush()
    }
  }

  /** A number as its size in bits, and these bits (section F.1.2.1). */
  number(value: number, putSize: (size: number) => void): void {
    const size = 32 - Math.clz32(Math.abs(value))
    putSize(size)
    this.put(value < 0 ? value + 2 ** size - 1 : value, size)
  }

  /** Fills the last byte with ones. */
  end(): Buffer {
    while (this.#free < 8) this.put(1, 1)
    return this.#bytes.subarray(0, this.#length)
  }

  /** A byte of ones is followed by zeros, or it would begin a marker. */
  #flush(): void {
    if (this.#length + 2 > this.#bytes.length)
      this.#bytes = Buffer.concat([this.#bytes, Buffer.alloc(this.#bytes.length + 2)])
    this.#bytes[this.#length++] = this.#byte
    if (this.#byte === 0xff) this.#length++
    this.#byte = 0
    this.#free = 8
  }
}

/** Everything before the entropy-coded data, but the first marker and comments. */
export function headers(width: number, height: number): Buffer {
  const components = [1, 2, 3]
  const lengths = (count: number, length: number) =>
    Array.from({ length: 16 }, (_, at) => (at + 1 === length ? count : 0))
  return Buffer.concat([
    segment(0xe0, [...Buffer.from('JFIF\0'), 1, 1, 0, 0, 1, 0, 1, 0, 0]),
    segment(0xdb, [0, ...Array<number>(64).fill(QUANTUM)]),
    segment(0xc0, [8, ...word(height), ...word(width), 3, ...components.flatMap(id => [id, 0x11, 0])]),
    segment(0xc4, [0x00, ...lengths(DC_SYMBOLS.length, 4), ...DC_SYMBOLS]),
    segment(0xc4, [0x10, ...lengths(AC_SYMBOLS.length, 8), ...AC_SYMBOLS]),
    segment(0xdd, word(width / SIDE)),
    segment(0xda, [3, ...components.flatMap(id => [id, 0]), 0, 63, 0]),
  ])
}

/** Its size, where its first scan begins, and what a decoder reads before that; undefined if it has no scan. */
export function frameOf(bytes: Buffer) {
  let [width, height] = [0, 0]
  const read: Range[] = [{ start: 0, end: 2 }]
  if (bytes.length < 2 || bytes.readUInt16BE(0) !== 0xffd8) return undefined
  for (let at = 2; at + 10 <= bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1] ?? 0
    const length = bytes.readUInt16BE(at + 2)
    read.push({ start: at, end: at + 2 + (marker === COMMENT ? 2 : length) })
    // SOF0 to SOF15; three of these numbers are others.
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      height = bytes.readUInt16BE(at + 5)
      width = bytes.readUInt16BE(at + 7)
    }
    if (marker === START_OF_SCAN) return { width, height, read, scanAt: at + 2 + length }
    at += 2 + length
  }
  return undefined
}

function comments(length: number, seed: number): Buffer {
  const parts: Buffer[] = []
  for (let left = length; left > 0; ) {
    const bytes = left > MOST_COMMENT_BYTES ? Math.min(MOST_COMMENT_BYTES, left - LEAST_COMMENT_BYTES) : left
    parts.push(segment(COMMENT, filler(bytes - LEAST_COMMENT_BYTES, seed)))
    left -= bytes
  }
  return Buffer.concat(parts)
}

function segment(marker: number, data: Iterable<number>): Buffer {
  const bytes = Buffer.from([...data])
  return Buffer.concat([Buffer.from([0xff, marker, ...word(bytes.length + 2)]), bytes])
}

function word(value: number): readonly [number, number] {
  return [value >> 8, value & 0xff]
}

function zigzag(): readonly number[] {
  const places = Array.from({ length: 64 }, (_, at) => ({ at, x: at & 7, y: at >> 3 }))
  const order = ({ x, y }: { x: number; y: number }) => 16 * (x + y) + ((x + y) % 2 === 0 ? x : y)
  return places.sort((a, b) => order(a) - order(b)).map(({ at }) => at)
}
