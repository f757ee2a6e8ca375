/** The command line: finds the command that the words name, and runs it. */
import { BUILT_IN } from '../../transports/catalog.ts'
import { readCommandLine, renderHelp } from './command-line.ts'
import { aa } from './commands/aa.ts'
import { ab } from './commands/ab.ts'
import { check } from './commands/check.ts'
import { compare } from './commands/compare.ts'
import { doctor } from './commands/doctor.ts'
import { list } from './commands/list.ts'
import { receive } from './commands/receive.ts'
import { report } from './commands/report.ts'
import { run } from './commands/run.ts'
import { send } from './commands/send.ts'
import { serve } from './commands/serve.ts'
import { trend } from './commands/trend.ts'
import { EXIT, type ExitCode, type Terminal } from './terminal.ts'

/** In the order of the help. */
const COMMANDS = [run, ab, aa, check, compare, trend, report, serve, doctor, send, receive, list]

/** Runs the command that `words` name. @throws UsageError, SetupError: one line each */
export async function dispatch(
  words: readonly string[],
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExitCode> {
  const asked = readCommandLine(words, COMMANDS)
  if (asked) return asked.command.run(asked.given, terminal, signal, BUILT_IN)
  terminal.out(await renderHelp(words, COMMANDS, terminal.width))
  return EXIT.measured
}
