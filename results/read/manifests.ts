/** Reads the manifest of a file: how its rows were measured. A file without a usable manifest is read nevertheless. */
import { readFileSync, statSync } from 'node:fs'
import { errorCode } from '../../base/errors.ts'
import { readError } from '../../base/system-errors.ts'
import { MANIFEST_VERSION, manifestPath, manifestSchema } from '../schema/manifest.ts'
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

/** Whether what stands beside a CSV says that it is of `bench search`. */
export function isOfSearch(path: string): boolean {
  const beside = manifestPath(path)
  try {
    if (statSync(beside).size > MOST_BYTES) return false
    return manifestSchema.parse(JSON.parse(readFileSync(beside, 'utf8'))).search !== undefined
  } catch {
    // Whoever reads the file says what is wrong beside it.
    return false
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
