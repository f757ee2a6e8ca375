/** What decides, from the trials so far, what a run measures next. */
import type { TrialRecord } from '../../results/schema/columns.ts'
import type { Manifest } from '../../results/schema/manifest.ts'
import type { Case } from '../../scenarios/plan.ts'

export interface Search {
  /** The case as it is measured next; undefined when its search is over. @param pair its number */
  next(pair: number, each: Case): Case | undefined
  /** @param rows of a trial, one a flow */
  add(pair: number, rows: readonly TrialRecord[]): void
  /** How the run is stored and shown. */
  readonly stored: Pick<Manifest, 'search' | 'probe'>
  /** When it ends at the latest, on the monotonic clock, in ms, and how long it may take; undefined where trials are few. */
  readonly time?: { readonly endsAt: number; readonly withinMs: number }
}
