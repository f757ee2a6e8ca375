#!/usr/bin/env node
/** Wiring and exit codes: the only file that touches process.argv, the standard streams and the exit. */
import { isAsciiLocale, toAscii } from '../base/ascii.ts'
import { monotonic } from '../base/clock.ts'
import { keepCompiled } from '../base/compile-cache.ts'
import { errorCode, errorCodes, errorMessage, Mistakes, SetupError, UsageError } from '../base/errors.ts'
import { displayable, harmless } from '../base/foreign-text.ts'
import { describeSystemError, isOutOfDescriptors, remedyOf } from '../base/system-errors.ts'
import { outlivesTerminal } from './cli/hangups.ts'
import { MEND, type Underway } from './cli/plugins.ts'
import { EXIT, ReaderGone, type Terminal } from './cli/terminal.ts'

const { env, stdout, stderr } = process
keepCompiled()
const inColor = (stdout.isTTY && !env['NO_COLOR'] && env['TERM'] !== 'dumb') || isSet(env['FORCE_COLOR'])

const inAscii = process.argv.includes('--ascii') || isAsciiLocale(env)
const shown = (text: string) => (inAscii ? toAscii(displayable(text)) : displayable(text))

const terminal: Terminal = {
  out: text => stdout.write(shown(text)),
  data: text => stdout.write(displayable(text)),
  taken: () => flushed(stdout),
  err: text => stderr.write(shown(text)),
  errStream: Object.create(stderr, {
    write: { value: (text: string) => stderr.write(inAscii ? toAscii(text) : text) },
  }),
  argv: process.argv.slice(2),
  width: widthOf(stdout.columns || Number(env['COLUMNS'])),
  color: inColor && !env['NO_COLOR'],
  live: stderr.isTTY === true && stderr.columns > 0 && !isSet(env['CI']) && env['TERM'] !== 'dumb',
}

/** `timeout -s INT` signals its child and then the child's group: what comes so close together is one signal. */
const TOGETHER_MS = 300
const interruption = new AbortController()
let over = false
let interruptedAt = 0
for (const [name, code] of [
  ['SIGINT', EXIT.interrupted],
  ['SIGTERM', 143],
  // The terminal was closed; under nohup that is to change nothing.
  ['SIGHUP', 129],
  // Ctrl-Break, and a closed console: Windows has no SIGTERM.
  ['SIGBREAK', EXIT.interrupted],
] as const) {
  if (name === 'SIGHUP' && outlivesTerminal()) {
    process.on(name, () => {})
    continue
  }
  process.on(name, () => {
    // Nothing is left to end but this process, whose output nobody reads.
    if (over) process.exit(EXIT.interrupted)
    // The second time a person means it.
    if (interruption.signal.aborted && monotonic() - interruptedAt > TOGETHER_MS) process.exit(code)
    if (!interruption.signal.aborted) interruptedAt = monotonic()
    interruption.abort()
  })
}
let isOutputLost = false
stdout.on('error', error => {
  // Each write that follows fails, too.
  if (isOutputLost) return
  isOutputLost = true
  // The reader of a pipe has gone (`bench run | head`): who only reads has nobody left to tell, and a run says it.
  const isReaderGone = errorCode(error) === 'EPIPE'
  interruption.abort(isReaderGone ? new ReaderGone() : undefined)
  if (isReaderGone) return
  const remedies = { otherwise: 'redirect it to another place' }
  terminal.err(`bench: ${describeSystemError('cannot write to standard output', error, remedies)}\n`)
  process.once('exit', () => {
    process.exitCode = EXIT.failed
  })
})
// What cannot be said is not said; the results do not depend on it.
stderr.on('error', () => {})

/** What a run may ask for that the usual agents on this host are not for, or not yet. */
const OTHERWISE = /^(-h|--(help|version|host|from|to|target|pin|plugin|setup|start-at))/

const underway: Underway = {}
/** Nothing is left that could go on. */
let waits = false
process.once('beforeExit', () => {
  waits = true
  // Node itself would say so with a line of this program.
  process.exit()
})
process.once('exit', () => {
  // A second signal ends the process, too.
  if (over || !(waits || (underway.plugins !== undefined && !interruption.signal.aborted))) return
  const what = waits ? 'it waits for what never comes' : 'it ends the process before the work is done'
  terminal.err(
    `bench: ${underway.plugins === undefined ? `internal error: ${what}` : `${underway.plugins}: ${what}; ${MEND}`}\n`,
  )
  const failed = underway.loading ? EXIT.usage : EXIT.failed
  process.exitCode = interruption.signal.aborted ? EXIT.interrupted : failed
})

try {
  checkWorkingFolder()
  // They start while the rest of the command line is loaded.
  if (terminal.argv[0] === 'run' && !terminal.argv.some(word => OTHERWISE.test(word)))
    (await import('./fleet/local/spawn.ts')).spawnAhead()
  // Node opens all files that a module imports at once: where it may not, a line still says so.
  const { dispatch } = await import('./cli/dispatch.ts')
  const code = await dispatch(process.argv.slice(2), terminal, interruption.signal, underway)
  over = true
  process.exitCode = code
} catch (error) {
  over = true
  process.exitCode = error instanceof UsageError ? EXIT.usage : EXIT.failed
  const message = errorMessage(error)
  // Whatever could not be opened: its place is not what is wrong.
  const remedy = remedyOf(errorCodes(error).find(isOutOfDescriptors))
  const known = remedy !== undefined || error instanceof UsageError || error instanceof SetupError
  if (remedy !== undefined) process.exitCode = EXIT.failed
  const more = remedy === undefined || message.includes(remedy) ? '' : `; ${remedy}`
  const lines = error instanceof Mistakes ? error.lines.map(harmless) : [`${message}${more}`]
  for (const line of lines) terminal.err(`bench: ${known ? '' : 'internal error: '}${line}\n`)
  if (!known && env['BENCH_DEBUG']) terminal.err(`${error instanceof Error ? error.stack : error}\n`)
}

// What a plug-in leaves behind, such as a timer, keeps no process alive whose work is over.
await Promise.all([flushed(stdout), flushed(stderr)])
process.exit()

/** What reads or writes a file, and yargs, need it. @throws SetupError where it was removed */
function checkWorkingFolder(): void {
  try {
    process.cwd()
  } catch (cause) {
    throw new SetupError('the current folder was removed; change to another one (cd)', { cause })
  }
}

/** Resolves when the system has taken all that was written, or nobody reads it any more: a pipe takes it when its reader does. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise(resolve => void stream.write('', () => resolve()))
}

/** A terminal that does not know its width says 0; in fewer than 20 columns nothing can be laid out. */
function widthOf(columns: number): number {
  return columns > 0 ? Math.max(20, Math.floor(columns)) : 100
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== '0' && value !== 'false'
}
