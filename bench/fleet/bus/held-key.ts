/**
 * A key of a bucket that one program holds: nobody else can take it while it is refreshed, and what is not refreshed any more runs out with
 * the bucket's time to live. (Servers before 2.11 accept a time to live of a single key and never apply it.)
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream'
import { type KV, type KvEntry, Kvm } from '@nats-io/kv'
import { errors } from '@nats-io/transport-node'
import { monotonic } from '../../../base/clock.ts'
import { SetupError } from '../../../base/errors.ts'
import { type Bus, busProblem } from './connection.ts'

export interface Bucket {
  readonly bus: Bus
  readonly kv: KV
  /** A value that is not written again is gone after this. */
  readonly ttlMs: number
}

/** How long a server that restarts is waited for. */
const PATIENCE_MS = 15_000
const AGAIN_MS = 500
/** A program that ends waits no longer for a server that is not there. */
const LAST_WORD_MS = 2000

/** Opens a bucket, or makes it if there is none; one that exists keeps its time to live. @throws SetupError */
export async function openBucket(bus: Bus, name: string, ttlMs: number): Promise<Bucket> {
  try {
    const kv = await patiently(() =>
      new Kvm(bus.nats).create(name, { ttl: ttlMs, history: 1, allow_direct: false }),
    )
    const { ttl } = await patiently(() => kv.status())
    if (!(ttl >= 1000 && ttl <= 3_600_000))
      throw new SetupError(
        `bucket ${name} keeps values for ${ttl} ms; delete it, or give it a time to live of ${ttlMs / 1000} s`,
      )
    return { bus, kv, ttlMs: ttl }
  } catch (error) {
    if (error instanceof SetupError) throw error
    throw new SetupError(`${bus.name}: cannot use bucket ${name}: ${busProblem(error)}`, { cause: error })
  }
}

export interface Holding {
  readonly bucket: Bucket
  readonly key: string
  /** What to write, which names this holder; asked for at each refresh. */
  readonly value: () => object
  /** Whether what is there was written by this holder. */
  readonly isOwn: (entry: KvEntry) => boolean
  /** Called once if another one has the key. */
  readonly lost: () => void
}

export class HeldKey implements AsyncDisposable {
  readonly #holding: Holding
  readonly #over = new AbortController()
  readonly #refreshing: Promise<void>
  #revision: number

  /** Returns what is there if another one holds the key. @throws the server's errors */
  static async take(holding: Holding): Promise<HeldKey | KvEntry> {
    const taken = await patiently(() => create(holding))
    return typeof taken === 'number' ? new HeldKey(holding, taken) : taken
  }

  private constructor(holding: Holding, revision: number) {
    this.#holding = holding
    this.#revision = revision
    this.#refreshing = this.#refresh()
  }

  /** Nobody has to wait until it runs out. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort()
    await this.#refreshing
    const { bucket, key } = this.#holding
    // Without the server, or once another one has it, nothing is left to do.
    const deleted = bucket.kv.delete(key, { previousSeq: this.#revision }).catch(() => {})
    await Promise.race([deleted, sleep(LAST_WORD_MS, undefined, { ref: false })])
  }

  async #refresh(): Promise<void> {
    const { signal } = this.#over
    const { bucket, lost } = this.#holding
    let waitMs = bucket.ttlMs / 3
    for (;;) {
      await sleep(waitMs, undefined, { signal }).catch(() => {})
      if (signal.aborted) return
      waitMs = bucket.ttlMs / 3
      try {
        if (!(await this.#again())) return lost()
      } catch {
        if (bucket.bus.nats.isClosed()) return
        // The server is not there, or restarts.
        waitMs = Math.min(AGAIN_MS, waitMs)
      }
    }
  }

  /** False if another one has the key. @throws the server's errors */
  async #again(): Promise<boolean> {
    const { bucket, key, value } = this.#holding
    try {
      this.#revision = await bucket.kv.update(key, JSON.stringify(value()), this.#revision)
      return true
    } catch (error) {
      if (!isTaken(error)) throw error
      // It ran out while the server was away, or the answer to the last refresh was lost.
      const taken = await create(this.#holding)
      if (typeof taken === 'number') this.#revision = taken
      return typeof taken === 'number'
    }
  }
}

/** The revision of the holder's own value, or the value of another one. */
async function create({ bucket: { kv }, key, value, isOwn }: Holding): Promise<number | KvEntry> {
  for (;;)
    try {
      return await kv.create(key, JSON.stringify(value()))
    } catch (error) {
      if (!isTaken(error)) throw error
      const entry = await kv.get(key)
      if (entry?.operation === 'PUT') return isOwn(entry) ? entry.revision : entry
      // It has just run out.
    }
}

/** Does something again while the server restarts. @throws the server's error */
export async function patiently<T>(act: () => Promise<T>): Promise<T> {
  const until = monotonic() + PATIENCE_MS
  for (;;)
    try {
      return await act()
    } catch (error) {
      if (!isPassing(error) || monotonic() > until) throw error
      await sleep(AGAIN_MS)
    }
}

function isTaken(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamWrongLastSequence
}

/** A request without an answer: a server that has just come back knows its streams a moment later. */
function isPassing(error: unknown): boolean {
  if (error instanceof Error && error.cause instanceof errors.PermissionViolationError) return false
  return (
    error instanceof errors.TimeoutError ||
    error instanceof errors.RequestError ||
    // Not exported by its package.
    (error instanceof Error && error.name === 'JetStreamNotEnabled')
  )
}
