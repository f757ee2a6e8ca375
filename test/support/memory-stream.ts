/** One end of a connection in memory. */
import type { Endpoint } from '../../transports/contract/socket-facts.ts'
import type { StreamSocket } from '../../transports/contract/sockets.ts'
import { pauseByTimers } from '../../transports/engines/node/pause.ts'

/** So much is taken of a writer whose peer does not read. */
const BUFFER_BYTES = 1 << 20

export class MemoryStream implements StreamSocket {
  readonly remote: Endpoint
  readonly state = {}
  readonly closed: Promise<string | undefined>
  #peer: MemoryStream | undefined
  #take: ((bytes: Buffer) => void) | undefined
  readonly #inbox: Buffer[] = []
  #inboxBytes = 0
  #scheduled = false
  #ended = false
  #peerEnded = false
  #gone = false
  #close: (code: string | undefined) => void = () => {}
  #roomFor: (() => void) | undefined

  /** Both ends of a fresh connection. */
  static pair(client: Endpoint, server: Endpoint): [MemoryStream, MemoryStream] {
    const one = new MemoryStream(server)
    const other = new MemoryStream(client)
    one.#peer = other
    other.#peer = one
    return [one, other]
  }

  private constructor(remote: Endpoint) {
    this.remote = remote
    this.closed = new Promise(resolve => {
      this.#close = resolve
    })
  }

  info() {
    return {}
  }

  read(take: (bytes: Buffer) => void): void {
    this.#take = take
    this.#schedule()
  }

  async write(bytes: Buffer, chunkBytes: number): Promise<void> {
    for (let start = 0; start < bytes.length; start += chunkBytes) {
      const peer = this.#peer
      if (this.#gone || this.#ended || !peer || peer.#gone) throw brokenPipe()
      if (peer.#inboxBytes >= BUFFER_BYTES) {
        await new Promise<void>(resolve => {
          peer.#roomFor = resolve
        })
        start -= chunkBytes
      } else peer.#arrive(Buffer.from(bytes.subarray(start, start + chunkBytes)))
    }
  }

  pause(ms: number): Promise<void> {
    return pauseByTimers(ms)
  }

  end(): void {
    if (this.#ended) return
    this.#ended = true
    const peer = this.#peer
    if (!peer) return
    peer.#peerEnded = true
    peer.#schedule()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#gone) return
    this.#gone = true
    this.#inbox.length = 0
    this.#roomFor?.()
    if (this.#peer) this.#peer.#roomFor?.()
    this.end()
    this.#close(undefined)
  }

  #arrive(bytes: Buffer): void {
    this.#inbox.push(bytes)
    this.#inboxBytes += bytes.length
    this.#schedule()
  }

  #schedule(): void {
    if (this.#scheduled || !this.#take) return
    this.#scheduled = true
    setImmediate(() => this.#handOver())
  }

  /** One piece a turn: a reader sees the pieces as they were written. */
  #handOver(): void {
    this.#scheduled = false
    if (this.#gone) return
    const bytes = this.#inbox.shift()
    if (bytes) {
      this.#inboxBytes -= bytes.length
      this.#take?.(bytes)
      this.#roomFor?.()
      this.#roomFor = undefined
    }
    if (this.#inbox.length > 0) this.#schedule()
    else if (this.#peerEnded) this.#close(undefined)
  }
}

function brokenPipe(): Error {
  return Object.assign(new Error('EPIPE: in memory'), { code: 'EPIPE' })
}
