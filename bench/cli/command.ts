/** What a command is. It loads its modules only when it runs, so `--help` and other commands do not wait for them. */
import type { Extended } from '../workloads/catalog.ts'
import type { FlagTable, Written } from './flags.ts'
import type { ExitCode, Terminal } from './terminal.ts'

export interface Command {
  readonly name: string
  readonly summary: string
  /** The words that are not flags, in order. */
  readonly operands?: readonly Operand[]
  readonly flags: FlagTable
  readonly examples?: readonly (readonly [words: string, what: string])[]
  readonly epilogue?: string
  /** @throws UsageError, SetupError: one line each */
  run(given: Given, terminal: Terminal, signal: AbortSignal, catalog: Extended): Promise<ExitCode>
}

export interface Operand {
  readonly name: string
  readonly describe: string
  readonly needed?: true
  /** Takes all remaining words; only for the last operand. */
  readonly several?: true
}

/** What a command is given. */
export interface Given {
  readonly operands: readonly string[]
  readonly flags: Written
}
