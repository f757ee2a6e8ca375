/** `bench run`: measures scenarios, writes a row a trial, and shows what came out. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { TrialRecord } from '../../results/columns.ts'
import type { Format } from '../../results/formats.ts'
import { summarize } from '../../results/summary.ts'
import { findWarnings } from '../../results/warnings.ts'
import { type FileWriter, openWriter, type RecordWriter, streamWriter } from '../../results/writers.ts'
import { applyOverrides, type Overrides } from '../../scenarios/blocks.ts'
import { loadScenario } from '../../scenarios/load.ts'
import { DEFAULTS } from '../../scenarios/schema.ts'
import { transports } from '../../transports/registry.ts'
import { chooseEngine } from '../agent/engine.ts'
import { checkPins, type Pins } from '../agent/pinning.ts'
import type { ServerAddress } from '../control/connect.ts'
import { describePlan } from '../echo.ts'
import { errorCode, UsageError } from '../errors.ts'
import { checkedFolder } from '../files.ts'
import type { Plan } from '../plan.ts'
import { liveProgress, noProgress, type Progress } from '../progress.ts'
import { planFor, runPlan } from '../run.ts'
import { newRunId, utcStamp } from '../run-id.ts'
import { EXIT, type ExitCode, type Terminal } from '../terminal.ts'
import { formatCount } from '../units.ts'
import { directionsOf, serverAddress } from './hosts.ts'
import type { HostArguments } from './hosts-flags.ts'
import { TRANSPORT_NAMES } from './options.ts'
import { showResults, showWarnings } from './show.ts'
import { familyOf, resolveTarget, type Target } from './target.ts'

export interface RunArguments {
  /** Names or paths; none: the flags describe the run. */
  readonly scenarios: readonly string[]
  readonly overrides: Overrides
  /** `auto`, or the name of an engine. */
  readonly engine: string
  /** The CPUs of the two agents. */
  readonly pins?: Pins | undefined
  /** A receiver that is not ours. */
  readonly target?: Target | undefined
  /** Another host that has an end of the run. */
  readonly hosts?: HostArguments | undefined
  readonly keep?: string | undefined
  readonly out?: string | undefined
  readonly force: boolean
  readonly format: 'table' | Format
  readonly quiet: boolean
  readonly chart: boolean
}

export async function run(terminal: Terminal, args: RunArguments, signal: AbortSignal): Promise<ExitCode> {
  checkTarget(args)
  checkHosts(args)
  const { engine, warning } = await chooseEngine(args.engine)
  if (args.pins) await checkPins(args.pins)
  const server = args.hosts && (await serverAddress(args.hosts.host, args.hosts, args.overrides.ipFamily))
  const plans = await planAll(args, engine, server)
  const target = args.target === undefined ? undefined : await targetOf(args.target, plans)
  const keepDir = args.keep === undefined ? undefined : await checkedFolder(args.keep, 'keep')
  await using directions =
    args.hosts && server
      ? await directionsOf(args.hosts, server, { asked: args.engine, here: engine }, plans, signal)
      : undefined
  const startedAt = new Date()
  using file =
    args.out === undefined ? openDefault(plans, startedAt) : openWriter(args.out, { overwrite: args.force })
  const said = args.quiet ? () => {} : (text: string) => terminal.err(text)
  if (warning !== undefined) said(`${warning}; measuring with the ${engine} engine\n`)
  for (const plan of plans) {
    said(`${describePlan(plan)}\n`)
    for (const note of plan.notes) said(`${note}\n`)
  }

  using stream = args.format === 'table' ? undefined : streamWriter(args.format, text => terminal.out(text))
  const progress = progressOf(terminal, args, plans)
  const records: TrialRecord[] = []
  const runId = newRunId(startedAt)
  const measuring = {
    signal,
    runId,
    target,
    directions: directions?.all,
    keepDir,
    pins: args.pins,
    began: progress.began,
  }
  let trouble: unknown
  try {
    for (const plan of plans)
      await measure(plan, measuring, [file, ...(stream ? [stream] : [])], records, progress)
  } catch (error) {
    // What has been measured is shown before it is told what ended it.
    if (records.length === 0) throw error
    trouble = error
  } finally {
    progress.clear()
  }

  const summaries = summarize(records)
  const warnings = findWarnings(summaries)
  file.close(warnings)
  stream?.close(warnings)
  if (stream) showWarnings(said, terminal, warnings)
  else showResults(terminal, summaries, warnings, args)
  if (signal.aborted) said(`interrupted after ${counted(records.length, 'trial')}\n`)
  said(`${counted(records.length, 'row')} in ${file.path}\n`)
  if (trouble !== undefined) throw trouble
  return exitCode(records, signal)
}

