/** Clients that come over a NATS server: let in by the lease of the host, one holder of it at a time. */
import type { Refusal } from '../bus/door.ts'
import type { Leases } from '../bus/leases.ts'
import type { BusLink } from '../bus/link.ts'
import type { BenchServer } from './server.ts'

/** Questions without an answer, and links that have not authenticated: a silent one is closed when its time is up. */
const MOST_OPENING = 64

interface Guest {
  readonly lease: string
  /** Nothing is left of its session. */
  readonly over: Promise<void>
}

export class Guests {
  readonly #host: string
  readonly #leases: Pick<Leases, 'objection'>
  readonly #server: Pick<BenchServer, 'take'>
  readonly #guests = new Map<BusLink, Guest>()
  readonly #open = new Set<BusLink>()
  #opening = 0

  constructor(host: string, leases: Pick<Leases, 'objection'>, server: Pick<BenchServer, 'take'>) {
    this.#host = host
    this.#leases = leases
    this.#server = server
  }

  /** Why one with this lease is refused. If it is not, the sessions of those that held the lease before are over, and `take` follows. */
  async objection(lease: string): Promise<Refusal | undefined> {
    if (this.#opening >= MOST_OPENING) return busy('busy: too many clients ask at once')
    // From now on: many questions may wait for the same answer of the NATS server.
    this.#opening++
    let isRefused = true
    try {
      const why = await this.#leases.objection(this.#host, lease)
      if (why !== undefined) return busy(why)
      // Whoever had the lease before has it no more: their trial, if there still is one, would disturb this one.
      const others = [...this.#guests].filter(([, guest]) => guest.lease !== lease)
      for (const [link] of others) link.destroy()
      await Promise.all(others.map(([, { over }]) => over))
      isRefused = false
      return undefined
    } finally {
      if (isRefused) this.#opening--
    }
  }

  async take(link: BusLink, lease: string): Promise<void> {
    let ended = () => {}
    const over = new Promise<void>(resolve => {
      ended = resolve
    })
    this.#guests.set(link, { lease, over })
    this.#open.add(link)
    link.once('close', () => this.#open.delete(link))
    const isIn = await this.#server.take(link, ended)
    this.#opening--
    if (!isIn) ended()
    await over
    this.#guests.delete(link)
  }

  /** Resolves once all links are closed: what their sessions said last has arrived. */
  async left(): Promise<void> {
    await Promise.all([...this.#open].map(link => new Promise(resolve => link.once('close', resolve))))
  }
}

function busy(refused: string): Refusal {
  return { refused, code: 'BUSY' }
}
