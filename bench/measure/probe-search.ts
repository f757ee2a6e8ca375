/** The search for the limits of datagrams: by trials of a few datagrams each, whose size it chooses. */
import { profileLimits } from '../../base/datagram-limits.ts'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { nextSize } from '../../results/statistics/datagram-limits.ts'
import type { Case } from '../../scenarios/plan.ts'
import type { Search } from './search.ts'

/** A single one may be lost for another reason. */
const DATAGRAMS = 3
/** So many trials find any limit, whatever is lost on the way. */
const MOST_TRIALS = 60
/** Linux doubles what is asked for, and counts so many bytes more for a datagram at least. */
const OVERHEAD_BYTES = 512

export class ProbeSearch implements Search {
  readonly stored = { probe: true } as const
  /** Of each pair. */
  readonly #trials = new Map<number, readonly TrialRecord[]>()

  next(pair: number, each: Case): Case | undefined {
    const trials = this.#trials.get(pair) ?? []
    if (each.readLate) return trials.length > 0 ? undefined : flooding(each)
    const size = nextSize(trials, each.ipFamily, profileLimits(each.ipFamily))
    if (size === undefined || trials.length === MOST_TRIALS) return undefined
    return { ...each, chunkBytes: size, sizeBytes: DATAGRAMS * size }
  }

  add(pair: number, rows: readonly TrialRecord[]): void {
    this.#trials.set(pair, [...(this.#trials.get(pair) ?? []), ...rows])
  }
}

/** More than its receive buffer holds. */
function flooding(each: Case): Case {
  const { chunkBytes, socket } = each
  const bytes = 4 * (socket.rcvbufBytes ?? USUAL_RCVBUF_BYTES)
  return { ...each, sizeBytes: chunkBytes * Math.ceil(bytes / (chunkBytes + OVERHEAD_BYTES)) }
}

/** As macOS has it, the largest of the known ones. */
const USUAL_RCVBUF_BYTES = 786_896
