#!/usr/bin/env node
/** Wiring and exit codes: the only file that touches process.argv, the standard streams and the exit. */
import { dispatch } from './commands/dispatch.ts'
import { errorMessage, SetupError, UsageError } from './errors.ts'
import { EXIT, type Terminal } from './terminal.ts'

const { env, stdout, stderr } = process
const inColor = (stdout.isTTY && !env['NO_COLOR'] && env['TERM'] !== 'dumb') || isSet(env['FORCE_COLOR'])

const terminal: Terminal = {
  out: text => stdout.write(text),
  err: text => stderr.write(text),
  errStream: stderr,
  width: stdout.columns ?? (Number(env['COLUMNS']) || 100),
  color: inColor && !env['NO_COLOR'],
  live: stderr.isTTY === true && !isSet(env['CI']) && env['TERM'] !== 'dumb',
}

const interruption = new AbortController()
for (const [name, code] of [
  ['SIGINT', EXIT.interrupted],
  ['SIGTERM', 143],
] as const) {
  process.on(name, () => {
    // The second time a person means it.
    if (interruption.signal.aborted) process.exit(code)
    interruption.abort()
  })
}
// The reader of a pipe has gone (`bench run | head`): there is nobody left to tell.
stdout.on('error', () => interruption.abort())

try {
  process.exitCode = await dispatch(process.argv.slice(2), terminal, interruption.signal)
} catch (error) {
  process.exitCode = error instanceof UsageError ? EXIT.usage : EXIT.failed
  const known = error instanceof UsageError || error instanceof SetupError
  stderr.write(`bench: ${known ? '' : 'internal error: '}${errorMessage(error)}\n`)
  if (!known && env['BENCH_DEBUG']) stderr.write(`${error instanceof Error ? error.stack : error}\n`)
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== '0' && value !== 'false'
}
