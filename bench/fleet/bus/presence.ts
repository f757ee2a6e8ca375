/** The hosts that are there: each writes what it is into a bucket, again and again, and is gone when it does not. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { jetstreamManager } from '@nats-io/jetstream'
import type { KvEntry } from '@nats-io/kv'
import * as z from 'zod'
import { monotonic } from '../../../base/clock.ts'
import { SetupError, UsageError } from '../../../base/errors.ts'
import { harmless } from '../../../base/foreign-text.ts'
import { PROTOCOL } from '../calls/protocol.ts'
import { BENCH_VERSION } from '../facts/environment.ts'
import { type Bus, busProblem } from './connection.ts'
import { type Bucket, HeldKey, openBucket, patiently } from './held-key.ts'
import { HOST_NAME } from './subjects.ts'

const BUCKET = 'bench-hosts'
const TTL_MS = 15_000
/** What it takes to notice that a value has run out. */
const SLACK_MS = 3000

/** Foreign text: nothing in it may control a terminal. */
const text = (longest: number) =>
  z
    .string()
    .max(longest)
    .refine(text => harmless(text) === text, 'characters that control a terminal')
/** A time on a wall clock, in ms; at most what a `Date` can hold. */
export const wallTime = z.int().min(0).max(8.64e15)
const presenceSchema = z.object({
  /** A new one each time that the program starts. */
  instance: z.uuid(),
  name: z.string().regex(HOST_NAME),
  /** Where data, and other servers, reach it. */
  address: z.union([z.ipv4(), z.ipv6()]),
  port: z.int().min(1).max(65_535),
  tls: z.boolean(),
  labels: z
    .record(text(64), text(64))
    .refine(labels => Object.keys(labels).length <= 32, 'more than 32 labels'),
  version: text(64),
  protocol: z.int(),
  engines: z.array(z.string().regex(/^[a-z0-9-]{1,32}$/)).max(16),
  /** Times on its wall clock, in ms: when it started, and when it wrote this. */
  since: wallTime,
  now: wallTime,
})
export type Presence = z.infer<typeof presenceSchema>
export type OwnPresence = Pick<Presence, 'name' | 'address' | 'port' | 'tls' | 'labels' | 'engines'>

/** A host as the others see it. */
export interface PresentHost extends Presence {
  /** Its wall clock minus the server's, in ms; exact to the time that a message takes. */
  readonly clockMs: number
}

/** @throws SetupError */
export function openPresence(bus: Bus): Promise<Bucket> {
  return openBucket(bus, BUCKET, TTL_MS)
}

/**
 * Is there until it is disposed.
 * @param lost called once if another one has the name
 * @throws UsageError for a description that others would leave out; SetupError if another one has the name, or the server permits it to others only; the reason of `signal` if that aborts first
 */
export async function announce(
  bus: Bus,
  own: OwnPresence,
  lost: () => void,
  signal?: AbortSignal,
): Promise<AsyncDisposable> {
  const bucket = await openPresence(bus)
  const fixed = {
    ...own,
    instance: randomUUID(),
    version: BENCH_VERSION,
    protocol: PROTOCOL,
    since: Date.now(),
  }
  const holding = {
    ...{ bucket, key: own.name, lost },
    value: (): Presence => ({ ...fixed, now: Date.now() }),
    isOwn: (entry: KvEntry) => read(entry)?.instance === fixed.instance,
  }
  const [wrong] = presenceSchema.safeParse(holding.value()).error?.issues ?? []
  if (wrong)
    throw new UsageError(`cannot join as ${own.name}: ${wrong.path.join('.')}: ${wrong.message}; change that`)
  const until = monotonic() + bucket.ttlMs + SLACK_MS
  try {
    let first: KvEntry | undefined
    for (;;) {
      const taken = await HeldKey.take(holding)
      if (taken instanceof HeldKey) return taken
      // One that has crashed is gone soon; one that is there writes again.
      first ??= taken
      if (taken.revision !== first.revision || monotonic() > until) throw nameTaken(own.name, taken)
      await sleep(bucket.ttlMs / 15, undefined, { signal })
    }
  } catch (error) {
    signal?.throwIfAborted()
    if (error instanceof SetupError) throw error
    throw new SetupError(`${bus.name}: cannot join as ${own.name}: ${busProblem(error)}`, { cause: error })
  }
}

/** The hosts that are there, by name; and those with an impossible value, which is not believed. @throws SetupError */
export async function presentHosts(
  bus: Bus,
  bucket: Bucket,
): Promise<{ readonly hosts: readonly PresentHost[]; readonly skipped: readonly string[] }> {
  const hosts: PresentHost[] = []
  const skipped: string[] = []
  for (const entry of await entriesOf(bus, bucket)) {
    const presence = read(entry)
    if (presence && presence.name === entry.key)
      hosts.push({ ...presence, clockMs: presence.now - entry.created.getTime() })
    else skipped.push(entry.key)
  }
  return { hosts: hosts.sort((a, b) => (a.name < b.name ? -1 : 1)), skipped }
}

/** Looks at one host again. @throws SetupError if it is not there any more */
export async function findHost(bus: Bus, { kv }: Bucket, name: string): Promise<Presence> {
  const problem = (why: string, cause?: unknown) => new SetupError(`${name}: ${why}`, { cause })
  const entry = await patiently(() => kv.get(name)).catch(error => {
    throw problem(`cannot look for it at ${bus.name}: ${busProblem(error)}`, error)
  })
  const presence = entry?.operation === 'PUT' ? read(entry) : undefined
  if (!presence)
    throw problem(`it has left ${bus.name}, or does not say any more that it is there; see bench serve there`)
  return presence
}

/**
 * All values of a bucket: of each key that it has, what it is now. (A history of all keys misses those that are written again while it is
 * read.)
 * @throws SetupError
 */
export async function entriesOf(bus: Bus, { kv }: Bucket): Promise<readonly KvEntry[]> {
  try {
    return await patiently(async () => {
      const manager = await jetstreamManager(bus.nats, { checkAPI: false })
      const { state } = await manager.streams.info((await kv.status()).streamInfo.config.name, {
        subjects_filter: '>',
      })
      const keys = Object.keys(state.subjects ?? {}).map(each => each.split('.').slice(2).join('.'))
      const entries = await Promise.all(keys.map(each => kv.get(each)))
      return entries.flatMap(each => (each?.operation === 'PUT' ? [each] : []))
    })
  } catch (error) {
    throw new SetupError(`${bus.name}: cannot read who is there: ${busProblem(error)}`, { cause: error })
  }
}

function read(entry: KvEntry): Presence | undefined {
  try {
    return presenceSchema.safeParse(entry.json()).data
  } catch {
    return undefined
  }
}

function nameTaken(name: string, entry: KvEntry): SetupError {
  const other = read(entry)
  const where = other ? ` (at ${other.address}, port ${other.port})` : ''
  return new SetupError(
    `--name ${name}: another bench serve${where} has that name; end it, or choose another name`,
  )
}
