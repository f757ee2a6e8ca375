/** Why a folder of runs cannot be used, in one line. */
import { errorCode, errorMessage, moreDescriptors, SetupError, UsageError } from '../../base/errors.ts'

/** A UsageError when another folder would do, a SetupError when the machine is out of something. */
export function folderError(folder: string, thrown: unknown, doing: 'read' | 'write to'): Error {
  const code = errorCode(thrown)
  // Not of the file system: a bug, told as one.
  if (code === undefined) return thrown instanceof Error ? thrown : new Error(errorMessage(thrown))
  const [reason, remedy] = folder === '' ? ['the name is empty', 'name a folder'] : explain(code, doing)
  const OneLine = OUT_OF.has(code) ? SetupError : UsageError
  return new OneLine(`cannot ${doing} the history ${folder || '""'}: ${reason}; ${remedy}`, { cause: thrown })
}

const OUT_OF = new Set(['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE', 'EIO'])

/** What happened, and what to do. */
function explain(code: string, doing: 'read' | 'write to'): readonly [string, string] {
  switch (code) {
    case 'EEXIST':
    case 'ENOTDIR':
      return ['it is no folder', 'name a folder']
    case 'EACCES':
    case 'EPERM':
      return ['permission denied', `name a folder that you may ${doing}`]
    case 'EROFS':
      return ['the file system is read-only', 'name another folder']
    case 'ENAMETOOLONG':
      return ['the name is too long', 'choose a shorter one']
    case 'ENOENT':
      return ['nothing can be made there', 'name another folder']
    case 'ENOSPC':
    case 'EDQUOT':
      return [`no space left there (${code})`, 'make room, or name another folder']
    default:
      return [code, moreDescriptors(code) ?? 'name another folder']
  }
}
