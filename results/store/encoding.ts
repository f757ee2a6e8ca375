/** The contract of a file format: text before, for each record, and after. Files, pipes and strings are all made from it. */
import type { TrialRecord } from '../schema/columns.ts'
import type { Findings } from '../schema/findings.ts'
import type { Manifest } from '../schema/manifest.ts'
import type { Warning } from '../warnings/warning.ts'

/** Version of the JSON document. */
export const SCHEMA_VERSION = 1

export interface Encoding {
  /** Before the first record, with what is known of the run. */
  header(manifest: Manifest | undefined): string
  /** One record; `index` counts from 0. */
  row(record: TrialRecord, index: number): string
  /** After the last record; in a file it is overwritten by the next row and written again. */
  footer(warnings: readonly Warning[], findings?: Findings): string
}
