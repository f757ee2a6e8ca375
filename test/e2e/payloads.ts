/** Files to send in the tests of `send`, `receive` and `run --target`. */
import { createHash, randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Around the originals' chunk of 1,024, and the two pictures of the originals. */
export const SIZES = [1, 1023, 1024, 1025, 62_470, 813_611]
/** What one datagram carries. */
export const DATAGRAM_SIZES = SIZES.filter(size => size <= 65_507)

export interface Sample {
  readonly path: string
  readonly bytes: Buffer
  readonly sha256: string
}

/** Files of random bytes, one of each size, that are known as no type. */
export function samples(folder: string, sizes: readonly number[]): Sample[] {
  return sizes.map(size => {
    const bytes = randomBytes(size)
    // No magic number of any file type begins so.
    bytes.fill(0xee, 0, Math.min(size, 16))
    return sample(folder, `sample-${size}`, bytes)
  })
}

export function sample(folder: string, name: string, bytes: Buffer): Sample {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return { path, bytes, sha256: sha256(bytes) }
}

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
