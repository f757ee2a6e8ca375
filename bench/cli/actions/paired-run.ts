/** A run of two sides under way: its rows go to the file and the screen as they come, its progress is shown in pairs. */

import { counted, formatCount } from '../../../base/units.ts'
import { METRICS, type Metric } from '../../../results/compare/metrics.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import { summarize } from '../../../results/statistics/summary.ts'
import { type FileSink, type Sink, streamWriter } from '../../../results/store/writers.ts'
import type { Warning } from '../../../results/warnings/warning.ts'
import { findWarnings } from '../../../results/warnings/warnings.ts'
import type { Plan } from '../../../scenarios/plan.ts'
import type { Extended } from '../../fleet/plugins.ts'
import { manifestOf } from '../../measure/manifest.ts'
import { Numbers } from '../../measure/measuring.ts'
import { newRunId } from '../../measure/run-id.ts'
import { roundsInAll } from '../../measure/schedule.ts'
import { measurePairs, type PairedRecord } from '../../pairs/pairs.ts'
import { SIDES } from '../../pairs/side-names.ts'
import { interruptedAfter } from '../called-off.ts'
import { moreRounds } from '../check/measurer.ts'
import { describePlan } from '../echo.ts'
import { exitCodeOf, openOutput, tellLost } from '../output.ts'
import { liveProgress, noProgress, type Progress } from '../progress.ts'
import type { RunArguments } from '../run-flags.ts'
import { EXIT, type ExitCode, type Terminal } from '../terminal.ts'
import type { PreparedSides, SidesArguments } from './sides.ts'

/** What of the arguments is for both sides. */
type Common = Pick<RunArguments, 'out' | 'force' | 'format' | 'quiet' | 'chart'>

export interface PairedArguments {
  readonly sides: SidesArguments
  readonly common: Common
  /** Undefined: goodput, or what there is. */
  readonly metric: Metric | undefined
  /** The least effect that counts, as a share. */
  readonly delta: number | undefined
}

export class PairedRun implements AsyncDisposable {
  /** All that was measured, in the order in which it was. */
  readonly records: PairedRecord[] = []
  readonly #lost: string[] = []
  /** What ended it before its time, once something has been measured. */
  trouble: unknown
  readonly #terminal: Terminal
  readonly #common: Common
  readonly #sides: PreparedSides
  readonly #catalog: Extended
  readonly #file: FileSink
  readonly #stream: Sink | undefined

  /** @param command for the name of the file @throws UsageError, SetupError */
  constructor(terminal: Terminal, common: Common, sides: PreparedSides, catalog: Extended, command: string) {
    this.#terminal = terminal
    this.#common = common
    this.#sides = sides
    this.#catalog = catalog
    const works = SIDES.flatMap(side => {
      const { plans, flows } = sides[side]
      return plans.map(plan => ({ plan, side, flows }))
    })
    const manifest = manifestOf(terminal.argv, new Date(), works)
    this.#file = openOutput(common, manifest, sides.a.plans, catalog.sinks, `-${command}`)
    this.#stream =
      common.format === 'table'
        ? undefined
        : streamWriter(common.format, text => terminal.out(text), manifest)
  }

