/**
 * The rows of fleet runs in a JetStream stream, each a message with an id: a repeat within the stream's window is dropped by the server,
 * and any other by `readRun`. The messages of a run are the lines of a JSON Lines file: its manifest, and then its rows.
 */
import { createHash } from 'node:crypto'
import { JetStreamApiError, type JsMsg, jetstream, jetstreamManager, StorageType } from '@nats-io/jetstream'
import { errors } from '@nats-io/transport-node'
import { monotonic } from '../../../base/clock.ts'
import { SetupError, UsageError } from '../../../base/errors.ts'
import { largestOf } from '../../../base/groups.ts'
import { formatDuration } from '../../../base/units.ts'
import { Bell, onAbort } from '../../../base/waiting.ts'
import { readRecords } from '../../../results/read/read.ts'
import { cellKey, cellOf } from '../../../results/schema/cells.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import type { Manifest } from '../../../results/schema/manifest.ts'
import { jsonl } from '../../../results/store/json.ts'
import type { Sink } from '../../../results/store/writers.ts'
import { type Bus, busProblem } from './connection.ts'
import { patiently } from './held-key.ts'
import { ROWS_KEPT } from './load.ts'

export const ROWS_STREAM = 'bench-rows'
/** Longer than a broker may be away. */
const REPEATS_MS = 600_000
const NS_PER_MS = 1_000_000
/** How long a row is offered to a broker that does not answer, how long one answer may take, and how often to try. */
const AWAY_MS = 60_000
const ANSWER_MS = 2000
const RETRY_MS = 250

const STREAM = {
  ...{ name: ROWS_STREAM, subjects: ['bench.rows.*'], storage: StorageType.File },
  // One that was made by hand has limits of its own.
  ...{ max_age: ROWS_KEPT.ageMs * NS_PER_MS, max_bytes: ROWS_KEPT.bytes },
  duplicate_window: REPEATS_MS * NS_PER_MS,
}

/** JetStream's codes: there is no such stream. */
const NO_STREAM = 10_059
/** No resources, no storage for a new stream, its own limit. */
const FULL = [10_023, 10_047, 10_077]

/** What the stream has of a run. */
export interface StoredRun {
  /** Undefined where the server has dropped it, which is the first to go. */
  readonly manifest: Manifest | undefined
  /** Of whole trials, each once. */
  readonly records: readonly TrialRecord[]
  /** Of all its messages. */
  readonly ids: ReadonlySet<string>
  /** Place of the manifest in the stream. */
  readonly first: number | undefined
  /** The highest number of a trial of which it has a row. */
  readonly lastTrial: number
  /** What cannot be used of it, in words. */
  readonly problems: readonly string[]
}

export interface RowsOptions {
  readonly runId: string
  readonly manifest: Manifest
  /** What the stream has of it already; absent for nothing. */
  readonly stored?: StoredRun | undefined
  readonly signal: AbortSignal
  /** How long the broker may be away; a minute if absent. */
  readonly awayMs?: number
}

/** Makes the stream unless there is one, and publishes the manifest. @throws SetupError when the broker takes neither */
export async function openRows(
  bus: Bus,
  { runId, manifest, stored, signal, awayMs = AWAY_MS }: RowsOptions,
): Promise<Sink> {
  const manager = await jetstreamManager(bus.nats, { checkAPI: false })
  const made = () =>
    manager.streams
      .info(ROWS_STREAM)
      .catch(error => (isMissing(error) ? manager.streams.add(STREAM) : Promise.reject(error)))
  await patiently(made).catch(error => refuse(bus, error))
  const client = jetstream(bus.nats)
  const publish = async (id: string, line: string) => {
    if (stored?.ids.has(id)) return undefined
    const until = monotonic() + awayMs
    for (;;) {
      try {
        return await client.publish(subjectOf(runId), line.trimEnd(), {
          ...{ msgID: id, timeout: Math.min(ANSWER_MS, awayMs) },
          expect: { streamName: ROWS_STREAM },
        })
      } catch (error) {
        if (isFinal(error) || bus.nats.isClosed() || signal.aborted) refuse(bus, error, KEPT_ROWS)
        if (monotonic() > until)
          throw new SetupError(
            `${nameOf(bus)}: no row taken for ${formatDuration(awayMs)}: ${busProblem(error)}; see whether the server runs${KEPT_ROWS}`,
            { cause: error },
          )
        await new Bell().wait(RETRY_MS, signal)
      }
    }
  }
  const first = (await publish(manifestId(runId), jsonl.header(manifest)))?.seq ?? stored?.first
  return {
    async write(record) {
      await publish(idOf(record), jsonl.row(record, 0))
    },
    async end() {
      if (first === undefined) return
      const found = patiently(() => manager.streams.getMessage(ROWS_STREAM, { seq: first }))
      if (await found.catch(error => refuse(bus, error, KEPT_ROWS))) return
      throw new SetupError(
        `${nameOf(bus)}: it was full, and dropped the first rows of this run; make it larger (max_bytes)${KEPT_ROWS}`,
      )
    },
    async [Symbol.asyncDispose]() {},
  }
}

