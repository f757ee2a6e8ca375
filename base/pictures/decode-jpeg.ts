/** Decodes JPEG pictures, with jpeg-js. */
import jpeg from 'jpeg-js'
import { frameOf, headers } from './jpeg.ts'
import { type Decoded, isBounded, isThere, MOST_PIXELS, type Range } from './pixels.ts'

/** What jpeg-js may take for them, in MiB: 12 bytes a pixel, and what its arrays cost. */
const MOST_MEMORY_MB = 1024
const END_OF_IMAGE = 0xd9
const MEGAPIXEL = 1e6
/** Side of a block of pixels; bits of a grey one, of three components. */
const BLOCK = 8
const GREY_BITS = 36

/**
 * Of a picture whose rows of blocks are restart intervals (`makeJpeg`), those that are whole; of another one of which bytes are
 * missing, nothing. Undefined if it is not a JPEG, or too large. @throws if it is damaged
 */
export function decodeJpeg(bytes: Buffer, missing: readonly Range[]): Decoded | undefined {
  const frame = frameOf(bytes)
  if (!frame || !isBounded(frame.width, frame.height)) return undefined
  const { width, height, scanAt } = frame
  const lost: number[] = []
  const parts: Buffer[] = []
  if (missing.length > 0) {
    // Only makeJpeg has one interval for each row of blocks, in one scan, and codes of which zeros are grey.
    const ours = headers(width, height)
    const isOurs = bytes.subarray(scanAt - ours.length, scanAt).equals(ours)
    if (!isOurs || !frame.read.every(({ start, end }) => isThere(missing, start, end))) return undefined
    const grey = Buffer.alloc(Math.ceil(((width / BLOCK) * GREY_BITS) / 8))
    parts.push(bytes.subarray(0, scanAt))
    for (const [row, { start, end }] of intervalsOf(bytes, scanAt).entries()) {
      if (!isThere(missing, start, end)) lost.push(row)
      parts.push(
        lost.at(-1) === row ? grey : bytes.subarray(start, end),
        Buffer.from([0xff, 0xd0 + (row % 8)]),
      )
    }
    parts[parts.length - 1] = Buffer.from([0xff, END_OF_IMAGE])
  }
  const whole = missing.length > 0 ? Buffer.concat(parts) : bytes
  const limits = { maxResolutionInMP: MOST_PIXELS / MEGAPIXEL, maxMemoryUsageInMB: MOST_MEMORY_MB }
  const { data } = jpeg.decode(whole, { useTArray: true, formatAsRGBA: true, ...limits })
  const rowBytes = BLOCK * width * 4
  for (const row of lost) data.fill(0, row * rowBytes, (row + 1) * rowBytes)
  return { width, height, rgba: data, decoded: (height - lost.length * BLOCK) * width }
}

/** Entropy-coded data between restart markers. */
function intervalsOf(bytes: Buffer, scanAt: number): Range[] {
  const intervals: Range[] = []
  let start = scanAt
  for (let at = bytes.indexOf(0xff, start); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const marker = bytes[at + 1] ?? END_OF_IMAGE
    if (marker === 0) continue
    intervals.push({ start, end: at })
    if (marker === END_OF_IMAGE) break
    start = at + 2
  }
  return intervals
}
