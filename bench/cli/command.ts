/** What a command is. It loads what it works with when it runs: `--help`, and other commands, never wait for that. */
import type { Extended } from '../fleet/plugins.ts'
import type { FlagTable, Written } from './flags.ts'
import type { ExitCode, Terminal } from './terminal.ts'

export interface Command {
  readonly name: string
  readonly summary: string
  /** The words that are not flags, in their order. */
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
  /** The last one may take all that is left. */
  readonly several?: true
}

/** What a command is given. */
export interface Given {
  readonly operands: readonly string[]
  readonly flags: Written
}
