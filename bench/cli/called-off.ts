/** What is said of a command that was called off. */
import { SetupError, UsageError } from '../../base/errors.ts'
import { counted } from '../../base/units.ts'
import { EXIT, type ExitCode, type Terminal } from './terminal.ts'

/** Why a signal aborts where nobody asked for it: a run that goes into `head` has no reader left, and ends although its file has room. */
export class ReaderGone extends Error {
  override readonly message = 'the reader of standard output has gone'
}

/** `interrupted after 3 trials`, and why where nobody asked for it. */
export function interruptedAfter(trials: number, signal: AbortSignal): string {
  const why = signal.reason instanceof ReaderGone ? `, since ${signal.reason.message}` : ''
  return `interrupted after ${counted(trials, 'trial')}${why}`
}

/** A run that is called off while its ends are made ready has nothing to show, and nothing went wrong. */
export function unlessCalledOff(
  terminal: Terminal,
  signal: AbortSignal,
  work: () => Promise<ExitCode>,
): Promise<ExitCode> {
  const isNews = (error: unknown) => error instanceof SetupError || error instanceof UsageError
  return interruptible(terminal, signal, work, 'anything was measured', isNews)
}

/** Of commands that only read: whatever ends one that was called off, that is why. */
export function unlessInterrupted(
  terminal: Terminal,
  signal: AbortSignal,
  work: () => Promise<ExitCode>,
): Promise<ExitCode> {
  return interruptible(terminal, signal, work, 'everything was read', () => false)
}

/** @param isNews of an error that is told all the same */
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
