/**
 * A stream of bytes between two programs over a NATS server. Each chunk is a request with a number, and the answer to it says that it was
 * taken: so what is unread holds the sender back, and what was lost with a connection is sent again. An end that does not answer for long
 * is gone, whether it died, stands still or lost its way to the server.
 */

import { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { errors, type Msg, type NatsConnection, type Subscription } from '@nats-io/transport-node'
import { monotonic } from '../../../base/clock.ts'
import { LinkError } from '../link/link.ts'
import { type Bus, busProblem } from './connection.ts'

/** What a chunk is, in its first byte; its number follows in four. */
const KIND = { data: 0, end: 1, alive: 2, gone: 3 } as const
type Kind = (typeof KIND)[keyof typeof KIND]
const HEADER_BYTES = 5
/** Answers: read, or here and unread yet. */
const TAKEN = Uint8Array.of(0)
const HELD = Uint8Array.of(1)

const MOST_CHUNK_BYTES = 64 * 1024
/** Chunks that are under way at a time. */
const WINDOW = 4
/** An answer comes sooner, or the chunk is sent again. */
const ANSWER_MS = 2000
const AGAIN_MS = 250
/** The other end, or the way to it, may be silent for so long. */
const PATIENCE_MS = 10_000
/** It is asked whether it is there when nothing else was said for so long. */
const SILENT_MS = 3000

export interface LinkEnds {
  /** Subject that this end listens at, and that of the other end. */
  readonly own: string
  readonly other: string
  /** Where the other end takes answers begins so: it chooses the subject of each, and this program may be permitted more than that one. */
  readonly answers: string
  /** The other end, for messages. */
  readonly name: string
}

/** Errors are `LinkError`s: `PEER_GONE` when the other end does not answer, `CLOSED` when it has closed. */
export class BusLink extends Duplex {
  readonly #nats: NatsConnection
  readonly #ends: LinkEnds
  readonly #chunkBytes: number
  readonly #listening: Subscription
  readonly #over = new AbortController()
  readonly #underWay = new Set<Promise<void>>()
  readonly #beat: NodeJS.Timeout
  /** Numbers of the next chunk to send, and of the next to read. */
  #sending = 0
  #reading = 0
  /** Chunks that have arrived and are not read, by number: at most a window of them. */
  readonly #arrived = new Map<number, Msg>()
  #isRead = true
  #heardAt = monotonic()
  /** Both ends have said all. */
  #ended = { here: false, there: false }

  constructor({ nats, maxPayloadBytes }: Bus, ends: LinkEnds) {
    super({
      allowHalfOpen: false,
      readableHighWaterMark: MOST_CHUNK_BYTES,
      writableHighWaterMark: MOST_CHUNK_BYTES,
    })
    this.#nats = nats
    this.#ends = ends
    this.#chunkBytes = Math.min(MOST_CHUNK_BYTES, Math.floor(maxPayloadBytes / 2))
    this.#listening = nats.subscribe(ends.own, {
      callback: (error, message) => {
        if (error) this.destroy(new LinkError('DENIED', busProblem(error)))
        else this.#hear(message)
      },
    })
    // Whoever reads or writes hears of the end; one that is lost before that is closed as well.
    this.on('error', () => {})
    this.#beat = setInterval(() => this.#askIfSilent(), SILENT_MS)
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    void this.#writeAll(bytes).then(() => done())
  }

  /** All that was written has been read there before it ends. */
  override _final(done: (error?: Error) => void): void {
    const end = async () => {
      await Promise.all(this.#underWay)
      if (!this.destroyed) await this.#deliver(KIND.end, this.#sending++)
      this.#ended.here = true
      done()
    }
    void end()
  }

  override _read(): void {
    this.#isRead = true
    this.#handOver()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearInterval(this.#beat)
    this.#over.abort()
    this.#listening.unsubscribe()
    this.#arrived.clear()
    // So that the other end need not wait to find out.
    if (!(this.#ended.here && this.#ended.there) && !this.#nats.isClosed())
      this.#nats.publish(this.#ends.other, chunkOf(KIND.gone, 0))
    done(error)
  }

  async #writeAll(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length && !this.destroyed; at += this.#chunkBytes) {
      while (this.#underWay.size >= WINDOW) await Promise.race(this.#underWay)
      const part = bytes.subarray(at, at + this.#chunkBytes)
      const sent: Promise<void> = this.#deliver(KIND.data, this.#sending++, part).then(() => {
        this.#underWay.delete(sent)
      })
      this.#underWay.add(sent)
    }
  }

  /** Resolves once it was taken, or the link is over. */
  async #deliver(kind: Kind, number: number, data?: Buffer): Promise<void> {
    const chunk = chunkOf(kind, number, data)
    let until = monotonic() + PATIENCE_MS
    while (!this.destroyed)
      try {
        const answer = await this.#nats.request(this.#ends.other, chunk, { timeout: ANSWER_MS })
        this.#heardAt = monotonic()
        if (answer.data[0] === TAKEN[0]) return
        // There, and nobody reads it yet.
        until = monotonic() + PATIENCE_MS
        await this.#pause()
      } catch (error) {
        if (this.destroyed || (kind === KIND.end && isAbsent(error))) return
        const isFinal = this.#nats.isClosed() || isDenied(error)
        if (isFinal || monotonic() > until) {
          const how = isAbsent(error) ? 'nobody listens there any more' : busProblem(error)
          const silent = `${this.#ends.name} has not answered for ${PATIENCE_MS / 1000} s (${how})`
          this.destroy(new LinkError('PEER_GONE', isFinal ? how : silent))
          return
        }
        await this.#pause()
      }
  }

  #hear(message: Msg): void {
    const { data } = message
    if (this.destroyed || data.length < HEADER_BYTES) return
    this.#heardAt = monotonic()
    const number = Buffer.from(data.buffer, data.byteOffset).readUInt32BE(1)
    switch (data[0]) {
      case KIND.alive:
        this.#answer(message, TAKEN)
        break
      case KIND.gone:
        this.destroy(new LinkError('CLOSED', 'the other side closed the connection'))
        break
      case KIND.data:
      case KIND.end:
        // Sent again, because the answer was late or lost.
        if (number < this.#reading) this.#answer(message, TAKEN)
        else if (this.#arrived.has(number)) this.#answer(message, HELD)
        else if (number < this.#reading + WINDOW) this.#arrived.set(number, message)
        this.#handOver()
        break
    }
  }

  /** In the order of their numbers, as far as there are all and somebody reads. */
  #handOver(): void {
    while (this.#isRead && !this.destroyed) {
      const message = this.#arrived.get(this.#reading)
      if (!message) return
      this.#arrived.delete(this.#reading++)
      this.#answer(message, TAKEN)
      if (message.data[0] === KIND.end) {
        this.#ended.there = true
        this.#isRead = false
        this.push(null)
      } else this.#isRead = this.push(message.data.subarray(HEADER_BYTES))
    }
  }

  #answer(message: Msg, what: Uint8Array): void {
    if (message.reply?.startsWith(this.#ends.answers)) message.respond(what)
  }

  #askIfSilent(): void {
    if (monotonic() - this.#heardAt < SILENT_MS || this.#underWay.size > 0) return
    const asked: Promise<void> = this.#deliver(KIND.alive, 0).then(() => {
      this.#underWay.delete(asked)
    })
    this.#underWay.add(asked)
  }

  async #pause(): Promise<void> {
    await sleep(AGAIN_MS, undefined, { signal: this.#over.signal }).catch(() => {})
  }
}

function chunkOf(kind: Kind, number: number, data: Uint8Array = new Uint8Array()): Buffer {
  const chunk = Buffer.allocUnsafe(HEADER_BYTES + data.length)
  chunk.writeUInt8(kind)
  chunk.writeUInt32BE(number, 1)
  chunk.set(data, HEADER_BYTES)
  return chunk
}

function isDenied(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined
  return error instanceof errors.PermissionViolationError || cause instanceof errors.PermissionViolationError
}

/** Nobody listens at the subject. */
function isAbsent(error: unknown): boolean {
  return error instanceof errors.RequestError && error.isNoResponders()
}
