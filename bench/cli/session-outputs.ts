/** Where the rows of a session go: its file, standard output, and whatever has them beside these. */
import { SetupError } from '../../base/errors.ts'
import { counted } from '../../base/units.ts'
import { checkPlaces, openMetrics } from '../../results/metrics/metrics.ts'
import type { TrialRecord } from '../../results/schema/columns.ts'
import type { Findings } from '../../results/schema/findings.ts'
import type { IntervalRecord } from '../../results/schema/intervals.ts'
import type { Manifest } from '../../results/schema/manifest.ts'
import { OverTime } from '../../results/statistics/over-time.ts'
import { type IntervalsFile, openIntervals } from '../../results/store/intervals.ts'
import { type FileSink, type Sink, streamWriter } from '../../results/store/writers.ts'
import type { Warning } from '../../results/warnings/warning.ts'
import { isStream, type Plan } from '../../scenarios/plan.ts'
import { BENCH_VERSION } from '../fleet/facts/environment.ts'
import type { Context } from './command.ts'
import { openOutput } from './output.ts'
import type { RunArguments } from './run-flags.ts'

type FromArguments = 'out' | 'metrics' | 'dialect' | 'columns' | 'force' | 'format'

export interface OutputOptions extends Pick<RunArguments, FromArguments> {
  /** Suffix of the file's name. */
  readonly suffix: string
  /** Where the rows go beside the file, and its name. */
  readonly also?: { readonly name: string; readonly open: (manifest: Manifest) => Promise<Sink> } | undefined
}

export class SessionOutputs implements AsyncDisposable {
  /** What streams brought over time; undefined without any. */
  overTime: OverTime | undefined
  /** What could not be written: rows and results are kept and shown all the same. */
  readonly unwritten: Error[] = []
  readonly #options: OutputOptions
  readonly #context: Context
  #file: FileSink | undefined
  #intervals: IntervalsFile | undefined
  #stream: Sink | undefined
  /** Those that still take something, and what they have. */
  #others: readonly { readonly what: string; readonly sink: Sink }[] = []
  #written: readonly string[] = []
  /** A second signal ends the process at once, and JSON without its end cannot be read. */
  readonly #atExit = () => void this.#stream?.end()

  constructor(options: OutputOptions, context: Context) {
    this.#options = options
    this.#context = context
  }

  /** The file of the rows; undefined until it is open. */
  get file(): FileSink | undefined {
    return this.#file
  }

  /** Standard output has the rows. */
  get hasStream(): boolean {
    return this.#stream !== undefined
  }

  /** @throws UsageError, SetupError */
  async open(manifest: Manifest, plans: readonly Plan[]): Promise<void> {
    const { out, format, suffix, metrics, also, force, dialect, columns } = this.#options
    const { terminal, catalog } = this.#context
    checkPlaces(metrics, out)
    for (const each of metrics) {
      const sink = await openMetrics(each, { overwrite: force }, BENCH_VERSION)
      this.#others = [...this.#others, { what: `metrics in ${each.kind}:${each.place}`, sink }]
    }
    const file = openOutput(this.#options, manifest, plans, catalog.sinks, suffix)
    if (plans.some(({ cases }) => cases.some(isStream))) {
      this.#intervals = openIntervals(file, { overwrite: force, dialect })
      this.overTime = new OverTime()
    }
    this.#file = file
    if (format !== 'table')
      this.#stream = streamWriter(format, text => terminal.data(text), manifest, { dialect, columns })
    process.once('exit', this.#atExit)
    // Last: where rows are kept for days, a run that never began would stay.
    if (also)
      try {
        this.#others = [...this.#others, { what: `rows in ${also.name}`, sink: await also.open(manifest) }]
      } catch (error) {
        // The file has all rows, and what is measured is worth more than a second copy.
        if (!(error instanceof SetupError)) throw error
        this.unwritten.push(error)
      }
  }

  async write(record: TrialRecord): Promise<void> {
    await this.#file?.write(record)
    await this.#stream?.write(record)
    await this.#tell(sink => sink.write(record))
  }

  writeInterval(row: IntervalRecord): void {
    this.#intervals?.write(row)
  }

  async end(warnings?: readonly Warning[], findings?: Findings): Promise<void> {
    await this.#file?.end(warnings, findings)
    await this.#stream?.end(warnings, findings)
    await this.#tell(sink => sink.end())
    this.#written = this.#others.map(({ what }) => what)
  }

  /** Lines that say what is where. */
  places(rows: number): { readonly file: string | undefined; readonly others: readonly string[] } {
    const intervals = this.#intervals && `intervals in ${this.#intervals.path}\n`
    return {
      file: this.#file && `${counted(rows, 'row')} in ${this.#file.path}\n`,
      others: [...this.#written.map(what => `${what}\n`), ...(intervals === undefined ? [] : [intervals])],
    }
  }

  /** One that fails takes nothing more, and costs neither trials nor rows. */
  async #tell(how: (sink: Sink) => Promise<void>): Promise<void> {
    for (const each of this.#others) {
      try {
        await how(each.sink)
      } catch (error) {
        if (!(error instanceof SetupError)) throw error
        this.unwritten.push(error)
        this.#others = this.#others.filter(other => other !== each)
        await each.sink[Symbol.asyncDispose]()
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.off('exit', this.#atExit)
    this.#intervals?.[Symbol.dispose]()
    await this.#file?.[Symbol.asyncDispose]()
    await this.#stream?.[Symbol.asyncDispose]()
    for (const { sink } of this.#others) await sink[Symbol.asyncDispose]()
  }
}
