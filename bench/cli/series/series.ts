/** Measures again and again, at absolute times, until it is interrupted. A turn that goes wrong is named, and the next one comes. */
import { monotonic } from '../../../base/clock.ts'
import { errorMessage, SetupError, UsageError } from '../../../base/errors.ts'
import { counted, formatSpan } from '../../../base/units.ts'
import type { Manifest } from '../../../results/schema/manifest.ts'
import type { Context } from '../command.ts'
import { untilMoment } from '../moment.ts'
import { EXIT, type ExitCode } from '../terminal.ts'
import { SeriesFiles } from './files.ts'
import type { Series } from './flags.ts'
import { dueMs, nextTurn } from './turns.ts'

/** What a turn gives its run. */
export interface Turn {
  /** From 0; missed ones count. */
  readonly number: number
  /** Its file; undefined for the usual name. */
  readonly out: string | undefined
  readonly stored: Manifest['turn']
}

/** What of a session's options is that of its turn; the series has waited for its start. */
export function inTurn(
  args: { readonly out: string | undefined; readonly startAt: Date | undefined },
  turn: Turn | undefined,
) {
  return turn ? { out: turn.out, startAt: undefined, turn: turn.stored } : args
}

export interface TurnWatch {
  end(result: 'complete' | 'incomplete' | 'failed', ms: number): void
  skipped(turns: number): void
}

/**
 * Returns when it is interrupted.
 * @param measure one turn, to the end of its file
 * @throws UsageError of the first turn: what the words say is wrong
 */
export async function measureSeries(
  series: Series,
  { terminal, signal }: Context,
  measure: (turn: Turn) => Promise<ExitCode>,
  watch?: TurnWatch,
): Promise<ExitCode> {
  const { everyMs, out, kept, startAt = new Date() } = series
  const schedule = { ...series, firstMs: startAt.getTime() }
  const files = out === undefined ? undefined : new SeriesFiles(out, kept)
  let measured = 0
  for (let number = 0; ; ) {
    await untilMoment(new Date(dueMs(schedule, number)), signal)
    if (signal.aborted) break
    const begunMs = monotonic()
    const stored = { ...(files ? { series: files.series } : {}), number, every_ms: everyMs }
    let code: ExitCode | undefined
    try {
      code = await measure({ number, out: files?.path(new Date()), stored })
      measured++
    } catch (error) {
      if (signal.aborted && measured === 0) throw error
      if (error instanceof UsageError && number === 0) throw error
      const isKnown = error instanceof UsageError || error instanceof SetupError
      if (!signal.aborted)
        terminal.err(`bench: turn ${number}: ${isKnown ? '' : 'internal error: '}${errorMessage(error)}\n`)
    }
    const tookMs = monotonic() - begunMs
    watch?.end(code === undefined ? 'failed' : code === EXIT.measured ? 'complete' : 'incomplete', tookMs)
    if (signal.aborted) return EXIT.interrupted
    try {
      files?.prune()
    } catch (error) {
      terminal.err(`bench: cannot remove old files of ${out}: ${errorMessage(error)}\n`)
    }
    const next = nextTurn(schedule, number, Date.now())
    const missed = next - number - 1
    if (missed > 0) {
      watch?.skipped(missed)
      terminal.err(`${counted(missed, 'turn')} skipped: turn ${number} took ${formatSpan(tookMs)}\n`)
    }
    number = next
  }
  if (measured === 0) signal.throwIfAborted()
  terminal.err(`interrupted after ${counted(measured, 'turn')}\n`)
  return EXIT.interrupted
}
