/** BMP (BITMAPINFOHEADER, 24 or 32 bits a pixel, not compressed): every pixel has bytes of its own. */
import { type Decoded, isBounded, isThere, type Range } from './pixels.ts'
import { drawRow, filler, widthFor } from './scene.ts'

const HEADER_BYTES = 54
/** The least size of a made picture. */
export const LEAST_BMP_BYTES = HEADER_BYTES + 4

/** A picture of exactly this size: between its headers and its pixels there is a gap, as the format allows. */
export function makeBmp(sizeBytes: number, seed: number): Buffer {
  const width = widthFor((sizeBytes - HEADER_BYTES) / 3)
  const rowBytes = rowBytesOf(width, 3)
  const height = Math.floor((sizeBytes - HEADER_BYTES) / rowBytes)
  const gap = sizeBytes - HEADER_BYTES - height * rowBytes
  const header = Buffer.alloc(HEADER_BYTES)
  header.write('BM', 'latin1')
  header.writeUInt32LE(sizeBytes, 2)
  header.writeUInt32LE(HEADER_BYTES + gap, 10)
  header.writeUInt32LE(40, 14)
  header.writeInt32LE(width, 18)
  // Rows from the top, so that what arrives first is seen there.
  header.writeInt32LE(-height, 22)
  header.writeUInt16LE(1, 26)
  header.writeUInt16LE(24, 28)
  header.writeUInt32LE(height * rowBytes, 34)
  const pixels = Buffer.alloc(height * rowBytes)
  const rgb = new Uint8Array(width * 3)
  for (let y = 0; y < height; y++) {
    drawRow(y, width, seed, rgb)
    for (let at = 0; at < rgb.length; at++) pixels[y * rowBytes + at] = rgb[at + 2 - 2 * (at % 3)] ?? 0
  }
  return Buffer.concat([header, filler(gap, seed), pixels])
}

/** Undefined if it is not such a picture, or too large. */
export function decodeBmp(bytes: Buffer, missing: readonly Range[]): Decoded | undefined {
  if (bytes.length < HEADER_BYTES || !isThere(missing, 0, HEADER_BYTES)) return undefined
  const [first, width, tall] = [bytes.readUInt32LE(10), bytes.readInt32LE(18), bytes.readInt32LE(22)]
  const pixelBytes = bytes.readUInt16LE(28) / 8
  const height = Math.abs(tall)
  if (![3, 4].includes(pixelBytes) || bytes.readUInt32LE(30) !== 0 || !isBounded(width, height))
    return undefined
  const rowBytes = rowBytesOf(width, pixelBytes)
  const rgba = new Uint8Array(width * height * 4)
  let decoded = 0
  for (let y = 0; y < height; y++) {
    const row = first + (tall < 0 ? y : height - 1 - y) * rowBytes
    const holes = missing.filter(each => each.start < row + rowBytes && each.end > row)
    for (let x = 0; x < width; x++) {
      const at = row + x * pixelBytes
      if (at + pixelBytes > bytes.length || !isThere(holes, at, at + pixelBytes)) continue
      rgba.set([bytes[at + 2] ?? 0, bytes[at + 1] ?? 0, bytes[at] ?? 0, 255], (y * width + x) * 4)
      decoded++
    }
  }
  return { width, height, rgba, decoded }
}

/** Rows are in words of 4 bytes. */
function rowBytesOf(width: number, pixelBytes: number): number {
  return Math.ceil((width * pixelBytes) / 4) * 4
}
