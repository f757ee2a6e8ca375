/**
 * Which of a camera's pictures each transfer was: the formats do not number them. Pictures come in the order in which they were sent, so a
 * transfer is a picture that had left before it was whole, and comes before that of the next transfer; of these the latest with its content.
 * That is certain where no two pictures are alike. Of files, which are sent again and again, one may be taken for a later one of the same
 * content that had left by then, if this one and all between them vanished. Pure.
 */

/** What became of each picture that was due: when it was whole (in ms), or why it never was. */
export type Fate = number | 'damaged' | 'dropped'

export interface Sent {
  /** When each picture left; NaN if it never did. */
  readonly left: Float64Array
  /** Of all pictures, or of those that were sent in turn. */
  readonly digests: readonly string[]
}

export interface Came {
  /** When each transfer was whole, on the same clock; NaN if it never was. In the order in which they ended. */
  readonly whole: Float64Array
  readonly digests: readonly string[]
}

/** @param errorMs by how much the clocks may differ */
export function matchFrames({ left, digests }: Sent, came: Came, errorMs: number): readonly Fate[] {
  const fates: Fate[] = Array.from(left, () => 'dropped')
  const contents = new Set(digests)
  const lengths = new Set(digests.map(lengthOf))
  let before = left.length
  for (let transfer = came.whole.length - 1; transfer >= 0; transfer--) {
    const at = came.whole[transfer] ?? Number.NaN
    if (Number.isNaN(at)) continue
    const content = came.digests[transfer] ?? ''
    const known = contents.has(content)
    // A format without a length does not tell that the end was cut off.
    if (!known && !lengths.has(lengthOf(content))) continue
    const frame = lastFrame(before, index => {
      const leftAt = left[index] ?? Number.NaN
      return leftAt <= at + errorMs && (!known || digests[index % digests.length] === content)
    })
    if (frame === undefined) continue
    fates[frame] = known ? at : 'damaged'
    before = frame
  }
  return fates
}

/** Of a digest of `pictures.ts`. */
function lengthOf(digest: string): string {
  return digest.split('-', 1)[0] ?? ''
}

function lastFrame(before: number, fits: (frame: number) => boolean): number | undefined {
  for (let frame = before - 1; frame >= 0; frame--) if (fits(frame)) return frame
  return undefined
}
