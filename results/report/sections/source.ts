/** What a report is made from: the rows of each file, summed up once. */
import { sumOf } from '../../../base/groups.ts'
import type { Case } from '../../charts/case.ts'
import type { TrialRecord } from '../../schema/columns.ts'
import type { Manifest } from '../../schema/manifest.ts'
import type { OverTime } from '../../statistics/over-time.ts'
import { type CaseSummary, summarize } from '../../statistics/summary.ts'
import { findWarnings, type Warning } from '../../warnings/warnings.ts'

export interface Source {
  readonly label: string
  readonly records: readonly TrialRecord[]
  readonly summaries: readonly CaseSummary[]
  readonly warnings: readonly Warning[]
  /** How they were measured; empty where the file does not say it. */
  readonly manifests: readonly Manifest[]
  /** The intervals of its streams, where they are known. */
  readonly overTime?: OverTime | undefined
}

export type ReportFile = Pick<Source, 'label' | 'records' | 'overTime'> & Partial<Pick<Source, 'manifests'>>

export function sourceOf({ manifests = [], ...file }: ReportFile): Source {
  const summaries = summarize(file.records)
  return { ...file, manifests, summaries, warnings: findWarnings(summaries) }
}

/** How many trials its rows are of: streams at the same time are one. */
export function trialsIn({ summaries }: Source): number {
  return sumOf(summaries, ({ records }) => records.length)
}

/** All cases; they bear the name of their file where there are several. */
export function casesOf(sources: readonly Source[]): readonly Case[] {
  return sources.flatMap(({ label, summaries, overTime }) =>
    summaries.map(summary => ({ ...summary, file: sources.length > 1 ? label : undefined, overTime })),
  )
}
