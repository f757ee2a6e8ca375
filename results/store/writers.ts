/** Writes records as they come: to a file that is valid after every row, or as a stream of text. */

import { closeSync, rmSync, statSync } from 'node:fs'
import { errorMessage, SetupError, UsageError } from '../../base/errors.ts'
import type { TrialRecord } from '../schema/columns.ts'
import type { Findings } from '../schema/findings.ts'
import { type Manifest, manifestPath } from '../schema/manifest.ts'
import type { Warning } from '../warnings/warning.ts'
import type { CsvForm } from './csv.ts'
import type { Encoding } from './encoding.ts'
import { encodingOf, type Format, formatOf } from './formats.ts'
import { encodeManifest } from './json.ts'
import { type OpenOptions, openBeside, openFile } from './open-file.ts'
import { TextFile, type TextOutput } from './text-file.ts'

/** Where records go. What is known of the run is said when it is opened. */
export interface Sink extends AsyncDisposable {
  /** Resolves when the row outlives this process. @throws SetupError when it is not taken; the rows before it stay whole */
  write(record: TrialRecord): Promise<void>
  /** Ends the document. Doing it twice is fine. @throws SetupError as `write` */
  end(warnings?: readonly Warning[], findings?: Findings): Promise<void>
}

/** A kind of sink that a plug-in brings: `--out NAME.EXTENSION` writes to it. */
export interface SinkKind {
  /** `.parquet` */
  readonly extension: string
  /** One line for `bench list`. */
  readonly summary: string
  /** Name and version of the plug-in, for messages. */
  readonly plugin?: string
  /** The file exists and is empty: it is this run's. @throws SetupError when it cannot be written */
  open(path: string, manifest: Manifest): Sink
}

/** The form is that of a CSV. */
export type WriteOptions = OpenOptions & CsvForm

export interface FileSink extends Sink {
  readonly path: string
}

/**
 * Opens a file for records, before anything is measured; the format is that of the extension. What is known of the run goes into a file
 * beside a CSV (`manifestPath`), and into the others themselves. Each row is handed to the
 * system in one synchronous write, so `kill -9` leaves a valid file with every finished trial (a power cut may not).
 * @throws UsageError when the file exists (`overwrite` allows it), or cannot be written there
 * @throws SetupError when the disk is full
 */
export function openWriter(
  path: string,
  options: WriteOptions,
  manifest?: Manifest,
  kinds: readonly SinkKind[] = [],
): FileSink {
  const kind = kinds.find(each => path.toLowerCase().endsWith(each.extension))
  if (kind && manifest) {
    closeSync(openFile(path, options))
    return foreignSink(path, kind, manifest)
  }
  checkName(path)
  const file = new TextFile(path, openFile(path, options))
  const format = formatOf(path)
  try {
    const sink = encodedSink(encodingOf(format, options), file, manifest)
    if (manifest && format === 'csv' && file.seekable) writeBeside(path, manifest, options)
    return { path, ...sink }
  } catch (thrown) {
    file[Symbol.dispose]()
    if (file.seekable) rmSync(path, { force: true })
    throw thrown
  }
}

/** The same formats as a stream of text (standard output): rows as they come, the end of the document at the end. */
export function streamWriter(
  format: Format,
  print: (text: string) => void,
  manifest?: Manifest,
  form?: CsvForm,
): Sink {
  const append = (text: string) => {
    if (text) print(text)
  }
  return encodedSink(encodingOf(format, form), { seekable: false, append, end: append }, manifest)
}

/**
 * A file of any encoding, without what is known of the run beside it; removed if nothing was written to it.
 * @throws UsageError, SetupError as `openWriter`
 */
export function encodedFile(encoding: Encoding, path: string, options: OpenOptions): Sink {
  const file = new TextFile(path, openFile(path, options))
  const sink = encodedSink(encoding, file, undefined)
  return {
    ...sink,
    async [Symbol.asyncDispose]() {
      await sink[Symbol.asyncDispose]()
      if (file.seekable && statSync(path, { throwIfNoEntry: false })?.size === 0) rmSync(path)
    },
  }
}

