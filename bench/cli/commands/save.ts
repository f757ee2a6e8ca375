/** Saves what arrived under a name that the receiver chooses: time, counter, and the extension of what the bytes are. */
import { open, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { fileTypeFromBuffer } from 'file-type'
import { errorCode, SetupError } from '../../../base/errors.ts'
import { describeSystemError } from '../../../base/system-errors.ts'
import { utcStamp } from '../../measure/run-id.ts'

/** Enough to tell any type by its magic numbers. */
const HEAD_BYTES = 4100

/** The path it was saved at; what is not whole ends with `.part`. @throws SetupError when the disk does not take it; nothing half is left */
export async function saveTransfer(
  folder: string,
  number: number,
  parts: readonly Buffer[],
  whole: boolean,
): Promise<string> {
  const type = await fileTypeFromBuffer(head(parts))
  const base = `${utcStamp(new Date())}-${String(number).padStart(4, '0')}`
  const extension = `${type?.ext ?? 'bin'}${whole ? '' : '.part'}`
  for (let copy = 0; ; copy++) {
    const path = join(folder, `${base}${copy === 0 ? '' : `-${copy}`}.${extension}`)
    try {
      await writeNew(path, parts)
      return path
    } catch (error) {
      if (errorCode(error) === 'EEXIST') continue
      const full = 'make room, or choose another --dir'
      const remedies = { ENOSPC: full, EDQUOT: full, otherwise: 'choose another --dir' }
      throw new SetupError(describeSystemError(`cannot save to ${path}`, error, remedies), { cause: error })
    }
  }
}

async function writeNew(path: string, parts: readonly Buffer[]): Promise<void> {
  const file = await open(path, 'wx')
  try {
    for (const part of parts) await file.writeFile(part)
  } catch (error) {
    await unlink(path).catch(() => {})
    throw error
  } finally {
    await file.close()
  }
}

function head(parts: readonly Buffer[]): Buffer {
  const first = parts[0] ?? Buffer.alloc(0)
  return (first.length >= HEAD_BYTES ? first : Buffer.concat(parts)).subarray(0, HEAD_BYTES)
}
