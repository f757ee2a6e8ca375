/** What errors of the system mean: one table from their codes to words, for files and for sockets. */
import { errorCode, errorMessage, SetupError, UsageError } from './errors.ts'

interface Meaning {
  /** What happened, as the end of `cannot read rows.csv: `. */
  readonly reason: string
  /** What to do, where it is the same whatever was tried. */
  readonly remedy?: string
  /** The machine is out of something, or broken: the command was right. */
  readonly exhausted?: true
}

const MEANINGS: Readonly<Record<string, Meaning>> = {
  EACCES: { reason: 'permission denied' },
  EADDRINUSE: { reason: 'already in use' },
  EADDRNOTAVAIL: { reason: 'this host has no such address' },
  ECONNREFUSED: { reason: 'nothing listens there' },
  EDQUOT: { reason: 'no space left there (EDQUOT)', remedy: 'make room', exhausted: true },
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
  ENOSPC: { reason: 'no space left there (ENOSPC)', remedy: 'make room', exhausted: true },
  ENOTDIR: { reason: 'a part of its path is not a folder' },
  EPERM: { reason: 'permission denied' },
  ERR_INVALID_ARG_VALUE: { reason: 'a file cannot have that name' },
  EROFS: { reason: 'the file system is read-only' },
  ETIMEDOUT: { reason: 'nothing answers' },
}

/** What happened; the code itself where the table does not know it, and the message where there is no code. */
export function reasonOf(thrown: unknown): string {
  const code = errorCode(thrown)
  return code === undefined ? errorMessage(thrown) : reasonOfCode(code)
}

/** The same of a code alone. */
export function reasonOfCode(code: string): string {
  return MEANINGS[code]?.reason ?? code
}

/** What to do about a code whatever was tried; undefined where that depends. */
export function remedyOf(code: string | undefined): string | undefined {
  return code === undefined ? undefined : MEANINGS[code]?.remedy
}

/** A firewall of this host, or a rule of its security module, forbids it. */
export function isForbidden(code: string | undefined): boolean {
  return code === 'EPERM' || code === 'EACCES'
}

/** By code, what to do here, or what happened here and what to do; `otherwise` where neither this nor the table says it. */
export interface Remedies {
  readonly otherwise: string
  readonly [code: string]: string | readonly [reason: string, remedy: string]
}

/** `what: reason; remedy`, one line for a person. */
export function describeSystemError(what: string, thrown: unknown, remedies: Remedies): string {
  const code = errorCode(thrown)
  const here = code === undefined ? undefined : remedies[code]
  const [reason, remedy] =
    typeof here === 'object' ? here : [reasonOf(thrown), here ?? remedyOf(code) ?? remedies.otherwise]
  return `${what}: ${reason}; ${remedy}`
}

/**
 * The error for a file that was named: a UsageError where another name would do, a SetupError where the machine is out of something or
 * nobody knows better.
 */
export function fileError(what: string, thrown: unknown, remedies: Remedies): UsageError | SetupError {
  const code = errorCode(thrown)
  const meaning = code === undefined ? undefined : MEANINGS[code]
  const known = meaning !== undefined || (code !== undefined && remedies[code] !== undefined)
  const OneLine = known && !meaning?.exhausted ? UsageError : SetupError
  return new OneLine(describeSystemError(what, thrown, remedies), { cause: thrown })
}

/** The remedy where a message of another program says that no more files, sockets or processes could be had. */
export function moreDescriptors(text: string | undefined): string | undefined {
  return remedyOf(text === undefined ? undefined : /\b(?:EMFILE|ENFILE)\b/.exec(text)?.[0])
}
