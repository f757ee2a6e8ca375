/** What is said of a command that was called off. */
import { SetupError, UsageError } from '../errors.ts'
import { EXIT, type ExitCode, type Terminal } from '../terminal.ts'

/** A run that is called off while its ends are made ready has nothing to show, and nothing went wrong. */
export async function unlessCalledOff(
  terminal: Terminal,
  signal: AbortSignal,
  work: () => Promise<ExitCode>,
): Promise<ExitCode> {
  try {
    return await work()
  } catch (error) {
    if (!signal.aborted || error instanceof SetupError || error instanceof UsageError) throw error
    terminal.err('interrupted before anything was measured\n')
    return EXIT.interrupted
  }
}

/** Of commands that only read: whatever ends one that was called off, that is why. */
export async function unlessInterrupted(
  terminal: Terminal,
  signal: AbortSignal,
  work: () => Promise<ExitCode>,
): Promise<ExitCode> {
  try {
    return await work()
  } catch (error) {
    if (!signal.aborted) throw error
    terminal.err('interrupted before everything was read\n')
    return EXIT.interrupted
  }
}
