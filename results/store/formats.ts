/** The formats by name, and the one for a file's name. */
import { extname } from 'node:path'
import type { TrialRecord } from '../schema/columns.ts'
import type { Manifest } from '../schema/manifest.ts'
import type { Warning } from '../warnings/warning.ts'
import { type CsvForm, csvOf } from './csv.ts'
import type { Encoding } from './encoding.ts'
import { json, jsonl } from './json.ts'

export type Format = 'csv' | 'json' | 'jsonl'

export function encodingOf(format: Format, form?: CsvForm): Encoding {
  return format === 'csv' ? csvOf(form) : { json, jsonl }[format]
}

/** By the extension: `.json`, `.jsonl` or `.ndjson`; anything else is CSV. */
export function formatOf(path: string): Format {
  const extension = extname(path).toLowerCase()
  if (extension === '.json') return 'json'
  return extension === '.jsonl' || extension === '.ndjson' ? 'jsonl' : 'csv'
}

/** Encodes all records as one text. Only `json` contains `warnings`. */
export function encode(
  format: Format,
  records: readonly TrialRecord[],
  warnings: readonly Warning[] = [],
  manifest?: Manifest,
): string {
  const encoding = encodingOf(format)
  return (
    encoding.header(manifest) +
    records.map((record, index) => encoding.row(record, index)).join('') +
    encoding.footer(warnings)
  )
}