  /** To whoever watches; not with `--quiet`. */
  say(text: string): void {
    if (!this.#common.quiet) this.#terminal.err(text)
  }

  /** What will be measured. @param heading in what the sides differ */
  announce(heading: string): void {
    for (const side of SIDES) {
      const { warning, plans } = this.#sides[side]
      if (warning !== undefined && (side === 'a' || warning !== this.#sides.a.warning))
        this.say(`${warning}; measuring with the ${plans[0]?.engine} engine\n`)
    }
    this.say(`${heading}\n`)
    for (const [index, plan] of this.#sides.a.plans.entries()) {
      this.say(`${describePairs(this.#catalog, plan, this.#sides.b.plans[index])}\n`)
      const notes = SIDES.flatMap(side => this.#sides[side].plans[index]?.notes ?? [])
      for (const note of new Set(notes)) this.say(`${note}\n`)
    }
  }

  /**
   * Measures all pairs, or a second time only some with more rounds, as a run of its own; gives what it has when it was interrupted or
   * something ended it.
   * @param only numbers of pairs, as they stand in the records
   * @throws whatever ended it before anything was measured
   */
  async measure(signal: AbortSignal, only?: ReadonlySet<number>): Promise<readonly PairedRecord[]> {
    const runId = newRunId(new Date())
    const numbers = new Numbers()
    const fresh: PairedRecord[] = []
    const gone: string[] = []
    const lost = (what: string) => void gone.push(what)
    const progress = this.#progress(only)
    try {
      for (const [index, plan] of this.#sides.a.plans.entries()) {
        const first = this.#firstPair(index)
        const some = only && new Set([...only].map(pair => pair - first))
        if (some && !plan.cases.some((_, pair) => some.has(pair))) continue
        await this.#measurePlan(
          index,
          { signal, runId, numbers, lost, ...(some ? { only: some } : {}) },
          progress,
          fresh,
        )
      }
    } catch (error) {
      if (!signal.aborted) {
        if (this.records.length === 0) throw error
        this.trouble = error
      }
    } finally {
      progress.clear()
      tellLost(this.#terminal, gone)
      this.#lost.push(...gone)
    }
    return fresh
  }

  /** Ends the file, with what the rows themselves warn of. */
  async close(): Promise<readonly Warning[]> {
    const warnings = findWarnings(summarize(this.records.map(({ record }) => record)))
    await this.#file.end(warnings)
    await this.#stream?.end(warnings)
    return warnings
  }

  /** Results: on standard output, unless the rows are there. */
  show(text: string): void {
    if (this.#stream) this.say(text)
    else this.#terminal.out(text)
  }

  /**
   * The last words: what was measured, and where it is.
   * @param proven a difference that ends it with 3
   * @param unjudged what an interruption left undone @throws what ended it before its time
   */
  end(signal: AbortSignal, proven: boolean, unjudged = ''): ExitCode {
    // Nothing else says it, so it is said to whoever asked for quiet too.
    if (signal.aborted) this.#terminal.err(`${interruptedAfter(this.records.length, signal)}${unjudged}\n`)
    this.say(`${counted(this.records.length, 'row')} in ${this.#file.path}\n`)
    if (this.trouble !== undefined) throw this.trouble
    const code = exitCodeOf(
      this.records.map(({ record }) => record),
      this.#lost,
      signal,
    )
    return proven && !signal.aborted ? EXIT.regression : code
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file[Symbol.asyncDispose]()
    await this.#stream?.[Symbol.asyncDispose]()
  }

  async #measurePlan(
    index: number,
    options: Pick<Parameters<typeof measurePairs>[1], 'signal' | 'runId' | 'numbers' | 'only' | 'lost'>,
    progress: Progress,
    fresh: PairedRecord[],
  ): Promise<void> {
    const { a, b } = this.#sides
    const [planA, planB] = [a.plans[index], b.plans[index]]
    if (!planA || !planB) throw new Error('both sides have the same scenarios')
    const { keepDir } = a
    const rounds = options.only ? moreRounds(planA) : {}
    const pairs = measurePairs(
      { a: { ...a, plan: { ...planA, ...rounds } }, b: { ...b, plan: { ...planB, ...rounds } } },
      {
        ...options,
        catalog: this.#catalog,
        keepDir,
        began: progress.began,
        ended: progress.ended,
      },
    )
    for await (const { record, pair } of pairs) {
      await this.#write(record)
      const numbered = { record, pair: this.#firstPair(index) + pair }
      fresh.push(numbered)
      this.records.push(numbered)
    }
  }

  async #write(record: TrialRecord): Promise<void> {
    await this.#file.write(record)
    await this.#stream?.write(record)
  }

  /** Pairs are numbered through all plans. */
  #firstPair(plan: number): number {
    return this.#sides.a.plans.slice(0, plan).reduce((sum, { cases }) => sum + cases.length, 0)
  }

  #progress(only: ReadonlySet<number> | undefined): Progress {
    if (this.#common.quiet || !this.#terminal.live) return noProgress
    const trials = this.#sides.a.plans.reduce((sum, plan, index) => {
      const first = this.#firstPair(index)
      const pairs = plan.cases.filter((_, pair) => !only || only.has(first + pair)).length
      return sum + 2 * pairs * roundsInAll({ ...plan, ...(only ? moreRounds(plan) : {}) })
    }, 0)
    return liveProgress(this.#terminal.errStream, trials, this.#catalog)
  }
}

/** Without those of how sure figures are: a comparison has its own. */
export function warningsOfRows(warnings: readonly Warning[]): readonly Warning[] {
  return warnings.filter(({ code }) => !OF_COMPARISONS.includes(code))
}

const OF_COMPARISONS: readonly Warning['code'][] = ['few-rounds', 'wide-interval', 'drift', 'clock-error']

/** The metric that was asked for, or goodput; where nobody knows that (`--target`), the total time. */
export function metricOf({ metric }: PairedArguments, sides: PreparedSides): Metric {
  const name = SIDES.some(side => sides[side].flows.some(({ to }) => 'target' in to)) ? 'total' : 'goodput'
  const found = metric ?? METRICS.find(each => each.name === name)
  if (!found) throw new Error(`no metric ${name}`)
  return found
}

/** The plan in a line; of two that read differently both. */
function describePairs(catalog: Extended, a: Plan, b: Plan | undefined): string {
  const [ofA, ofB] = [describePlan(a, catalog), b && describePlan(b, catalog)]
  if (ofB === undefined || ofA === ofB) return `${ofA}, ${formatCount(a.cases.length)} ${pairs(a)} a round`
  return `A ${ofA}\nB ${ofB}`
}

function pairs({ cases }: Plan): string {
  return cases.length === 1 ? 'pair' : 'pairs'
}
