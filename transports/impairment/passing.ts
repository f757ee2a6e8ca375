/** One direction of a relay: hands on what the emulated link lets through, when it is due, and counts what became of it. */
import { monotonic } from '../../base/clock.ts'
import { DelayLine } from './delay-line.ts'
import type { Arrival, Emulation } from './emulation.ts'
import type { LinkCounts } from './spec.ts'

/** What comes later may be due earlier. */
const LONGEST_PAUSE_MS = 1

export interface Passage {
  /** Whether the system took it. */
  readonly handOn: (bytes: Buffer) => boolean | Promise<boolean>
  /** Resolves after `ms`, as precisely as the engine can. */
  readonly pause: (ms: number) => Promise<void>
}

export class Passing {
  /** The longest that something was handed on after it was due. */
  lateMs = 0
  readonly #passage: Passage
  #emulation: Emulation
  #line = new DelayLine<{ readonly bytes: Buffer; readonly counts: LinkCounts }>()
  #running = false
  #ended = false

  constructor(emulation: Emulation, passage: Passage) {
    this.#emulation = emulation
    this.#passage = passage
  }

  get counts() {
    return this.#emulation.counts
  }

  /** Forgets what is on its way. */
  begin(emulation: Emulation): void {
    this.#emulation = emulation
    this.#line = new DelayLine()
    this.lateMs = 0
  }

  end(): void {
    this.#ended = true
  }

  /** The memory is valid only during the call. @param offer to the emulation, as a datagram or as a packet @param counts of its flow */
  take(
    memory: Buffer,
    offer: (emulation: Emulation, bytes: number, now: number) => readonly Arrival[],
    counts = this.counts,
  ): void {
    for (const { at, flipBit } of offer(this.#emulation, memory.length, monotonic())) {
      const bytes = Buffer.from(memory)
      if (flipBit !== undefined) bytes[flipBit >> 3] = (bytes[flipBit >> 3] ?? 0) ^ (1 << (flipBit & 7))
      this.#line.add(at, { bytes, counts })
    }
    if (!this.#running) void this.#run()
  }

  async #run(): Promise<void> {
    this.#running = true
    for (let due = this.#line.dueAt; due !== undefined && !this.#ended; due = this.#line.dueAt) {
      const now = monotonic()
      const next = this.#line.take(now)
      if (!next) {
        await this.#passage.pause(Math.min(due - now, LONGEST_PAUSE_MS))
        continue
      }
      this.lateMs = Math.max(this.lateMs, now - next.at)
      const { bytes, counts } = next.item
      if (await this.#passage.handOn(bytes)) counts.passed++
      else counts.refused++
    }
    this.#running = false
  }
}
