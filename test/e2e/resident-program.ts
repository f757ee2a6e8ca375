/**
 * The program of a resident (resident.ts): the commands of this build without the start of a process for each. What cli.ts
 * does around them is done here as it is there, for an output that is no terminal.
 */
import { PassThrough } from 'node:stream'
import { dispatch } from '../../bench/commands/dispatch.ts'
import { errorMessage, SetupError, UsageError } from '../../bench/errors.ts'
import { displayable } from '../../bench/foreign-text.ts'
import { EXIT } from '../../bench/terminal.ts'
import type { Command, Told } from './resident.ts'

const ENVIRONMENT = { ...process.env }

process.on('message', async (command: Command) => {
  let stdout = ''
  let stderr = ''
  process.chdir(command.cwd)
  process.env = { ...ENVIRONMENT, ...command.env }
  const code = await dispatch(
    command.words,
    {
      out: text => {
        stdout += displayable(text)
      },
      err: text => {
        stderr += displayable(text)
      },
      errStream: new PassThrough(),
      width: 100,
      color: false,
      live: false,
    },
    new AbortController().signal,
  ).catch((error: unknown) => {
    const known = error instanceof UsageError || error instanceof SetupError
    stderr += `bench: ${known ? '' : 'internal error: '}${errorMessage(error)}\n`
    return error instanceof UsageError ? EXIT.usage : EXIT.failed
  })
  const told: Told = { code, stdout, stderr }
  process.send?.(told)
})
process.on('disconnect', () => process.exit(0))
