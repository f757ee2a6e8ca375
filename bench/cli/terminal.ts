import { errorMessage, UsageError } from '../../base/errors.ts'

/** What a command sees of the terminal, so that only cli.ts touches the process. */
export interface Terminal {
  /** Results for people: standard output. In ASCII where that is asked for, as on standard error. */
  out(text: string): void
  /** Results for programs: standard output, as they are. */
  data(text: string): void
  /** Resolves when the system has taken all of it; absent where it takes everything at once. */
  taken?(): Promise<void>
  /** Everything else: standard error. */
  err(text: string): void
  /** Standard error, for a line that is drawn again and again. */
  readonly errStream: NodeJS.WritableStream & { readonly columns?: number }
  /** Words of the command line after `bench`, for the record. */
  readonly argv: readonly string[]
  /** Columns to draw in. */
  readonly width: number
  /** Standard output supports colours (a terminal, and no NO_COLOR). */
  readonly color: boolean
  /** A person watches standard error: a terminal of known width, and not CI. */
  readonly live: boolean
}

/** Exit codes of every command; in the README. */
export const EXIT = { measured: 0, failed: 1, usage: 2, regression: 3, interrupted: 130 } as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** Why a signal aborts without a user's request: a run piped into `head` has lost its reader, and ends even if its file has room. */
export class ReaderGone extends Error {
  override readonly message = 'the reader of standard output has gone'
}

/** Reports what was not written. A bad verdict keeps its exit code; otherwise the command has failed. */
export function reportUnwritten(terminal: Terminal, errors: readonly Error[], code: ExitCode): ExitCode {
  for (const error of errors) terminal.err(`bench: ${errorMessage(error)}\n`)
  if (errors.length === 0 || code !== EXIT.measured) return code
  return errors.some(error => error instanceof UsageError) ? EXIT.usage : EXIT.failed
}
