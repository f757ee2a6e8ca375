/**
 * The sources of a receiver's datagrams, one per address and port; limited, so that a flood of them uses bounded memory and locks no other
 * host out.
 */
import { shareOf } from '../../base/addresses.ts'
import type { Endpoint } from '../contract/socket-facts.ts'
import { leavingOf } from '../payload/leaving.ts'
import { DUPLICATE_MS, Source, type Transfer } from './transfer.ts'

const MOST_SOURCES = 1024
/** However fast transfers follow each other, a beginning that repeats this soon is a duplicate. */
const LEAST_FRESH_MS = 2

export class Sources {
  /** Keyed by port, then a short list, so that a lookup does not build a string. */
  readonly #byPort = new Map<number, Source[]>()
  /** Those without a transfer, the longest idle one first. */
  readonly #idle = new Set<Source>()
  /** By `shareOf` their address, in order of arrival. */
  readonly #byHost = new Map<string, Set<Source>>()
  readonly #crowdedOut: (source: Source) => void
  readonly #isTrial: boolean
  #count = 0
  /** Of transfers that have ended: how many, and who was heard since the last one. */
  #ended = 0
  #heard: Source | undefined
  #heardSeveral = false
  #last: Source | undefined
  #lastEndpoint: Endpoint | undefined

  /**
   * @param crowdedOut called with a source that lost its open transfer to make room
   * @param isTrial one transfer is expected, from one host: others are refused rather than that it ends after a moment
   */
  constructor(crowdedOut: (source: Source) => void, isTrial: boolean) {
    this.#crowdedOut = crowdedOut
    this.#isTrial = isTrial
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
      this.#hear(source)
    }
    return source
  }

  /** Where there are too many, another one makes room. Undefined if none does, in a trial. */
  add(from: Endpoint): Source | undefined {
    if (this.#count >= MOST_SOURCES && !this.#makeRoom()) return undefined
    const source = new Source(from)
    const ofPort = this.#byPort.get(from.port)
    if (ofPort) ofPort.push(source)
    else this.#byPort.set(from.port, [source])
    const share = shareOf(from.host)
    const ofHost = this.#byHost.get(share)
    if (ofHost) ofHost.add(source)
    else this.#byHost.set(share, new Set([source]))
    this.#idle.add(source)
    this.#count++
    this.#hear(source)
    return source
  }

  /** A transfer of this source begins. */
  begin(source: Source, open: Transfer): void {
    source.open = open
    open.freshMs = Math.min(DUPLICATE_MS, Math.max(LEAST_FRESH_MS, (open.begunAt - source.begunAt) / 2))
    source.begunAt = open.begunAt
    this.#idle.delete(source)
    open.endedBefore = this.#ended
  }

  /**
   * A transfer has ended. Returns whether nobody else was heard meanwhile, nor since the one before it ended: a kernel counts what it drops
   * at a socket, and not of whom. One that is silent may be losing all that it sends.
   */
  end(source: Source, open: Transfer): boolean {
    source.open = undefined
    // One that made room is not here any more.
    if (this.#byHost.get(shareOf(source.endpoint.host))?.has(source)) this.#idle.add(source)
    // The next datagram is to be looked up, whoever sends it.
    this.#lastEndpoint = undefined
    const isHeardAlone = !this.#heardSeveral && (this.#heard ?? source) === source
    const isOnly = open.endedBefore === this.#ended++ && this.#idle.size === this.#count
    this.#heard = undefined
    this.#heardSeveral = false
    return isHeardAlone && isOnly
  }

  *[Symbol.iterator](): Generator<Source> {
    for (const ofPort of this.#byPort.values()) yield* ofPort
  }

  #hear(source: Source): void {
    this.#last = source
    this.#lastEndpoint = source.endpoint
    if (this.#heard !== undefined && this.#heard !== source) this.#heardSeveral = true
    this.#heard = source
  }

  /** Evicts the source that has been without a transfer for longest or, if all have one, the slowest of the host that has the most sources. */
  #makeRoom(): boolean {
    const [idle] = this.#idle
    const leaving = idle ?? leavingOf(this.#byHost.values(), each => each.open, !this.#isTrial)
    if (!leaving) return false
    this.#remove(leaving)
    if (leaving.open) this.#crowdedOut(leaving)
    return true
  }

  #remove(source: Source): void {
    const { host, port } = source.endpoint
    const share = shareOf(host)
    const left = this.#byPort.get(port)?.filter(each => each !== source) ?? []
    if (left.length > 0) this.#byPort.set(port, left)
    else this.#byPort.delete(port)
    this.#idle.delete(source)
    const ofHost = this.#byHost.get(share)
    ofHost?.delete(source)
    if (ofHost?.size === 0) this.#byHost.delete(share)
    if (this.#last === source) this.#last = this.#lastEndpoint = undefined
    this.#count--
  }
}
