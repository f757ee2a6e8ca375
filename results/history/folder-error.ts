/** Why a folder of runs cannot be used, in one line. */
import { errorCode, errorMessage } from '../../base/errors.ts'
import { fileError } from '../../base/system-errors.ts'

/** A UsageError when another folder would do, a SetupError when the machine is out of something. */
export function folderError(folder: string, thrown: unknown, doing: 'read' | 'write to'): Error {
  // Not from the file system: a bug, reported as one.
  if (errorCode(thrown) === undefined)
    return thrown instanceof Error ? thrown : new Error(errorMessage(thrown))
  const noFolder = ['it is not a folder', 'name a folder'] as const
  const forbidden = `name a folder that you may ${doing}`
  return fileError(`cannot ${doing} the history ${folder || '""'}`, thrown, {
    EEXIST: noFolder,
    ENOTDIR: noFolder,
    EACCES: forbidden,
    EPERM: forbidden,
    ENOENT:
      folder === ''
        ? ['the name is empty', 'name a folder']
        : ['nothing can be created there', 'name another folder'],
    otherwise: 'name another folder',
  })
}
