/** Ends open transfers that are silent, too slow or too long. Without counts from the sender, nothing else ends them. */
import { monotonic } from '../../base/clock.ts'
import { deliverWaiting } from '../../base/waiting.ts'
import type { ReceiveOptions } from '../contract/transport.ts'
import { slowness } from '../payload/limits.ts'
import type { Endings } from './endings.ts'
import { isOpenQuestion } from './report.ts'
import type { Sources } from './sources.ts'
import { DUPLICATE_MS } from './transfer.ts'

/** The shortest interval between checks of the open transfers. */
const LEAST_SWEEP_MS = 5
const MOST_SWEEP_MS = 250

export class DatagramWatch implements Disposable {
  readonly #sources: Sources
  readonly #options: ReceiveOptions
  readonly #endings: Endings
  #timer: NodeJS.Timeout | undefined
  #disposed = false

  constructor(sources: Sources, options: ReceiveOptions, endings: Endings) {
    this.#sources = sources
    this.#options = options
    this.#endings = endings
  }

  /** There is an open transfer: start checking. */
  begin(): void {
    const { quietMs } = this.#options
    if (quietMs === undefined || this.#timer) return
    const everyMs = Math.min(MOST_SWEEP_MS, Math.max(LEAST_SWEEP_MS, quietMs / 10))
    this.#timer = setTimeout(() => void this.#sweep(quietMs), everyMs)
  }

  [Symbol.dispose](): void {
    this.#disposed = true
    clearTimeout(this.#timer)
  }

  async #sweep(quietMs: number): Promise<void> {
    await deliverWaiting()
    if (this.#disposed) return
    this.#timer = undefined
    const now = monotonic()
    let left = 0
    for (const source of this.#sources) {
      const { open } = source
      if (!open) continue
      const silentMs = now - open.arrivedAt
      const all = open.announcedBytes !== undefined && open.bytes === open.announcedBytes
      if (isOpenQuestion(open) && all && silentMs >= Math.min(DUPLICATE_MS, quietMs)) {
        // Nothing followed: it was a duplicate header, or the last chunk.
        open.doubt = undefined
        this.#endings.look(source, open)
        continue
      }
      open.failure ??= slowness(this.#options, open.begunAt, open.bytes, now)
      if (open.failure || silentMs >= quietMs) this.#endings.finish(source, open)
      else left++
    }
    if (left > 0) this.begin()
  }
}