/** What the stream has of a run, which may be nothing. @throws SetupError */
export async function readRun(bus: Bus, runId: string, signal: AbortSignal): Promise<StoredRun> {
  const ids = new Set<string>()
  let first: number | undefined
  let failure: unknown
  const input = async function* () {
    try {
      for await (const message of messagesOf(bus, runId, signal)) {
        const id = message.headers?.get('Nats-Msg-Id') ?? ''
        if (id !== '' && ids.has(id)) continue
        ids.add(id)
        if (id === manifestId(runId)) first = message.seq
        yield Buffer.concat([message.data, LINE_END])
      }
    } catch (error) {
      failure = error
      throw error
    }
  }
  const read = readRecords(['-'], { input: input(), signal, most: Number.POSITIVE_INFINITY })
  const { records, manifests, problems } = await read.catch(error => {
    if (failure !== undefined) refuse(bus, failure)
    if (!(error instanceof UsageError)) throw error
    // Nothing of it can be used, or its coordinator was killed before its first row.
    return { records: [], manifests: [], problems: [] }
  })
  return {
    ...{ manifest: manifests[0]?.[0], records: firstTrials(records), ids, first },
    lastTrial: largestOf([...ids], trialOf) ?? 0,
    problems: problems.map(({ message }) => message.replace(/^standard input/, `run ${runId}`)),
  }
}

/** The runs that the stream has, and how many messages of each. @throws SetupError */
export async function storedRuns(bus: Bus): Promise<ReadonlyMap<string, number>> {
  const manager = await jetstreamManager(bus.nats, { checkAPI: false })
  try {
    const asked = { subjects_filter: subjectOf('*') }
    const { state } = await patiently(() => manager.streams.info(ROWS_STREAM, asked))
    const runs = Object.entries(state.subjects ?? {})
    return new Map(runs.map(([subject, count]) => [subject.slice(subjectOf('').length), count]))
  } catch (error) {
    if (isMissing(error)) return new Map()
    return refuse(bus, error)
  }
}

/** Each message of a run that there is now. */
async function* messagesOf(bus: Bus, runId: string, signal: AbortSignal): AsyncGenerator<JsMsg> {
  const client = jetstream(bus.nats)
  const chosen = { filter_subjects: subjectOf(runId) }
  const consumer = await patiently(() => client.consumers.get(ROWS_STREAM, chosen)).catch(error => {
    if (isMissing(error)) return undefined
    throw error
  })
  if (!consumer) return
  const manager = await jetstreamManager(bus.nats, { checkAPI: false })
  // What servers of 2.9 say is left may be wrong where old messages are dropped meanwhile.
  const last = await patiently(() =>
    manager.streams.getMessage(ROWS_STREAM, { last_by_subj: subjectOf(runId) }),
  )
  if (!last) return
  const messages = await consumer.consume({ max_messages: READ_AHEAD })
  using _ = onAbort(signal, () => void messages.close())
  let isSilent = false
  const silence = setTimeout(() => {
    isSilent = true
    void messages.close()
  }, AWAY_MS)
  try {
    for await (const message of messages) {
      silence.refresh()
      yield message
      if (message.seq >= last.seq) return
    }
  } finally {
    clearTimeout(silence)
    await messages.close()
  }
  signal.throwIfAborted()
  if (isSilent) throw new SetupError(`${nameOf(bus)}: no answer for ${formatDuration(AWAY_MS)}`)
}

const READ_AHEAD = 500
const LINE_END = Buffer.from('\n')

/** All rows of a run, each once, where a file has some of them and the stream others. */
export function together(
  ofFile: readonly TrialRecord[],
  ofStream: readonly TrialRecord[],
): readonly TrialRecord[] {
  const ids = new Set(ofFile.map(idOf))
  return firstTrials([...ofFile, ...ofStream.filter(each => !ids.has(idOf(each)))])
}

/** Two that resumed a run at the same time measured the same twice: the trial that came first counts. */
function firstTrials(records: readonly TrialRecord[]): readonly TrialRecord[] {
  const trials = new Map<string, number>()
  return records.filter(record => {
    const key = JSON.stringify([record.round, record.scenario, cellKey(cellOf(record))])
    const first = trials.get(key) ?? record.trial
    trials.set(key, first)
    return record.trial === first
  })
}

function subjectOf(run: string): string {
  return `bench.rows.${run}`
}

function manifestId(run: string): string {
  return `${run}/run`
}

/** What tells its row from any other, also when results are read: run, trial, round, cell and flow. */
function idOf(record: TrialRecord): string {
  const { run_id, trial, round, scenario, flow = 1 } = record
  const cell = createHash('sha256').update(JSON.stringify([scenario, cellKey(cellOf(record))]))
  return [run_id, trial, round, flow, cell.digest('base64url').slice(0, 22)].join('/')
}

function trialOf(id: string): number {
  return Number(/^[^/]+\/(\d{1,9})\//.exec(id)?.[1] ?? 0)
}

function isMissing(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.code === NO_STREAM
}

/** Asking again changes nothing. */
function isFinal(error: unknown): boolean {
  return [JetStreamApiError, errors.InvalidArgumentError, errors.PermissionViolationError].some(
    each => error instanceof each,
  )
}

/** @param more to say @throws SetupError, always */
function refuse(bus: Bus, error: unknown, more = ''): never {
  if (error instanceof SetupError) throw error
  const isFull = error instanceof JetStreamApiError && FULL.includes(error.code)
  const remedy = isFull
    ? '; give the server a larger store (max_file_store), or make that stream smaller by hand (max_bytes)'
    : ''
  throw new SetupError(`${nameOf(bus)}: ${busProblem(error)}${remedy}${more}`, { cause: error })
}

const KEPT_ROWS = '; the file has all rows'

function nameOf(bus: Bus): string {
  return `${bus.name}, stream ${ROWS_STREAM}`
}