function encodedSink(encoding: Encoding, output: TextOutput, manifest: Manifest | undefined): Sink {
  const footer = output.seekable ? encoding.footer([]) : ''
  let rows = 0
  let closed = false
  output.append(encoding.header(manifest), footer)
  const end = async (warnings: readonly Warning[] = [], findings?: Findings) => {
    const isFirst = !closed
    closed = true
    if (isFirst) output.end(encoding.footer(warnings, findings))
  }
  return {
    async write(record) {
      const kept = rows === 1 ? 'the row before it is kept' : `the ${rows} rows before it are kept`
      output.append(encoding.row(record, rows), footer, kept)
      rows++
    },
    end,
    [Symbol.asyncDispose]: () => end(),
  }
}

/** The longest that a plug-in's sink may take for a row, or for its end. */
const SINK_MS = 30_000

/** A plug-in's sink: whatever is wrong with it is said to be its own. */
function foreignSink(path: string, kind: SinkKind, manifest: Manifest): FileSink {
  const broken = (what: string, cause?: unknown) =>
    new SetupError(
      `the sink ${kind.extension} of ${kind.plugin === undefined ? 'a plug-in' : `plug-in ${kind.plugin}`} ${what}; mend it, or name a .csv with --out`,
      { cause },
    )
  let isStuck = false
  const call = async (name: string, work: () => Promise<void>) => {
    // One that has not come back takes nothing more; that was said.
    if (isStuck) return
    let timer: NodeJS.Timeout | undefined
    const overdue = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        isStuck = true
        reject(new Error(`it is not done after ${SINK_MS / 1000} s`))
      }, SINK_MS)
    })
    try {
      await Promise.race([work(), overdue])
    } catch (thrown) {
      throw broken(`fails in ${name}: ${errorMessage(thrown)}`, thrown)
    } finally {
      clearTimeout(timer)
    }
  }
  let sink: Sink
  try {
    sink = kind.open(path, manifest)
    if (sink instanceof Promise) {
      sink.catch(() => {})
      throw new Error('it returns a promise, but what opens a sink is synchronous')
    }
    for (const name of ['write', 'end', Symbol.asyncDispose] as const)
      if (typeof sink[name] !== 'function') throw new Error(`what it returns has no ${String(name)}`)
  } catch (thrown) {
    rmSync(path, { force: true })
    throw broken(`fails in open: ${errorMessage(thrown)}`, thrown)
  }
  return {
    path,
    write: record => call('write', () => sink.write(record)),
    end: (warnings, findings) => call('end', () => sink.end(warnings, findings)),
    [Symbol.asyncDispose]: () => call('dispose', async () => sink[Symbol.asyncDispose]()),
  }
}

/** What these names promise is not written: any other that is not of JSON is CSV. */
const OTHER_FORMATS =
  /\.(?:xlsx?|xlsm|ods|numbers|tsv|tab|parquet|feather|arrow|avro|sqlite3?|db|html?|md|xml|ya?ml|pdf|svg|png|gz|bz2|xz|zst|zip)$/i

function checkName(path: string): void {
  if (path === '-')
    throw new UsageError(
      '--out -: standard output has the table; choose what it shows with --format csv, json or jsonl, or write ./- for a file of this name',
    )
  const other = OTHER_FORMATS.exec(path)?.[0]
  if (other !== undefined)
    throw new UsageError(
      `--out ${path}: ${other} is not written; name a file that ends with .csv (which spreadsheets read), .json or .jsonl`,
    )
}

/** @throws UsageError, SetupError */
function writeBeside(path: string, manifest: Manifest, options: OpenOptions): void {
  const beside = manifestPath(path)
  const text = encodeManifest(manifest)
  using file = new TextFile(beside, openBeside(beside, text.slice(0, text.indexOf(',')), options))
  file.append(text)
}
