/** What a command is. */
import type { Extended } from '../workloads/catalog.ts'
import type { FlagTable, Written } from './flags.ts'
import type { ExitCode, Terminal } from './terminal.ts'

/** A command as the list of all names it. Its module is loaded when the words name it, so that no other command waits for what it needs. */
export interface Entry {
  readonly name: string
  readonly summary: string
  /** The words that are not flags, in order. */
  readonly operands?: readonly Operand[]
  readonly load: () => Promise<Command>
}

export interface Command {
  readonly flags: FlagTable
  readonly examples?: readonly (readonly [words: string, what: string])[]
  readonly epilogue?: string
  /** What an interruption may come before: `anything was measured`. Without it, the command ends in its own way. */
  readonly before?: string
  /** @throws UsageError, SetupError: one line each */
  run(given: Given, context: Context): Promise<ExitCode>
}

export interface Operand {
  readonly name: string
  readonly describe: string
  readonly needed?: true
  /** Takes all remaining words; only for the last operand. */
  readonly several?: true
}

export interface Given {
  readonly operands: readonly string[]
  readonly flags: Written
}

export interface Context {
  readonly terminal: Terminal
  readonly catalog: Extended
  /** Aborts when the command is interrupted. */
  readonly signal: AbortSignal
}
