/** Runs a command, with the plug-ins that its words name. */
import { SetupError, UsageError } from '../../base/errors.ts'
import { BUILT_IN, type Extended } from '../workloads/catalog.ts'
import { withCommands } from './around.ts'
import type { Command, Context, Given } from './command.ts'
import { readFlags } from './flags.ts'
import { PLUGIN } from './options.ts'
import { PluginFault, type Underway, withPlugins } from './plugins.ts'
import { EXIT, type ExitCode, type Terminal } from './terminal.ts'

interface Asked {
  readonly command: Command
  readonly given: Given
}

/** @param underway says whose code runs @throws UsageError, SetupError: one line each */
export async function runWithPlugins(
  { command, given }: Asked,
  terminal: Terminal,
  signal: AbortSignal,
  underway: Underway,
): Promise<ExitCode> {
  const { plugin } = readFlags({ plugin: PLUGIN }, given.flags)
  const run = (catalog: Extended, within: AbortSignal) => {
    const context = { terminal, catalog, signal: within }
    return withCommands(command.flags, given.flags, context, setUp =>
      runCommand(command, given, context, setUp),
    )
  }
  if (plugin.length === 0) return run(BUILT_IN, signal)
  const code = await withPlugins(plugin, underway, signal, run)
  if (code === undefined) terminal.err('interrupted before the plug-ins were loaded\n')
  return code ?? EXIT.interrupted
}

async function runCommand(
  command: Command,
  given: Given,
  context: Context,
  setUp: () => Promise<void>,
): Promise<ExitCode> {
  const { terminal, signal } = context
  try {
    await setUp()
    return await command.run(given, context)
  } catch (error) {
    if (!signal.aborted || signal.reason instanceof PluginFault) throw error
    if (command.before === undefined || isNews(error, signal)) throw error
    terminal.err(`interrupted before ${command.before}\n`)
    return EXIT.interrupted
  }
}

/** What is wrong in any case, and not because of the interruption. */
function isNews(error: unknown, { reason }: AbortSignal): boolean {
  return (error instanceof SetupError || error instanceof UsageError) && !causesOf(error).includes(reason)
}

function causesOf(error: unknown): readonly unknown[] {
  return error instanceof Error ? [error, ...causesOf(error.cause)] : [error]
}