/** Only a receiver of ours saves and drains. */
function checkTarget({ target, keep, overrides }: RunArguments): void {
  if (target === undefined) return
  const idle = keep === undefined ? (overrides.drainMs === undefined ? undefined : 'drain') : 'keep'
  if (idle)
    throw new UsageError(`--${idle} wants a receiver of ours, and --target has one of others; leave one out`)
}

/** What needs both agents, or a receiver, on this host. */
function checkHosts({ hosts, target, pins, keep }: RunArguments): void {
  if (!hosts) return
  if (target !== undefined)
    throw new UsageError('--target does not go with other hosts of ours; leave one out')
  if (pins) throw new UsageError('--pin is for two agents of this host; leave it out')
  if (keep !== undefined && hosts.mode !== 'reverse')
    throw new UsageError('--keep saves what arrives on this host; with --host that is --reverse')
}

async function measure(
  plan: Plan,
  options: Parameters<typeof runPlan>[1],
  writers: readonly RecordWriter[],
  records: TrialRecord[],
  progress: Progress,
): Promise<void> {
  try {
    const firstTrial = records.length + 1
    for await (const record of runPlan(plan, { ...options, firstTrial, ended: progress.ended })) {
      for (const writer of writers) writer.write(record)
      records.push(record)
    }
  } catch (error) {
    // An interrupted run shows what it has measured.
    if (!options.signal.aborted) throw error
  }
}

/** Loss and refusals are results; what failed, hung or came damaged over a reliable transport is not. */
function exitCode(records: readonly TrialRecord[], signal: AbortSignal): ExitCode {
  if (signal.aborted) return EXIT.interrupted
  const bad = records.some(({ outcome }) => outcome === 'failed' || outcome === 'timed-out')
  return bad ? EXIT.failed : EXIT.measured
}

async function planAll(
  { scenarios, target, ...args }: RunArguments,
  engine: string,
  server: ServerAddress | undefined,
): Promise<Plan[]> {
  const asked = args.overrides.ipFamily
  const ipFamily = server?.family ?? (target === undefined ? asked : familyOf(target.host, asked))
  const overrides = { ...args.overrides, ipFamily }
  const wanted =
    scenarios.length === 0
      ? [{ name: 'custom', variants: [] }]
      : scenarios.map(name => loadScenario(name, TRANSPORT_NAMES))
  return Promise.all(wanted.map(each => planFor(applyOverrides(each, overrides), engine)))
}

async function targetOf(target: Target, plans: readonly Plan[]) {
  const cases = plans.flatMap(plan => plan.cases)
  const families = new Set(cases.map(each => each.ipFamily))
  const kinds = new Set(cases.map(each => each.transport))
  if (kinds.size > 1) {
    throw new UsageError(
      `--target takes one transport, since a port speaks one wire format; choose with --transport (now ${[...kinds].join(', ')})`,
    )
  }
  const [family = DEFAULTS.ipFamily] = families
  const [kind = ''] = kinds
  const transport = transports.get(kind)
  if (!transport) throw new Error(`no transport ${kind}`)
  return resolveTarget(target, transport.port, family)
}

/** `bench-results/<UTC time>-<scenario>.csv`; of runs that begin in the same second, the later ones get -2, -3 … */
function openDefault(plans: readonly Plan[], startedAt: Date): FileWriter {
  const names = [...new Set(plans.map(plan => plan.scenario))].join('+')
  const base = join('bench-results', `${utcStamp(startedAt)}-${names}`)
  for (let copy = 1; ; copy++) {
    const path = `${base}${copy === 1 ? '' : `-${copy}`}.csv`
    try {
      return openWriter(path, { overwrite: false, makeFolder: true })
    } catch (error) {
      const taken = error instanceof Error && errorCode(error.cause) === 'EEXIST' && existsSync(path)
      if (!taken) throw error
    }
  }
}

function counted(count: number, word: string): string {
  return `${formatCount(count)} ${word}${count === 1 ? '' : 's'}`
}

function progressOf(terminal: Terminal, args: RunArguments, plans: readonly Plan[]): Progress {
  if (args.quiet || !terminal.live) return noProgress
  const trials = plans.reduce((sum, { cases, repeat, warmup }) => sum + cases.length * (repeat + warmup), 0)
  return liveProgress(terminal.errStream, trials)
}
