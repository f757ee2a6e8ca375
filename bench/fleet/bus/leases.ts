/** Who measures with a host: one run at a time holds its lease, renews it, and gives it back; that of a dead one runs out. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { KvEntry } from '@nats-io/kv'
import * as z from 'zod'
import { monotonic } from '../../../base/clock.ts'
import { SetupError } from '../../../base/errors.ts'
import { type Bus, busProblem } from './connection.ts'
import { type Bucket, HeldKey, openBucket, patiently } from './held-key.ts'
import { entriesOf, wallTime } from './presence.ts'

const BUCKET = 'bench-leases'
const TTL_MS = 30_000

const leaseSchema = z.object({
  /** Known to its holder, and to the hosts. */
  id: z.uuid(),
  run: z.string().regex(/^[\w.:-]{1,64}$/),
  /** On the holder's wall clock, in ms. */
  since: wallTime,
})
type Lease = z.infer<typeof leaseSchema>

/** The lease of a dead run is gone by then, and one of a live run may be. */
const PATIENCE_MS = TTL_MS + 5000
const AGAIN_MS = 500

/** Another run measures with a host. */
class BusyError extends SetupError {
  readonly host: string

  constructor(host: string, why: string) {
    super(`${host}: ${why}; try again later`)
    this.host = host
  }
}

/** A host's lease as others see it. */
export interface Busy {
  readonly run: string
  /** When it was taken by its holder's clock, and when it runs out by the server's unless it is renewed. */
  readonly since: Date
  readonly until: Date
}

export class Leases {
  readonly #bus: Bus
  readonly #bucket: Bucket
  /** Hosts that were waited for in vain. */
  readonly #hopeless = new Set<string>()

  /** @throws SetupError */
  static async open(bus: Bus): Promise<Leases> {
    return new Leases(bus, await openBucket(bus, BUCKET, TTL_MS))
  }

  private constructor(bus: Bus, bucket: Bucket) {
    this.#bus = bus
    this.#bucket = bucket
  }

  /**
   * Holds the leases of some hosts: of all, or of none.
   * @returns what to show to the hosts
   * @throws SetupError if another run measures with one of them
   */
  async hold(hosts: readonly string[], run: string): Promise<AsyncDisposable & { readonly id: string }> {
    const lease: Lease = { id: randomUUID(), run, since: Date.now() }
    const held: HeldKey[] = []
    const release = async () => {
      await Promise.all(held.map(each => each[Symbol.asyncDispose]()))
    }
    try {
      // In one order for all: otherwise two runs could hold one host each, and both be refused the other.
      for (const host of [...hosts].sort()) held.push(await this.#take(host, lease))
    } catch (error) {
      await release()
      throw error
    }
    return { id: lease.id, [Symbol.asyncDispose]: release }
  }

  /**
   * As `hold`, and waits for hosts that are busy: for each of them once, until a lease that nobody renews would be gone.
   * @throws SetupError
   */
  async holdPatiently(
    hosts: readonly string[],
    run: string,
    signal: AbortSignal,
    patienceMs = PATIENCE_MS,
  ): ReturnType<Leases['hold']> {
    const until = monotonic() + patienceMs
    for (;;)
      try {
        const held = await this.hold(hosts, run)
        for (const host of hosts) this.#hopeless.delete(host)
        return held
      } catch (error) {
        if (!(error instanceof BusyError) || signal.aborted || this.#hopeless.has(error.host)) throw error
        if (monotonic() > until) {
          this.#hopeless.add(error.host)
          throw error
        }
        await sleep(AGAIN_MS, undefined, { signal }).catch(() => {})
      }
  }

  /** Why one with this lease may not measure with a host; undefined if it may. @throws SetupError */
  async objection(host: string, id: string): Promise<string | undefined> {
    const entry = await this.#asked(() => this.#bucket.kv.get(host))
    const lease = entry?.operation === 'PUT' ? read(entry) : undefined
    if (!entry || !lease) return 'the lease of the host has run out; try again'
    return lease.id === id ? undefined : describeBusy(this.#busy(entry, lease))
  }

  /** The hosts that are measured with. @throws SetupError */
  async current(): Promise<ReadonlyMap<string, Busy>> {
    const busy = new Map<string, Busy>()
    for (const entry of await entriesOf(this.#bus, this.#bucket)) {
      const lease = read(entry)
      if (lease) busy.set(entry.key, this.#busy(entry, lease))
    }
    return busy
  }

  async #take(host: string, lease: Lease): Promise<HeldKey> {
    const taken = await this.#asked(() =>
      HeldKey.take({
        ...{ bucket: this.#bucket, key: host, value: () => lease, lost: () => {} },
        isOwn: entry => read(entry)?.id === lease.id,
      }),
    )
    if (taken instanceof HeldKey) return taken
    const other = read(taken)
    const why = other ? describeBusy(this.#busy(taken, other)) : 'its lease has an impossible value'
    throw new BusyError(host, why)
  }

  #busy(entry: KvEntry, { run, since }: Lease): Busy {
    return { run, since: new Date(since), until: new Date(entry.created.getTime() + this.#bucket.ttlMs) }
  }

  async #asked<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await patiently(act)
    } catch (error) {
      throw new SetupError(`${this.#bus.name}: no leases: ${busProblem(error)}`, { cause: error })
    }
  }
}

/** `busy until 12:34:56 with run X`: unless the lease is renewed. */
function describeBusy({ run, until }: Busy): string {
  return `busy until ${until.toTimeString().slice(0, 8)} with run ${run}`
}

function read(entry: KvEntry): Lease | undefined {
  try {
    return leaseSchema.safeParse(entry.json()).data
  } catch {
    return undefined
  }
}
