/** The sources seen by one socket, each with its own state, limited in number so that a flood of them uses bounded memory. */
import { monotonic } from '../../base/clock.ts'
import type { Endpoint } from '../contract/socket-facts.ts'
import { Source } from './transfer.ts'

const MOST_SOURCES = 1024
/** Transfers younger than this are not judged by their rate. */
const GRACE_MS = 1000

export class Sources {
  /** Keyed by port, then a short list, so that a lookup does not build a string. */
  readonly #byPort = new Map<number, Source[]>()
  readonly #crowdedOut: (source: Source) => void
  #count = 0
  #last: Source | undefined
  #lastEndpoint: Endpoint | undefined

  /** @param crowdedOut called with a source that lost its open transfer to make room */
  constructor(crowdedOut: (source: Source) => void) {
    this.#crowdedOut = crowdedOut
  }

  /** The source of the latest datagram. */
  get latest(): Source | undefined {
    return this.#last
  }

  /** Consecutive datagrams from one source take the fast path. */
  find(from: Endpoint): Source | undefined {
    if (from === this.#lastEndpoint) return this.#last
    const source = this.#byPort.get(from.port)?.find(each => each.endpoint.host === from.host)
    if (source) {
      // It may now be using another of our addresses.
      source.endpoint = from
      this.#last = source
      this.#lastEndpoint = from
    }
    return source
  }

  /** Returns undefined if there are too many sources and each of them is busy or has only just begun. */
  add(from: Endpoint, at: number): Source | undefined {
    if (this.#count >= MOST_SOURCES && !this.#makeRoom()) return undefined
    const source = new Source(from, at)
    const ofPort = this.#byPort.get(from.port)
    if (ofPort) ofPort.push(source)
    else this.#byPort.set(from.port, [source])
    this.#count++
    this.#last = source
    this.#lastEndpoint = from
    return source
  }

  *[Symbol.iterator](): Generator<Source> {
    for (const ofPort of this.#byPort.values()) yield* ofPort
  }

  /** Evicts the oldest source without a transfer or, if there is none, the one with the slowest transfer. */
  #makeRoom(): boolean {
    const now = monotonic()
    let idle: Source | undefined
    let slowest: Source | undefined
    for (const source of this) {
      const { open } = source
      if (!open) {
        if (!idle || source.since < idle.since) idle = source
      } else if (now - open.begunAt >= GRACE_MS) {
        if (!slowest?.open || open.rateBps(now) < slowest.open.rateBps(now)) slowest = source
      }
    }
    const leaving = idle ?? slowest
    if (!leaving) return false
    this.#remove(leaving)
    if (leaving.open) this.#crowdedOut(leaving)
    return true
  }

  #remove(source: Source): void {
    const { port } = source.endpoint
    const left = this.#byPort.get(port)?.filter(each => each !== source) ?? []
    if (left.length > 0) this.#byPort.set(port, left)
    else this.#byPort.delete(port)
    if (this.#last === source) this.#last = this.#lastEndpoint = undefined
    this.#count--
  }
}
