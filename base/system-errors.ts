/** Translates system error codes into words: one table for files and sockets. */
import { errorCode, errorMessage, SetupError, UsageError } from './errors.ts'
import { given } from './given.ts'

interface Meaning {
  /** What happened, as the end of `cannot read rows.csv: `. */
  readonly reason: string
  /** What to do, if that does not depend on the operation. */
  readonly remedy?: string
  /** Another place would do, too: `otherwise` of the operation follows. */
  readonly elsewhere?: true
  /** The machine has run out of something or is broken: the command itself was correct. */
  readonly exhausted?: true
}

const MEANINGS: Readonly<Record<string, Meaning>> = {
  EACCES: { reason: 'permission denied' },
  EADDRINUSE: { reason: 'already in use' },
  EADDRNOTAVAIL: { reason: 'this host has no such address' },
  ECONNREFUSED: { reason: 'nothing listens there' },
  EDQUOT: full('EDQUOT'),
  EEXIST: { reason: 'it exists' },
  EHOSTUNREACH: { reason: 'there is no route to it (EHOSTUNREACH)' },
  EIO: { reason: 'the device fails (EIO)', exhausted: true },
  EISDIR: { reason: 'it is a folder' },
  ELOOP: { reason: 'it is a link to itself' },
  EMFILE: { reason: 'EMFILE', remedy: 'allow a process more open files: ulimit -n 1024', exhausted: true },
  ENAMETOOLONG: { reason: 'the name is too long', remedy: 'choose a shorter one' },
  ENETUNREACH: { reason: 'there is no route to it (ENETUNREACH)' },
  ENFILE: {
    reason: 'ENFILE',
    remedy: 'the system has too many files open: end other programs',
    exhausted: true,
  },
  ENOENT: { reason: 'it does not exist' },
  ENOSPC: full('ENOSPC'),
  ENOTDIR: { reason: 'a part of its path is not a folder' },
  EPERM: { reason: 'permission denied' },
  ERR_INVALID_ARG_VALUE: { reason: 'a file cannot have that name' },
  EROFS: { reason: 'the file system is read-only' },
  ETIMEDOUT: { reason: 'nothing answers' },
}

function full(code: string): Meaning {
  return { reason: `no space left there (${code})`, remedy: 'make room', elsewhere: true, exhausted: true }
}

/** Says what happened; falls back to the code if the table lacks it, and to the message if there is no code. */
export function reasonOf(thrown: unknown): string {
  const code = errorCode(thrown)
  return code === undefined ? errorMessage(thrown) : reasonOfCode(code)
}

/** Does the same for a bare code. */
export function reasonOfCode(code: string): string {
  return MEANINGS[code]?.reason ?? code
}

/** Says what to do about a code regardless of the operation; undefined if that depends on the operation. */
export function remedyOf(code: string | undefined): string | undefined {
  return code === undefined ? undefined : MEANINGS[code]?.remedy
}

/** True if no file or socket can be opened until another one is closed. */
export function isOutOfDescriptors(code: string | undefined): boolean {
  return code === 'EMFILE' || code === 'ENFILE'
}

/** True if another port may do: one is in use or, on Windows, reserved, or for privileged programs only. */
export function isOfPort(code: string | undefined): boolean {
  return code === 'EADDRINUSE' || code === 'EACCES'
}

/** True if a local firewall or a security module rule forbids it. */
export function isForbidden(code: string | undefined): boolean {
  return code === 'EPERM' || code === 'EACCES'
}

/** Maps a code to a remedy, or to a reason and a remedy. `otherwise` applies if neither this map nor the table above has a remedy. */
export interface Remedies {
  readonly otherwise: string
  readonly [code: string]: string | readonly [reason: string, remedy: string]
}

/** `what: reason; remedy`, on one line. @param kept what is not lost, between the two */
export function describeSystemError(what: string, thrown: unknown, remedies: Remedies, kept = ''): string {
  const code = errorCode(thrown)
  const here = code === undefined ? undefined : remedies[code]
  const [reason, remedy] = typeof here === 'object' ? here : [reasonOf(thrown), here ?? usual(code, remedies)]
  return [`${what}: ${reason}`, ...given(kept !== '' && kept), remedy].join('; ')
}

/** The same as an error. */
export function systemError(what: string, thrown: unknown, remedies: Remedies, kept?: string): SetupError {
  return new SetupError(describeSystemError(what, thrown, remedies, kept), { cause: thrown })
}

function usual(code: string | undefined, { otherwise }: Remedies): string {
  const { remedy, elsewhere } = (code === undefined ? undefined : MEANINGS[code]) ?? {}
  return elsewhere ? `${remedy}, or ${otherwise}` : (remedy ?? otherwise)
}

/**
 * The error for a named file: a UsageError if another name would work, a SetupError if the machine has run out of something or the code
 * is unknown.
 */
export function fileError(what: string, thrown: unknown, remedies: Remedies): UsageError | SetupError {
  const code = errorCode(thrown)
  const meaning = code === undefined ? undefined : MEANINGS[code]
  const known = meaning !== undefined || (code !== undefined && remedies[code] !== undefined)
  const OneLine = known && !meaning?.exhausted ? UsageError : SetupError
  return new OneLine(describeSystemError(what, thrown, remedies), { cause: thrown })
}

/**
 * The error for a file that cannot be read.
 * @param what `cannot read x.csv` @param more remedies that depend on what the file is
 */
export function readError(
  what: string,
  thrown: unknown,
  more: Partial<Remedies> = {},
): UsageError | SetupError {
  const check = 'check the path'
  const forbidden = 'make it readable, as with chmod +r'
  return fileError(what, thrown, {
    ENOENT: check,
    ENOTDIR: check,
    ENAMETOOLONG: check,
    ELOOP: check,
    EACCES: forbidden,
    EPERM: forbidden,
    EISDIR: 'name a file in it',
    otherwise: 'copy it to another disk',
    ...more,
  })
}

/** Returns the remedy if another program's message says that it ran out of files, sockets or processes. */
export function moreDescriptors(text: string | undefined): string | undefined {
  return remedyOf(text === undefined ? undefined : /\b(?:EMFILE|ENFILE)\b/.exec(text)?.[0])
}
