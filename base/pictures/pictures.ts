/** Pictures by kind: makes them, and decodes them. */
import { decodeBmp, LEAST_BMP_BYTES, makeBmp } from './bmp.ts'
import { frameOf, LEAST_JPEG_BYTES, makeJpeg } from './jpeg.ts'
import { type Decoded, isBounded, type Pixels, type Range } from './pixels.ts'
import { decodePng, LEAST_PNG_BYTES, makePng, PNG_SIGNATURE } from './png.ts'

export const PICTURE_KINDS = ['png', 'jpeg', 'bmp'] as const
export type PictureKind = (typeof PICTURE_KINDS)[number]

/** By its first bytes; undefined if it is none of these. */
export function kindOf(bytes: Buffer): PictureKind | undefined {
  if (bytes.subarray(0, 8).equals(PNG_SIGNATURE)) return 'png'
  if (bytes.length > 2 && bytes.readUIntBE(0, 3) === 0xffd8ff) return 'jpeg'
  return bytes.toString('latin1', 0, 2) === 'BM' ? 'bmp' : undefined
}

/** Width and height as its headers say; undefined if they are not there, or more than `MOST_PIXELS`. */
export function sizeOf(kind: PictureKind, bytes: Buffer): Pick<Pixels, 'width' | 'height'> | undefined {
  const frame = kind === 'jpeg' ? frameOf(bytes) : undefined
  const [width = 0, height = 0] = frame
    ? [frame.width, frame.height]
    : kind === 'jpeg' || bytes.length < 26
      ? []
      : kind === 'png'
        ? [bytes.readUInt32BE(16), bytes.readUInt32BE(20)]
        : [bytes.readInt32LE(18), Math.abs(bytes.readInt32LE(22))]
  return isBounded(width, height) ? { width, height } : undefined
}

interface Maker {
  readonly leastBytes: number
  make(sizeBytes: number, seed: number): Buffer
}

export const MAKERS: Readonly<Record<PictureKind, Maker>> = {
  png: { leastBytes: LEAST_PNG_BYTES, make: makePng },
  jpeg: { leastBytes: LEAST_JPEG_BYTES, make: makeJpeg },
  bmp: { leastBytes: LEAST_BMP_BYTES, make: makeBmp },
}

/**
 * What can be decoded of a picture from all its bytes but the `missing` ones. Undefined if that is nothing: it is of another kind,
 * larger than `MOST_PIXELS`, or damaged.
 * @param bytes as they were sent: where the intervals of a JPEG are is read from all of them @param missing in order
 */
export async function decodePicture(
  kind: PictureKind,
  bytes: Buffer,
  missing: readonly Range[] = [],
): Promise<Decoded | undefined> {
  // Agents start without it.
  const jpeg = kind === 'jpeg' ? await import('./decode-jpeg.ts') : undefined
  try {
    if (jpeg) return jpeg.decodeJpeg(bytes, missing)
    return kind === 'png' ? decodePng(bytes, missing) : decodeBmp(bytes, missing)
  } catch {
    return undefined
  }
}
