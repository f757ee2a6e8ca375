/** What the tools of this folder have in common with `bench`: one-line errors, exit codes, and an interruption that ends children. */
import { errorCode, errorMessage, SetupError, UsageError } from '../../base/errors.ts'
import { EXIT } from '../../bench/cli/terminal.ts'

/**
 * Runs a tool and sets the exit code: what `main` gives, 1 when it could not be done, 2 for a wrong command, 130 when interrupted.
 * @param main its signal aborts on Ctrl-C and on SIGTERM; it then ends what it has started and throws
 */
export async function runTool(name: string, main: (signal: AbortSignal) => Promise<number>): Promise<void> {
  const interruption = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interruption.abort())
  process.stdout.on('error', () => interruption.abort())
  try {
    process.exitCode = await main(interruption.signal)
  } catch (thrown) {
    const [exitCode, text] = interruption.signal.aborted
      ? [EXIT.interrupted, 'interrupted']
      : explain(thrown, name)
    process.exitCode = exitCode
    process.stderr.write(`${name}: ${text}\n`)
  }
}

/** @throws UsageError when `text` is no whole number above 0 */
export function wholeNumber(flag: string, text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < 1)
    throw new UsageError(`${flag}: not a whole number above 0: ${JSON.stringify(text)}`)
  return value
}

export function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

function explain(thrown: unknown, name: string): readonly [number, string] {
  if (thrown instanceof UsageError) return [EXIT.usage, thrown.message]
  if (errorCode(thrown)?.startsWith('ERR_PARSE_ARGS')) {
    const [complaint] = errorMessage(thrown).split('. ')
    return [EXIT.usage, `${complaint}; see npm run ${name} -- --help`]
  }
  return [EXIT.failed, `${thrown instanceof SetupError ? '' : 'internal error: '}${errorMessage(thrown)}`]
}
