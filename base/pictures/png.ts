/** PNG (W3C Recommendation, third edition). What comes behind a missing byte cannot be decoded. */
import { constants, crc32, deflateSync, inflateSync } from 'node:zlib'
import { type Decoded, isBounded, type Pixels, type Range } from './pixels.ts'
import { drawRow, filler, widthFor } from './scene.ts'

export const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
/** Length, type and checksum of a chunk. */
const CHUNK_BYTES = 12
/** The most that a stored block of deflate holds. */
const BLOCK_BYTES = 65_535
/** Signature, IHDR, the chunk of padding, IDAT with zlib's header and checksum, IEND. */
const FRAME_BYTES = 8 + (CHUNK_BYTES + 13) + CHUNK_BYTES + (CHUNK_BYTES + 6) + CHUNK_BYTES
/** Bits of a sample. */
const DEPTHS = [1, 2, 4, 8, 16]
/** The least size of a made picture: a block with a row of a pixel. */
export const LEAST_PNG_BYTES = FRAME_BYTES + 5 + 4

/**
 * A picture of exactly this size: an ancillary chunk that decoders skip (`paDd`) fills it up. The pixels are stored, not compressed:
 * zlib gives other bytes on other systems and in other versions, and both ends need the same.
 */
export function makePng(sizeBytes: number, seed: number): Buffer {
  const room = sizeBytes - FRAME_BYTES
  const width = widthFor((room - 5) / 4)
  const rowBytes = 1 + 3 * width
  let height = Math.floor(room / rowBytes)
  while (stored(height * rowBytes) > room) height--
  const rows = Buffer.alloc(height * rowBytes)
  for (let y = 0; y < height; y++)
    drawRow(y, width, seed, rows.subarray(y * rowBytes + 1, (y + 1) * rowBytes))
  const pixels = Buffer.concat([Buffer.from([0x78, 0x01]), ...blocks(rows), adler32(rows)])
  return png(width, height, 2, pixels, chunk('paDd', filler(room - stored(rows.length), seed)))
}

/** Compressed, for a page. */
export function encodePng({ width, height, rgba }: Pixels): Buffer {
  const rows = Buffer.alloc(height * (1 + 4 * width))
  for (let y = 0; y < height; y++)
    rows.set(rgba.subarray(y * 4 * width, (y + 1) * 4 * width), y * (1 + 4 * width) + 1)
  return png(width, height, 6, deflateSync(rows), Buffer.alloc(0))
}

/** Undefined if it is not a PNG, interlaced, or too large. @param missing in order @throws if its pixels are damaged */
export function decodePng(bytes: Buffer, missing: readonly Range[]): Decoded | undefined {
  const chunks = [...chunksOf(bytes.subarray(0, missing[0]?.start))]
  const header = chunks[0]?.type === 'IHDR' ? chunks[0].data : undefined
  if (header?.length !== 13) return undefined
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)]
  const [depth = 0, color = 0, , , interlaced] = header.subarray(8)
  const channels = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }[color]
  if (channels === undefined || !DEPTHS.includes(depth) || interlaced !== 0) return undefined
  if (!isBounded(width, height)) return undefined
  const rowBytes = Math.ceil((width * channels * depth) / 8)
  const data = Buffer.concat(chunks.flatMap(({ type, data }) => (type === 'IDAT' ? [data] : [])))
  const inflating = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: height * (rowBytes + 1) + 1 }
  const raw = inflateSync(data, inflating)
  const palette = chunks.find(({ type }) => type === 'PLTE')?.data ?? Buffer.alloc(0)
  const rows = Math.min(height, Math.floor(raw.length / (rowBytes + 1)))
  const rgba = new Uint8Array(width * height * 4)
  const step = Math.max(1, (channels * depth) / 8)
  const colorOf = colors(color, depth, palette)
  const values = [0, 0, 0, 255]
  let above: Uint8Array = new Uint8Array(rowBytes)
  for (let y = 0; y < rows; y++) {
    const row = raw.subarray(y * (rowBytes + 1) + 1, (y + 1) * (rowBytes + 1))
    unfilter(raw[y * (rowBytes + 1)] ?? 0, row, above, step)
    above = row
    const sample = sampler(row, depth)
    for (let x = 0; x < width; x++) {
      for (let channel = 0; channel < channels; channel++) values[channel] = sample(x * channels + channel)
      rgba.set(colorOf(values), (y * width + x) * 4)
    }
  }
  return { width, height, rgba, decoded: rows * width }
}

