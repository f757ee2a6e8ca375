/** A run from the command line: writes rows to the file and the stream as they come, shows progress, and ends with notes and an exit code. */

import { counted } from '../../base/units.ts'
import type { TrialRecord } from '../../results/schema/columns.ts'
import type { Findings } from '../../results/schema/findings.ts'
import type { IntervalRecord } from '../../results/schema/intervals.ts'
import type { Manifest } from '../../results/schema/manifest.ts'
import { findingsOf } from '../../results/statistics/findings.ts'
import type { OverTime } from '../../results/statistics/over-time.ts'
import { type CaseSummary, summarize } from '../../results/statistics/summary.ts'
import type { Warning } from '../../results/warnings/warning.ts'
import { findWarnings } from '../../results/warnings/warnings.ts'
import type { Case, Plan } from '../../scenarios/plan.ts'
import { describeDoubts } from '../fleet/facts/machine.ts'
import { type Block, narrowed, trialsOf } from '../measure/blocks.ts'
import { type Look, wideCases } from '../measure/looks.ts'
import { manifestOf } from '../measure/manifest.ts'
import { type Measured, measureRun, type RunOptions } from '../measure/run.ts'
import type { Search } from '../measure/search.ts'
import { moreRounds } from './again.ts'
import type { Context } from './command.ts'
import { describeBlock } from './echo.ts'
import { describeEnd } from './looks.ts'
import { untilMoment } from './moment.ts'
import { PluginFault } from './plugins.ts'
import { liveProgress } from './progress.ts'
import type { RunArguments } from './run-flags.ts'
import { type OutputOptions, SessionOutputs } from './session-outputs.ts'
import { EXIT, type ExitCode, ReaderGone, reportUnwritten } from './terminal.ts'

export interface SessionOptions extends OutputOptions, Pick<RunArguments, 'note' | 'quiet' | 'startAt'> {
  /** All that may be measured; their scenarios name the file. */
  readonly blocks: readonly Block[]
  readonly keepDir: string | undefined
  /** What decides what is measured next, and how often. */
  readonly search?: Search
  /** What its manifest says beyond that. */
  readonly stored?: Pick<Manifest, 'fleet' | 'turn'> | undefined
  /** Measures in another way than block by block, and how many trials that takes. */
  readonly measuring?: {
    readonly trials: number
    readonly rows: (options: RunOptions) => AsyncGenerator<Measured>
  }
}

export class Session implements AsyncDisposable {
  /** All that was measured, in order. */
  readonly measured: Measured[] = []
  /** Agents that ended without a record that says so. */
  readonly lost: string[] = []
  /** How its trials are measured; undefined until it has a file. */
  manifest: Manifest | undefined
  /** The error that ended it early, after something had been measured. */
  trouble: unknown
  readonly #options: SessionOptions
  readonly #context: Context
  readonly #startedAt = new Date()
  /** The last look at each block whose number of rounds was not fixed. */
  readonly #looks: Look[] = []
  readonly #outputs: SessionOutputs

  constructor(options: SessionOptions, context: Context) {
    this.#options = options
    this.#context = context
    this.#outputs = new SessionOutputs(options, context)
  }

  get records(): readonly TrialRecord[] {
    return this.measured.map(({ record }) => record)
  }

  /** Trials that failed, hung or came damaged over a reliable transport. Loss and refusals are results. */
  get failures(): number {
    return trialsIn(this.records.filter(({ outcome }) => outcome === 'failed' || outcome === 'timed-out'))
  }

  /** The file of its rows; undefined until it has one. */
  get path(): string | undefined {
    return this.#outputs.file?.path
  }

  /** What its streams brought over time; undefined without any. */
  get overTime(): OverTime | undefined {
    return this.#outputs.overTime
  }

