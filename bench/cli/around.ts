/** Shell commands around a command that measures: `--setup` before anything is prepared, `--cleanup` at the end, whatever came between. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { errorMessage, SetupError, UsageError } from '../../base/errors.ts'
import { quoted } from '../../base/foreign-text.ts'
import { type FlagTable, type FlagValues, readFlags, text, type Written } from './flags.ts'
import { EXIT, type ExitCode, reportUnwritten, type Terminal } from './terminal.ts'

/** Only of the command line: no file and no other host says what runs here. */
export const AROUND_FLAGS = {
  setup: text('shell command to run once before anything is measured', parseCommand),
  cleanup: text('shell command to run once at the end, also after a failure or Ctrl-C', parseCommand),
}

/** @param table the flags of the command @throws UsageError, SetupError if one is wrong or fails; what `work` throws goes first */
export async function withCommands(
  table: FlagTable,
  written: Written,
  { terminal, signal }: { readonly terminal: Terminal; readonly signal: AbortSignal },
  work: (setUp: () => Promise<void>) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { setup, cleanup }: FlagValues<typeof AROUND_FLAGS> = readFlags(AROUND_FLAGS, written)
  // What is wrong with any flag is known before something is done.
  if (setup ?? cleanup) readFlags(table, written)
  let code: ExitCode = EXIT.failed
  const failed: Error[] = []
  try {
    code = await work(async () => {
      if (setup !== undefined) await runShell('setup', setup, signal)
    })
  } finally {
    // Interrupted or not.
    if (cleanup !== undefined) await runShell('cleanup', cleanup).catch(error => failed.push(error))
    code = reportUnwritten(terminal, failed, code)
  }
  return code
}

/** Its output goes to standard error, since standard output is for results. @throws SetupError */
async function runShell(
  name: keyof typeof AROUND_FLAGS,
  command: string,
  signal?: AbortSignal,
): Promise<void> {
  const { BENCH_TOKEN: _secret, ...env } = process.env
  const broken = (how: string, cause?: unknown) =>
    new SetupError(`--${name} ${quoted(command)} ${how}; mend it, or leave it out`, { cause })
  signal?.throwIfAborted()
  const shell = spawn(command, { shell: true, stdio: ['ignore', 2, 2], env, ...(signal ? { signal } : {}) })
  const [code, by] = await once(shell, 'exit').catch(error => {
    throw signal?.aborted ? signal.reason : broken(`cannot be run: ${errorMessage(error)}`, error)
  })
  // Ctrl-C reaches it, too.
  signal?.throwIfAborted()
  if (code !== 0) throw broken(code === null ? `was ended by ${by}` : `ended with ${code}`)
}

function parseCommand(text: string): string {
  if (text.trim() !== '') return text
  throw new UsageError('the command is empty; write what a shell is to run')
}
