/** Reads the manifest of a file: how its rows were measured. A file without a usable manifest is read nevertheless. */
import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs'
import { errorCode } from '../../base/errors.ts'
import { readError } from '../../base/system-errors.ts'
import { MANIFEST_VERSION, manifestPath, manifestSchema } from '../schema/manifest.ts'
import { formatOf } from '../store/formats.ts'
import type { FileReport } from './file-report.ts'

/** A longer file is not a manifest. */
const MOST_BYTES = 64 * 2 ** 20

/** Adds a manifest to the report, or a note why it cannot be used. */
export function takeManifest(value: unknown, report: FileReport, where = 'what it says of the run'): void {
  // What a newer version says need not be what this one expects.
  const version = VERSION.safeParse(value).data?.manifest_version ?? 0
  const { data, error } = manifestSchema.safeParse(value)
  if (version > MANIFEST_VERSION)
    report.notes.push(
      `${where} cannot be used: it has version ${version}, newer than this program’s ${MANIFEST_VERSION}`,
    )
  else if (data) report.manifests.push(data)
  else {
    const key = error.issues[0]?.path.join('.')
    report.notes.push(`${where} cannot be used: ${key || 'it'} is not as it should be`)
  }
}

const VERSION = manifestSchema.pick({ manifest_version: true })

/** Whether what is known of a run says that it was `bench search` or `bench probe`; undefined for any other. */
export function purposeOf(path: string): 'search' | 'probe' | undefined {
  try {
    const { search, probe } = manifestSchema.parse(manifestValue(path))
    return search ? 'search' : probe && 'probe'
  } catch {
    // Whoever reads the file says what is wrong with it.
    return undefined
  }
}

/** @throws Error where there is none */
function manifestValue(path: string): unknown {
  const format = formatOf(path)
  const stored = format === 'csv' ? manifestPath(path) : path
  const stats = statSync(stored)
  // What comes by a pipe comes once.
  if (!stats.isFile() || (format === 'csv' && stats.size > MOST_BYTES)) throw new Error('not a manifest')
  if (format === 'csv') return JSON.parse(readFileSync(stored, 'utf8'))
  // It is in the first line of both.
  const [line = ''] = startOf(path).split('\n', 1)
  return format === 'jsonl' ? JSON.parse(line) : JSON.parse(`${line}]}`).run
}

/** As much as a manifest has. */
function startOf(path: string): string {
  const descriptor = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(2 ** 20)
    return bytes.toString('utf8', 0, readSync(descriptor, bytes, 0, bytes.length, 0))
  } finally {
    closeSync(descriptor)
  }
}

/** The one beside a CSV. */
export function readManifestBeside(path: string, report: FileReport): void {
  const beside = manifestPath(path)
  let text: string
  try {
    const stats = statSync(beside)
    if (!stats.isFile() || stats.size > MOST_BYTES) {
      report.notes.push(`${beside} cannot be used: it is not a file of up to 64 MiB`)
      return
    }
    text = readFileSync(beside, 'utf8')
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' && errorCode(error) !== 'ENOTDIR')
      report.notes.push(readError(`cannot read ${beside}`, error).message)
    return
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    report.notes.push(`${beside} cannot be used: it is not JSON`)
    return
  }
  takeManifest(value, report, beside)
}