  /** Prints a note for whoever watches; not with `--quiet`. */
  say(text: string): void {
    if (!this.#options.quiet) this.#context.terminal.err(text)
  }

  /** Opens the file of the rows, before anything is measured. @throws UsageError, SetupError */
  async open(): Promise<void> {
    if (this.#outputs.file) return
    const { blocks, note, search, stored } = this.#options
    const { terminal, catalog } = this.#context
    const works = blocks.flatMap(each => each.works)
    this.manifest = {
      ...stored,
      ...manifestOf(terminal.argv, this.#startedAt, works, catalog.plugins, note, search),
    }
    const plans = blocks.map(({ works: [{ plan }] }) => plan)
    await this.#outputs.open(this.manifest, plans)
  }

  announce(blocks: readonly Block[] = this.#options.blocks): void {
    for (const block of blocks) {
      this.say(`${describeBlock(block, this.#context.catalog)}\n`)
      for (const note of new Set(block.works.flatMap(({ plan }) => plan.notes))) this.say(`${note}\n`)
    }
  }

  /**
   * Measures the blocks as one run; if interrupted or ended by an error, returns what it has.
   * @throws the error, if nothing was measured before it
   */
  async measure(blocks: readonly Block[] = this.#options.blocks): Promise<readonly Measured[]> {
    const { search, measuring, keepDir, quiet, startAt } = this.#options
    const { terminal, catalog, signal } = this.#context
    await this.open()
    if (this.measured.length === 0) await this.#sayDoubts(blocks)
    if (startAt && this.measured.length === 0) await untilMoment(startAt, signal)
    const fresh: Measured[] = []
    let unwritten: { readonly error: unknown } | undefined
    const gone: string[] = []
    const isWatched = terminal.live && !quiet
    const progress = isWatched
      ? liveProgress(terminal.errStream, measuring?.trials ?? trialsOf(blocks), catalog, search)
      : undefined
    // The first run is called after the time that its file is named by.
    const startedAt = this.measured.length === 0 ? this.#startedAt : new Date()
    const options = {
      startedAt,
      ...{ catalog, signal, search, keepDir },
      ...{ began: progress?.began, ended: progress?.ended },
      looked: (look: Look) => {
        progress?.looked(look)
        if (look.over) this.#looks.push(look)
      },
      interval: (row: IntervalRecord) => {
        // It is told in the middle of a trial, which goes on to its end.
        try {
          this.#outputs.writeInterval(row)
        } catch (error) {
          unwritten ??= { error }
        }
        this.overTime?.add(row)
        progress?.interval(row)
      },
      lost: (what: string) => void gone.push(what),
    }
    try {
      for await (const each of measuring?.rows(options) ?? measureRun(blocks, options)) {
        await this.#outputs.write(each.record)
        fresh.push(each)
        this.measured.push(each)
        if (unwritten) throw unwritten.error
      }
    } catch (error) {
      if (!signal.aborted) {
        // Shows what has been measured before reporting the error.
        if (this.measured.length === 0) throw error
        this.trouble = error
      }
    } finally {
      progress?.clear()
      // Printed with --quiet too, since nothing else says it.
      for (const what of gone) terminal.err(`note: ${what}\n`)
      this.lost.push(...gone)
    }
    return fresh
  }

  /** Says once what makes figures doubtful, if this machine has a part in them. */
  async #sayDoubts(blocks: readonly Block[]): Promise<void> {
    const hosts = blocks.flatMap(({ works }) =>
      works.flatMap(({ flows }) => flows.flatMap(each => each.hosts)),
    )
    const doubts = !this.#options.quiet && hosts.some(each => each.isHere) && (await describeDoubts())
    if (doubts) this.say(`${doubts}\n`)
  }

  /** Blocks of only some cases or pairs, to measure again in more rounds. */
  again(wanted: (each: Case, pair: number) => boolean): readonly Block[] {
    const roundsOf = ({ scenario }: Plan) =>
      this.records.reduce((most, each) => (each.scenario === scenario ? Math.max(most, each.round) : most), 1)
    return narrowed(this.#options.blocks, wanted, plan => moreRounds(plan, roundsOf(plan)))
  }

  /** Sums up what was measured, and ends the file and the stream with its warnings. */
  async finish(): Promise<{
    readonly summaries: readonly CaseSummary[]
    readonly warnings: readonly Warning[]
  }> {
    const summaries = summarize(this.records)
    const warnings = findWarnings(summaries)
    await this.close(warnings, this.manifest && findingsOf(this.records, summaries, this.manifest))
    return { summaries, warnings }
  }

  async close(warnings?: readonly Warning[], findings?: Findings): Promise<void> {
    await this.#outputs.end(warnings, findings)
  }

  /** Prints results: on standard output, unless that has the rows. */
  show(text: string): void {
    if (this.#outputs.hasStream) this.say(text)
    else this.#context.terminal.out(text)
  }

  /**
   * Prints the last notes, and returns the exit code.
   * @param proven a difference is proven: exits with 3
   * @param unjudged what an interruption left undone @throws the error that ended it early
   */
  end({ proven = false, unjudged = '' } = {}): ExitCode {
    const { aborted, reason } = this.#context.signal
    if (aborted) {
      const trials = trialsIn(this.records)
      const cause =
        reason instanceof PluginFault ? 'a plug-in fails' : reason instanceof ReaderGone && reason.message
      const why = cause ? `, since ${cause}` : ''
      // With --quiet too, since nothing else says it.
      this.#context.terminal.err(`interrupted after ${counted(trials, 'trial')}${why}${unjudged}\n`)
    }
    for (const each of this.#looks) {
      // What was asked for and not reached is printed with --quiet too.
      if (wideCases(each.until, each.cases).length > 0) this.#context.terminal.err(`${describeEnd(each)}\n`)
      else this.say(`${describeEnd(each)}\n`)
    }
    // Whoever breaks it off is told what is kept, with --quiet too.
    const { file, others } = this.#outputs.places(this.measured.length)
    if (file && aborted) this.#context.terminal.err(file)
    else if (file) this.say(file)
    for (const line of others) this.say(line)
    if (this.trouble !== undefined) throw this.trouble
    const isFailed = this.failures > 0 || this.lost.length > 0
    const code = aborted
      ? EXIT.interrupted
      : proven
        ? EXIT.regression
        : isFailed
          ? EXIT.failed
          : EXIT.measured
    return reportUnwritten(this.#context.terminal, this.#outputs.unwritten, code)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#outputs[Symbol.asyncDispose]()
  }
}

function trialsIn(records: readonly TrialRecord[]): number {
  return new Set(records.map(({ run_id, trial }) => `${run_id} ${trial}`)).size
}
