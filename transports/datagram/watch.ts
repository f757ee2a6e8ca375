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

export interface Watch extends Disposable {
  /** There is an open transfer: start checking. */
  begin(): void
}

export function watchTransfers(sources: Sources, options: ReceiveOptions, endings: Endings): Watch {
  const { quietMs } = options
  let timer: NodeJS.Timeout | undefined
  let disposed = false

  const begin = () => {
    if (quietMs === undefined || timer) return
    const everyMs = Math.min(MOST_SWEEP_MS, Math.max(LEAST_SWEEP_MS, quietMs / 10))
    timer = setTimeout(() => void sweep(quietMs), everyMs)
  }

  const sweep = async (quietMs: number) => {
    await deliverWaiting()
    if (disposed) return
    timer = undefined
    const now = monotonic()
    let left = 0
    for (const source of sources) {
      const { open } = source
      if (!open) continue
      const silentMs = now - open.arrivedAt
      const all = open.announcedBytes !== undefined && open.bytes === open.announcedBytes
      if (isOpenQuestion(open) && all && silentMs >= Math.min(DUPLICATE_MS, quietMs)) {
        // Nothing followed: it was a duplicate header, or the last chunk.
        open.doubt = undefined
        endings.look(source, open)
      } else {
        open.failure ??= slowness(options, open.begunAt, open.bytes, now)
        if (open.failure || silentMs >= quietMs) endings.finish(source, open)
      }
      if (source.open) left++
    }
    if (left > 0) begin()
  }

  return {
    begin,
    [Symbol.dispose]() {
      disposed = true
      clearTimeout(timer)
    },
  }
}
