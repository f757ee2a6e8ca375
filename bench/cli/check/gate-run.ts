/** The trials of a gate, in as many runs as it takes: announced, watched, and kept in one file. */

import { counted } from '../../../base/units.ts'
import type { Note } from '../../../results/gate/check.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import type { Manifest } from '../../../results/schema/manifest.ts'
import { summarize } from '../../../results/statistics/summary.ts'
import type { FileSink } from '../../../results/store/writers.ts'
import type { Warning } from '../../../results/warnings/warning.ts'
import { findWarnings } from '../../../results/warnings/warnings.ts'
import type { Extended } from '../../fleet/plugins.ts'
import { manifestOf } from '../../measure/manifest.ts'
import { interruptedAfter } from '../called-off.ts'
import { describePlan } from '../echo.ts'
import { openOutput, tellLost } from '../output.ts'
import { liveProgress, noProgress } from '../progress.ts'
import type { RunArguments } from '../run-flags.ts'
import { EXIT, type ExitCode, type Terminal } from '../terminal.ts'
import { measure, type Prepared, trialsOf } from './measurer.ts'

/** Why a case delivers nothing; what the other warnings say is judged by checks. */
const NOTHING_DELIVERED: readonly Warning['code'][] = [
  'refused-header',
  'refused',
  'protocol-part-lost',
  'nothing-arrives',
]

export class GateRun implements AsyncDisposable {
  readonly #terminal: Terminal
  readonly #run: Pick<RunArguments, 'quiet' | 'out' | 'force' | 'commit'>
  readonly #prepared: readonly Prepared[]
  readonly #catalog: Extended
  readonly #signal: AbortSignal
  #file: FileSink | undefined
  /** How its trials are measured, once it has a file. */
  manifest: Manifest | undefined
  readonly #records: TrialRecord[] = []
  /** Trials that failed or timed out. */
  failures = 0
  /** An agent ended of which no row speaks. */
  lost = false

  /** @param prepared all that may be measured: the name of the file tells their scenarios */
  constructor(
    terminal: Terminal,
    run: RunArguments,
    prepared: readonly Prepared[],
    catalog: Extended,
    signal: AbortSignal,
  ) {
    this.#terminal = terminal
    this.#run = run
    this.#prepared = prepared
    this.#catalog = catalog
    this.#signal = signal
  }

  say(text: string): void {
    if (!this.#run.quiet) this.#terminal.err(text)
  }

  /** Opens the file of the rows, before anything is measured. @throws UsageError, SetupError */
  open(): FileSink {
    this.manifest ??= manifestOf(this.#terminal.argv, new Date(), this.#prepared)
    this.#file ??= openOutput(
      this.#run,
      this.manifest,
      this.#prepared.map(({ plan }) => plan),
      this.#catalog.sinks,
      '-check',
    )
    return this.#file
  }

  async measure(prepared: readonly Prepared[]): Promise<readonly TrialRecord[]> {
    const file = this.open()
    for (const { plan } of prepared) {
      this.say(`${describePlan(plan, this.#catalog)}\n`)
      for (const note of plan.notes) this.say(`${note}\n`)
    }
    const watched = this.#terminal.live && !this.#run.quiet
    const progress = watched
      ? liveProgress(this.#terminal.errStream, trialsOf(prepared), this.#catalog)
      : noProgress
    const keep = async (record: TrialRecord) => {
      await file.write(record)
      this.#records.push(record)
      if (record.outcome === 'failed' || record.outcome === 'timed-out') this.failures++
    }
    const gone: string[] = []
    const lost = (what: string) => void gone.push(what)
    const records = await measure(
      prepared,
      progress,
      { keep, lost },
      this.#catalog,
      this.#signal,
      this.#run.commit,
    )
    tellLost(this.#terminal, gone)
    this.lost ||= gone.length > 0
    return records
  }

  /** Nothing is judged by half of the trials. */
  async interrupted(): Promise<ExitCode> {
    this.tellInterrupted('nothing was judged')
    await this.close()
    return EXIT.interrupted
  }

  /** Nothing else says it, so it is said to whoever asked for quiet too. */
  tellInterrupted(what: string): void {
    this.#terminal.err(`${interruptedAfter(this.#records.length, this.#signal)}; ${what}\n`)
  }

  /** What is to be said of the trials themselves. */
  get notes(): readonly Note[] {
    const dead = findWarnings(summarize(this.#records)).filter(({ code }) => NOTHING_DELIVERED.includes(code))
    return [
      ...(this.failures === 0
        ? []
        : [
            {
              message: `${counted(this.failures, 'trial')} failed or timed out; ${this.#file?.path} tells why`,
            },
          ]),
      ...dead.map(({ message, remedy }) => ({ message, remedy })),
    ]
  }

  async close(): Promise<void> {
    if (!this.#file) return
    await this.#file.end()
    this.say(`${counted(this.#records.length, 'row')} in ${this.#file.path}\n`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file?.[Symbol.asyncDispose]()
  }
}
