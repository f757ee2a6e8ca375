/** Pictures by kind: makes them, and decodes them. */
import { decodeBmp, LEAST_BMP_BYTES, makeBmp } from './bmp.ts'
import { LEAST_JPEG_BYTES, makeJpeg } from './jpeg.ts'
import type { Decoded, Range } from './pixels.ts'
import { decodePng, LEAST_PNG_BYTES, makePng, PNG_SIGNATURE } from './png.ts'

export const PICTURE_KINDS = ['png', 'jpeg', 'bmp'] as const
export type PictureKind = (typeof PICTURE_KINDS)[number]

/** By its first bytes; undefined if it is none of these. */
export function kindOf(bytes: Buffer): PictureKind | undefined {
  if (bytes.subarray(0, 8).equals(PNG_SIGNATURE)) return 'png'
  if (bytes.length > 2 && bytes.readUIntBE(0, 3) === 0xffd8ff) return 'jpeg'
  return bytes.toString('latin1', 0, 2) === 'BM' ? 'bmp' : undefined
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
 * larger than `MOST_PIXELS`, or damaged. @param bytes as they were sent: where the intervals of a JPEG are is read from all of them
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
