/** Finds the command that the words name, and runs it. */
import { BUILT_IN, type Extended } from '../workloads/catalog.ts'
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
import { readFlags } from './flags.ts'
import { PLUGIN } from './options.ts'
import { EXIT, type ExitCode, type Terminal } from './terminal.ts'

/** In the order of help. */
const COMMANDS = [run, ab, aa, check, compare, trend, report, serve, doctor, send, receive, list]

/** Runs the command that `words` name. @throws UsageError, SetupError: one line each */
export async function dispatch(
  words: readonly string[],
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExitCode> {
  const asked = readCommandLine(words, COMMANDS)
  if (asked) {
    const { command, given } = asked
    const { plugin } = readFlags({ plugin: PLUGIN }, given.flags)
    return command.run(given, terminal, signal, await extendCatalog(plugin))
  }
  terminal.out(await renderHelp(words, COMMANDS, terminal.width))
  return EXIT.measured
}

/** @throws UsageError */
async function extendCatalog(plugins: readonly string[]): Promise<Extended> {
  if (plugins.length === 0) return BUILT_IN
  const { loadPlugins } = await import('../workloads/plugins.ts')
  return loadPlugins(plugins)
}
