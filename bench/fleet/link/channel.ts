/** A control connection: JSON messages in frames, sealed if both sides know a token. */

import type { Duplex } from 'node:stream'
import { monotonic } from '../../../base/clock.ts'
import { errorCode, errorMessage } from '../../../base/errors.ts'
import { harmless } from '../../../base/foreign-text.ts'
import { Bell } from '../../../base/waiting.ts'
import { encodeFrame, FRAME_LIMIT_BYTES, FrameReader, ProtocolError } from './frames.ts'
import { LinkError } from './link.ts'
import type { Seals } from './proof.ts'

export class Channel implements AsyncDisposable, Disposable {
  readonly #socket: Duplex
  readonly #reader = new FrameReader(FRAME_LIMIT_BYTES)
  readonly #bell = new Bell()
  #seals: Seals | undefined
  #lost: LinkError | undefined
  /** The last frame was invalid: nothing after it can be read. */
  #broken = false
  #take: ((message: unknown) => void) | undefined
  #tellLost: ((error: LinkError) => void) | undefined

  constructor(socket: Duplex) {
    this.#socket = socket
    socket.on('data', (bytes: Buffer) => this.#read(bytes))
    socket.on('drain', () => this.#regulate())
    socket.on('error', error => this.#lose(new LinkError(errorCode(error) ?? 'CLOSED', errorMessage(error))))
    socket.on('end', () => this.#lose(new LinkError('CLOSED', 'the other side closed the connection')))
    socket.on('close', () => this.#lose(new LinkError('CLOSED', 'the connection closed')))
  }

  get open(): boolean {
    return this.#lost === undefined
  }

  /** Ends the handshake: with a token, each frame is sealed from now on. */
  establish(seals: Seals | undefined): void {
    this.#seals = seals
  }

  /** Sets the longest frame to accept from now on, including one that has already arrived. */
  limitFrames(bytes: number): void {
    this.#reader.limitBytes = bytes
  }

  /** Does nothing once the connection is lost, since its loss is reported elsewhere. */
  send(message: object): void {
    if (!this.open || this.#socket.destroyed) return
    const payload = Buffer.from(JSON.stringify(message))
    this.#socket.write(encodeFrame(this.#seals?.seal(payload) ?? payload))
    this.#regulate()
  }

  /** Returns the next message. @throws LinkError if the connection is lost, or nothing arrives in time (`TIMEOUT`) */
  async receive(timeoutMs: number, signal: AbortSignal): Promise<unknown> {
    const until = monotonic() + timeoutMs
    for (;;) {
      const message = this.#next()
      if (message !== undefined) return message
      if (this.#lost) throw this.#lost
      signal.throwIfAborted()
      const leftMs = until - monotonic()
      if (leftMs <= 0) throw new LinkError('TIMEOUT', `no answer within ${Math.ceil(timeoutMs / 1000)} s`)
      await this.#bell.wait(leftMs, signal)
    }
  }

  /** Delivers each message as it arrives from now on, and calls `lost` once when there will be no more. */
  listen(take: (message: unknown) => void, lost: (error: LinkError) => void): void {
    this.#take = take
    this.#handOver()
    this.#tellLost = lost
    if (this.#lost) lost(this.#lost)
  }

  /** Closes the connection once the pending messages are sent; forcibly if that takes longer than a second. */
  close(): void {
    if (this.#socket.destroyed) return
    this.#socket.end()
    const timer = setTimeout(() => this.#socket.destroy(), 1000)
    this.#socket.once('close', () => clearTimeout(timer))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close()
  }

  [Symbol.dispose](): void {
    this.#socket.destroy()
  }

  #read(bytes: Buffer): void {
    if (!this.open) return
    this.#reader.push(bytes)
    if (this.#take) this.#handOver()
    this.#regulate()
    this.#bell.ring()
  }

  /**
   * Applies back-pressure: stops reading after one frame while nothing is listening, and entirely while the other side does not read what
   * we send, so that neither direction is buffered in memory.
   */
  #regulate(): void {
    const unasked = !this.#take && this.#reader.heldBytes > this.#reader.limitBytes
    if (unasked || this.#socket.writableNeedDrain) this.#socket.pause()
    else if (this.#socket.isPaused()) this.#socket.resume()
  }

  #handOver(): void {
    for (let message = this.#next(); message !== undefined; message = this.#next()) this.#take?.(message)
  }

  /** Reads frames one by one: handling a message may change how the next frame is read. */
  #next(): unknown {
    try {
      const frame = this.#broken ? undefined : this.#reader.next()
      if (this.#socket.isPaused()) this.#regulate()
      return frame && parse(this.#seals?.open(frame) ?? frame)
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      this.#broken = true
      this.#lose(new LinkError(error.code, error.message))
      this.#socket.destroy()
      return undefined
    }
  }

  #lose(error: LinkError): void {
    if (this.#lost) return
    this.#lost = error
    this.#bell.ring()
    this.#tellLost?.(error)
  }
}

/** @throws ProtocolError if it is not JSON */
function parse(frame: Buffer): unknown {
  const text = frame.toString('utf8')
  try {
    return SUSPECT.test(text) ? JSON.parse(text, printable) : JSON.parse(text)
  } catch {
    throw new ProtocolError('a frame that is not JSON')
  }
}

/** Characters that could control a terminal, raw or escaped: rare, and checking every value of every message would cost more. */
const SUSPECT = /\\[bfnrtu]|[^ -~]/

/** Strings end up in terminals and files. */
function printable(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? harmless(value) : value
}
