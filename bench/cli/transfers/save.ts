/**
 * Saves what arrived under a name that the receiver chooses: time, counter, and an extension by the type of the bytes. Until it is
 * written whole, its name ends with `.part`: whatever ends this program leaves no file that looks complete and is not.
 */
import { existsSync } from 'node:fs'
import { open, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileTypeFromBuffer } from 'file-type'
import { monotonic } from '../../../base/clock.ts'
import { errorCode } from '../../../base/errors.ts'
import { isOutOfDescriptors, systemError } from '../../../base/system-errors.ts'
import { utcStamp } from '../../measure/run-id.ts'

/** Enough to recognize any type by its magic numbers. */
const HEAD_BYTES = 4100

/** How long to keep trying to open a file while connections hold all descriptors. */
const DESCRIPTOR_MS = 10_000
const AGAIN_MS = 20

/**
 * Returns the path it was saved at, which ends with `.part` if it is not whole.
 * @param shortage called while it waits for a descriptor @throws SetupError when it cannot be written; no partial file is left
 */
export async function saveTransfer(
  folder: string,
  number: number,
  parts: readonly Buffer[],
  whole: boolean,
  shortage: (code: string) => void,
): Promise<string> {
  const type = await fileTypeFromBuffer(head(parts))
  const base = `${utcStamp(new Date())}-${String(number).padStart(4, '0')}`
  const extension = type?.ext ?? 'bin'
  const until = monotonic() + DESCRIPTOR_MS
  for (let copy = 0; ; ) {
    const path = join(folder, `${base}${copy === 0 ? '' : `-${copy}`}.${extension}`)
    try {
      return await writeNew(path, parts, whole)
    } catch (error) {
      const code = errorCode(error)
      if (code === 'EEXIST') {
        copy++
        continue
      }
      if (code !== undefined && isOutOfDescriptors(code) && monotonic() < until) {
        shortage(code)
        await sleep(AGAIN_MS)
        continue
      }
      throw systemError(`cannot save to ${path}`, error, { otherwise: 'choose another --dir' })
    }
  }
}

/** Returns where it is. @throws the system's error, with code `EEXIST` when something has that name */
async function writeNew(path: string, parts: readonly Buffer[], whole: boolean): Promise<string> {
  const partial = `${path}.part`
  const file = await open(partial, 'wx')
  try {
    try {
      // Nobody else takes the name meanwhile: that of the part is ours.
      if (whole && existsSync(path)) throw Object.assign(new Error(`${path} exists`), { code: 'EEXIST' })
      for (const part of parts) await file.writeFile(part)
    } finally {
      await file.close()
    }
    if (whole) await rename(partial, path)
    return whole ? path : partial
  } catch (error) {
    await unlink(partial).catch(() => {})
    throw error
  }
}

function head(parts: readonly Buffer[]): Buffer {
  const first = parts[0] ?? Buffer.alloc(0)
  return (first.length >= HEAD_BYTES ? first : Buffer.concat(parts)).subarray(0, HEAD_BYTES)
}
