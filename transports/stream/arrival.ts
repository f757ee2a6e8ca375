/** What has arrived of one stream's payload: counted, checked and, if asked for, held. Datagrams have `Reception`. */
import type { Failure, ReceiveReport } from '../contract/reports.ts'
import { type Budget, ENDLESS_BYTES, type ReceiveOptions } from '../contract/transport.ts'
import { HeldMemory } from '../payload/held-memory.ts'

export class Arrival {
  /** Undefined until the peer has announced it. */
  announcedBytes: number | undefined
  bytes = 0
  /** Nothing more comes. */
  ended = false
  readonly #options: Pick<ReceiveOptions, 'expected' | 'holdBytes' | 'meter'>
  readonly #budget: Budget
  #intact = true
  #firstAt: number | undefined
  #lastAt: number | undefined
  #memory: HeldMemory | undefined

  constructor(options: Pick<ReceiveOptions, 'expected' | 'holdBytes' | 'meter'>, budget: Budget) {
    this.#options = options
    this.#budget = budget
  }

  announce(sizeBytes: number): void {
    const { holdBytes } = this.#options
    this.announcedBytes = sizeBytes
    if (holdBytes !== undefined) this.#memory = new HeldMemory(Math.min(sizeBytes, holdBytes))
  }

  /** The end of the stream ends it. */
  get endless(): boolean {
    return this.announcedBytes === ENDLESS_BYTES
  }

  get missingBytes(): number {
    return (this.announcedBytes ?? 0) - this.bytes
  }

  /** Takes the first `length` bytes; returns why it cannot, if memory for them is lacking. @param at in ms on the monotonic clock */
  take(bytes: Buffer, length: number, at: number): Failure | undefined {
    const { expected, meter } = this.#options
    if (meter && at >= meter.nextAt) meter.reach(at, { bytes: this.bytes })
    if (expected && !expected.matches(bytes, 0, length, this.bytes)) this.#intact = false
    if (this.#memory && !this.#budget.take(length)) return this.#budget.exhausted
    this.#memory?.append(bytes, 0, length)
    this.bytes += length
    this.#lastAt = at
    this.#firstAt ??= at
    return undefined
  }

  /** Returns to the budget what it held. */
  readonly giveBack = (): void => {
    if (this.#memory) this.#budget.giveBack(this.bytes)
  }

  report(): ReceiveReport {
    const { expected } = this.#options
    const complete = this.endless ? this.ended : this.announcedBytes !== undefined && this.missingBytes === 0
    const intact = expected && complete && this.#intact && (this.endless || this.bytes === expected.sizeBytes)
    return {
      ...(this.announcedBytes === undefined ? {} : { announcedBytes: this.announcedBytes }),
      bytesDelivered: this.bytes,
      complete,
      ...(this.#firstAt === undefined ? {} : { firstAt: this.#firstAt }),
      ...(this.#lastAt === undefined ? {} : { lastAt: this.#lastAt }),
      ...(intact === undefined ? {} : { intact }),
      ...(this.#memory ? { held: { parts: this.#memory.parts() } } : {}),
    }
  }
}
