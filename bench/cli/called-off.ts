/** What to print when a command is interrupted. */
import { SetupError, UsageError } from '../../base/errors.ts'
import { counted } from '../../base/units.ts'
import { EXIT, type ExitCode, type Terminal } from './terminal.ts'

/** Why a signal aborts without a user's request: a run piped into `head` has lost its reader, and ends even if its file has room. */
export class ReaderGone extends Error {
  override readonly message = 'the reader of standard output has gone'
}

/** `interrupted after 3 trials`, and why if no user asked for it. */
export function interruptedAfter(trials: number, signal: AbortSignal): string {
  const why = signal.reason instanceof ReaderGone ? `, since ${signal.reason.message}` : ''
  return `interrupted after ${counted(trials, 'trial')}${why}`
}

/** Runs `work`. If interrupted while its ends are being prepared it has nothing to show, and nothing went wrong. */
export function unlessCalledOff(
  terminal: Terminal,
  signal: AbortSignal,
  work: () => Promise<ExitCode>,
): Promise<ExitCode> {
  const isNews = (error: unknown) => error instanceof SetupError || error instanceof UsageError
  return interruptible(terminal, signal, work, 'anything was measured', isNews)
}

/** Runs a command that only reads: whatever error follows an interruption is due to it. */
export function unlessInterrupted(
  terminal: Terminal,
  signal: AbortSignal,
  work: () => Promise<ExitCode>,
): Promise<ExitCode> {
  return interruptible(terminal, signal, work, 'everything was read', () => false)
}

/** @param isNews whether to throw an error even so */
async function interruptible(
  terminal: Terminal,
  signal: AbortSignal,
  work: () => Promise<ExitCode>,
  before: string,
  isNews: (error: unknown) => boolean,
): Promise<ExitCode> {
  try {
    return await work()
  } catch (error) {
    if (!signal.aborted || isNews(error)) throw error
    terminal.err(`interrupted before ${before}\n`)
    return EXIT.interrupted
  }
}
