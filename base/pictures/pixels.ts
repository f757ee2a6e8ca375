/** What comes of decoding a picture, of which bytes may be missing. */

/** Bytes from `start` to before `end`. */
export interface Range {
  readonly start: number
  readonly end: number
}

export interface Pixels {
  readonly width: number
  readonly height: number
  /** Red, green, blue and opacity of each pixel, row by row from the top. */
  readonly rgba: Uint8Array
}

/** Pixels that could not be decoded are transparent. */
export interface Decoded extends Pixels {
  /** How many pixels could be decoded. */
  readonly decoded: number
}

/** More are not decoded: a few bytes can announce any number. 2^25 take 128 MiB. */
export const MOST_PIXELS = 2 ** 25

/** Whether a picture of this size is decoded at all. */
export function isBounded(width: number, height: number): boolean {
  return width > 0 && height > 0 && width * height <= MOST_PIXELS
}

/** Whether all bytes from `start` to before `end` are there. */
export function isThere(missing: readonly Range[], start: number, end: number): boolean {
  return missing.every(each => each.end <= start || each.start >= end)
}
