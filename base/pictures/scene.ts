/** What made pictures show: colours that turn into each other, squares, and grain, so that no two of their rows are alike. */
import { finalize } from '../random.ts'

/** Side of a square, and the rows after which the colours begin again. */
const SQUARE = 32
const PERIOD = 256
/** Grain changes a colour by less than this. */
const GRAIN = 12

/** Draws row `y` of a picture of this width: red, green and blue of each pixel. The same on every platform. */
export function drawRow(y: number, width: number, seed: number, into: Uint8Array): void {
  const turn = Math.abs((y % (2 * PERIOD)) - PERIOD) / PERIOD
  for (let x = 0, at = 0; x < width; x++, at += 3) {
    const across = x / width
    const square = (Math.floor(x / SQUARE) + Math.floor(y / SQUARE)) % 2 === 0 ? 24 : 0
    const grain = (mixed(seed ^ Math.imul(y, 0x9e3779b1), x) % (2 * GRAIN)) - GRAIN
    into[at] = 40 + across * 160 + square + grain
    into[at + 1] = 40 + turn * 160 + square + grain
    into[at + 2] = 200 - across * turn * 160 + square + grain
  }
}

/** Bytes without a pattern, to fill what no decoder reads. */
export function filler(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length)
  for (let at = 0; at < length; at++) bytes[at] = mixed(seed, at)
  return bytes
}

/** A number of 32 bits. */
function mixed(seed: number, at: number): number {
  return finalize(Math.imul(seed ^ at, 0x85ebca6b) ^ Math.imul(at + 1, 0x27d4eb2f))
}

/** Width of a picture of about so many pixels, four by three; in eights where there is room. */
export function widthFor(pixels: number): number {
  const width = Math.floor(Math.sqrt((pixels * 4) / 3))
  return width < 8 ? Math.max(1, width) : width - (width % 8)
}
