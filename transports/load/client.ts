/** The end that fills connections, and asks. */
import { monotonic } from '../../base/clock.ts'
import type { Load, LoadConnection } from '../contract/load.ts'
import type { StreamSocket } from '../contract/sockets.ts'
import { connect } from '../stream/connect.ts'
import { ANSWER, ARRIVED, FrameReader, frameOf, LOAD, REQUEST } from './frames.ts'

/** Requests wait behind little more than what is on the way, and not behind megabytes in this host's send buffer. */
const UNSENT_BYTES = 16 * 1024
/** Frames in a row before other sockets get their turn. */
const FRAMES_A_TURN = 8

export const connectLoad: Load['connect'] = async (sockets, to, options) => {
  const attempt = await connect(sockets, to, { ...options, unsentBytes: UNSENT_BYTES })
  if (attempt.failure) return { failure: attempt.failure }
  return { connection: new Connection(attempt.stream), connectMs: attempt.connectMs }
}

interface Asked {
  readonly at: number
  readonly answered: (ms: number) => void
  readonly failed: (error: Error) => void
}

class Connection implements LoadConnection {
  acceptedBytes = 0
  arrivedBytes = 0
  readonly #stream: StreamSocket
  /** In the order of their answers, and how many of them have not been written. */
  readonly #asked: Asked[] = []
  #unwritten = 0
  #filling = false
  #closed = false

  constructor(stream: StreamSocket) {
    this.#stream = stream
    const reader = new FrameReader((type, value) => {
      if (type === ANSWER) {
        const first = this.#asked.shift()
        first?.answered(monotonic() - first.at)
      } else if (type === ARRIVED) this.arrivedBytes = value
    })
    stream.read(bytes => {
      if (!reader.take(bytes)) void this[Symbol.asyncDispose]()
    })
    void stream.closed.then(() => this.#close())
  }

  get state() {
    return this.#stream.state
  }

  get info() {
    return this.#stream.info()
  }

  async fill(frameBytes: number): Promise<void> {
    this.#filling = true
    const frame = frameOf(LOAD, frameBytes)
    try {
      for (let frames = 1; !this.#closed; frames++) {
        await this.#writeRequests()
        await this.#stream.write(frame, frame.length)
        this.acceptedBytes += frameBytes
        if (frames % FRAMES_A_TURN === 0) await this.#stream.pause(0)
      }
    } catch (error) {
      if (!this.#closed) throw error
    }
  }

  ask(): Promise<number> {
    if (this.#closed) return Promise.reject(CLOSED)
    const at = monotonic()
    return new Promise((answered, failed) => {
      this.#asked.push({ at, answered, failed })
      this.#unwritten++
      if (!this.#filling) this.#writeRequests().catch(failed)
    })
  }

  async #writeRequests(): Promise<void> {
    while (this.#unwritten > 0) {
      // Before it waits: meanwhile another request may be made, and written.
      this.#unwritten--
      const request = frameOf(REQUEST, 1)
      await this.#stream.write(request, request.length)
    }
  }

  #close(): void {
    this.#closed = true
    for (const { failed } of this.#asked.splice(0)) failed(CLOSED)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#close()
    await this.#stream[Symbol.asyncDispose]()
  }
}

const CLOSED = new Error('the connection is closed')
