/** Commands in this process, on an output that is no terminal: what cli.ts does around them is done as there. */
import { PassThrough } from 'node:stream'
import { errorMessage, SetupError, UsageError } from '../../base/errors.ts'
import { displayable } from '../../base/foreign-text.ts'
import { dispatch } from '../../bench/cli/dispatch.ts'
import { EXIT } from '../../bench/cli/terminal.ts'

/** How a command ended. */
export interface Said {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** @param width of the output, in columns */
export async function inProcess(words: readonly string[], width = 100): Promise<Said> {
  const said = { stdout: '', stderr: '' }
  const out = (text: string) => {
    said.stdout += displayable(text)
  }
  const terminal = {
    out,
    data: out,
    err: (text: string) => {
      said.stderr += displayable(text)
    },
    errStream: new PassThrough(),
    argv: words,
    width,
    color: false,
    live: false,
  }
  try {
    const code = await dispatch(words, terminal, new AbortController().signal)
    return { code, ...said }
  } catch (error) {
    const known = error instanceof UsageError || error instanceof SetupError
    said.stderr += `bench: ${known ? '' : 'internal error: '}${errorMessage(error)}\n`
    return { code: error instanceof UsageError ? EXIT.usage : EXIT.failed, ...said }
  }
}