/** Red, green, blue and opacity of a pixel of these samples. */
function colors(color: number, depth: number, palette: Buffer): (samples: readonly number[]) => number[] {
  if (color === 0) return ([gray = 0]) => [gray, gray, gray, 255]
  if (color === 4) return ([gray = 0, opacity = 0]) => [gray, gray, gray, opacity]
  if (color !== 3) return ([red = 0, green = 0, blue = 0, opacity = 255]) => [red, green, blue, opacity]
  // Samples were scaled to bytes as if they were shades.
  const most = 2 ** depth - 1
  return ([shade = 0]) => {
    const at = 3 * Math.round((shade * most) / 255)
    return [palette[at] ?? 0, palette[at + 1] ?? 0, palette[at + 2] ?? 0, 255]
  }
}

/** Reads samples of 1 to 16 bits as bytes. */
function sampler(row: Uint8Array, depth: number): (index: number) => number {
  if (depth === 8) return index => row[index] ?? 0
  if (depth === 16) return index => row[2 * index] ?? 0
  const most = 2 ** depth - 1
  return index => {
    const bit = index * depth
    return Math.round(((((row[bit >> 3] ?? 0) >> (8 - depth - (bit & 7))) & most) * 255) / most)
  }
}

/** Section 9: each byte is stored as its difference to what its neighbours predict. */
function unfilter(type: number, row: Uint8Array, above: Uint8Array, step: number): void {
  for (let at = 0; at < row.length; at++) {
    const [a, b, c] = [row[at - step] ?? 0, above[at] ?? 0, above[at - step] ?? 0]
    const predicted = [0, a, b, (a + b) >> 1, type === 4 ? paeth(a, b, c) : 0][type] ?? 0
    row[at] = (row[at] ?? 0) + predicted
  }
}

function paeth(a: number, b: number, c: number): number {
  const [pa, pb, pc] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)]
  if (pa <= pb && pa <= pc) return a
  return pb <= pc ? b : c
}

/** Its chunks as far as they go; the last may be cut off. */
function* chunksOf(bytes: Buffer) {
  if (!bytes.subarray(0, 8).equals(PNG_SIGNATURE)) return
  for (let at = 8; at + 8 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at)
    const type = bytes.toString('latin1', at + 4, at + 8)
    yield { type, data: bytes.subarray(at + 8, at + 8 + length) }
    at += CHUNK_BYTES + length
  }
}

function png(width: number, height: number, color: 2 | 6, pixels: Buffer, after: Buffer): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, color], 8)
  const end = chunk('IEND', Buffer.alloc(0))
  return Buffer.concat([PNG_SIGNATURE, chunk('IHDR', header), chunk('IDAT', pixels), after, end])
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  sum.writeUInt32BE(crc32(named))
  return Buffer.concat([length, named, sum])
}

/** How long these many bytes are in stored blocks (RFC 1951, section 3.2.4). */
function stored(bytes: number): number {
  return bytes + 5 * Math.ceil(bytes / BLOCK_BYTES)
}

function* blocks(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
    const block = bytes.subarray(at, at + BLOCK_BYTES)
    const head = Buffer.alloc(5)
    head[0] = at + BLOCK_BYTES >= bytes.length ? 1 : 0
    head.writeUInt16LE(block.length, 1)
    head.writeUInt16LE(block.length ^ 0xffff, 3)
    yield head
    yield block
  }
}

/** RFC 1950, section 9. */
function adler32(bytes: Buffer): Buffer {
  let [a, b] = [1, 0]
  for (const byte of bytes) {
    a = (a + byte) % 65_521
    b = (b + a) % 65_521
  }
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(b * 65_536 + a)
  return sum
}
