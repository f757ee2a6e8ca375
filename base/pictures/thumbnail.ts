/** Small pictures for a page, of bounded size, encoded anew: nothing of the bytes that arrived is in them but pixels. */
import type { Decoded, Pixels, Range } from './pixels.ts'
import { isThere } from './pixels.ts'
import { encodePng } from './png.ts'

/** The longer side, in pixels; a strip below it shows which bytes are there. */
const MOST_SIDE = 240
const GAP = 4
const STRIP = 10
const THERE = [46, 139, 87, 255] as const
const MISSING = [214, 40, 40, 255] as const
/** Shades are told apart by so much, or grain would make a large file. */
const SHADE = 8

/**
 * A PNG of what was decoded, transparent where nothing was; below it the bytes from first to last, green, and red where some are missing.
 * @param of the size of the picture where nothing of it was decoded
 */
export function thumbnail(
  decoded: Pick<Decoded, 'rgba'> | undefined,
  of: Pick<Pixels, 'width' | 'height'>,
  sizeBytes: number,
  missing: readonly Range[],
): Pixels & { readonly png: Buffer } {
  const scale = Math.max(1, Math.max(of.width, of.height) / MOST_SIDE)
  const [width, tall] = [of.width, of.height].map(side => Math.max(1, Math.round(side / scale))) as [
    number,
    number,
  ]
  const height = tall + GAP + STRIP
  const rgba = new Uint8Array(width * height * 4)
  for (let y = 0; decoded && y < tall; y++)
    for (let x = 0; x < width; x++)
      rgba.set(
        meanOf(decoded.rgba, of.width, box(x, width, of.width), box(y, tall, of.height)),
        (y * width + x) * 4,
      )
  for (let x = 0; x < width; x++) {
    const { start, end } = box(x, width, sizeBytes)
    const color = isThere(missing, start, end) ? THERE : MISSING
    for (let y = tall + GAP; y < height; y++) rgba.set(color, (y * width + x) * 4)
  }
  return { width, height, rgba, png: encodePng({ width, height, rgba }) }
}

/** Which of `all` stand for the one at `at` of `count`: at least one. */
function box(at: number, count: number, all: number): Range {
  const start = Math.floor((at * all) / count)
  return { start, end: Math.max(start + 1, Math.floor(((at + 1) * all) / count)) }
}

/** The mean colour of the pixels that were decoded; transparent where most were not. */
function meanOf(rgba: Uint8Array, width: number, across: Range, down: Range): readonly number[] {
  let [r, g, b, count] = [0, 0, 0, 0]
  for (let y = down.start; y < down.end; y++)
    for (let x = across.start; x < across.end; x++) {
      const at = (y * width + x) * 4
      if (rgba[at + 3] === 0) continue
      r += rgba[at] ?? 0
      g += rgba[at + 1] ?? 0
      b += rgba[at + 2] ?? 0
      count++
    }
  const all = (across.end - across.start) * (down.end - down.start)
  if (count * 2 <= all) return [0, 0, 0, 0]
  return [...[r, g, b].map(sum => Math.min(255, Math.round(sum / count / SHADE) * SHADE)), 255]
}
