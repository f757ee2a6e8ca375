/** Points in time of many requests as one text: 4 bytes each, in tenths of a microsecond, so that a report of them fits in a message. */

/** More requests than this have no times of their own in a report, only their distribution. */
export const MOST_TIMES = 4000
/** Characters that they take. */
export const MOST_CHARACTERS = Math.ceil((MOST_TIMES * 4) / 3) * 4
const PER_MS = 10_000
const NOTHING = 2 ** 32 - 1

/** @param times in ms, 0 or more, under 7 minutes; NaN for what did not happen. Later ones are kept as NaN */
export function encodeTimes(times: Float64Array): string {
  const bytes = Buffer.alloc(4 * times.length)
  times.forEach((ms, index) => {
    const ticks = Math.round(ms * PER_MS)
    bytes.writeUInt32LE(ticks >= 0 && ticks < NOTHING ? ticks : NOTHING, 4 * index)
  })
  return bytes.toString('base64')
}

export function decodeTimes(text: string): Float64Array {
  const bytes = Buffer.from(text, 'base64')
  return Float64Array.from({ length: Math.floor(bytes.length / 4) }, (_, index) => {
    const ticks = bytes.readUInt32LE(4 * index)
    return ticks === NOTHING ? Number.NaN : ticks / PER_MS
  })
}
