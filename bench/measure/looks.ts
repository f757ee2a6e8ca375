/** Rounds whose number is not fixed: looks at what was measured, and decides whether another round follows. */
import { type Clock, monotonic } from '../../base/clock.ts'
import { type Cell, cellKey, cellOf } from '../../results/schema/cells.ts'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { flowsOf, foldTrial } from '../../results/schema/fold.ts'
import { estimateOf, figureOf, halfWidthOf } from '../../results/statistics/figure.ts'
import type { Until } from '../../scenarios/until.ts'

export interface KnownCase {
  readonly cell: Cell
  /** As a share of its median; undefined while it has no interval. */
  readonly halfWidth: number | undefined
  /** No trial has the figure that it is measured for. */
  readonly empty: boolean
}

export interface Look {
  readonly until: Until
  /** Recorded rounds so far. */
  readonly rounds: number
  /** When the last round may begin, on the clock of this host. */
  readonly endsAt: number
  readonly cases: readonly KnownCase[]
  /** No round follows. */
  readonly over: boolean
}

/** Beyond so many rounds not each is looked at: a look takes the longer the more there are. */
const EACH_ROUND = 50

export class Looks {
  readonly #until: Until
  readonly #clock: Clock
  readonly #endsAt: number
  readonly #looked: (look: Look) => void
  readonly #cases = new Map<string, TrialRecord[]>()
  #next = 0

  /** Time counts from now on. @param looked called with each look */
  constructor(until: Until, looked: (look: Look) => void = () => {}, clock: Clock = monotonic) {
    this.#until = until
    this.#clock = clock
    this.#endsAt = clock() + until.withinMs
    this.#looked = looked
    looked({ until, rounds: 0, endsAt: this.#endsAt, cases: [], over: false })
  }

  /** @param rows those of a trial: one a flow */
  add(rows: readonly TrialRecord[]): void {
    for (const record of flowsOf(rows).trials.map(foldTrial)) {
      const key = cellKey(record)
      const records = this.#cases.get(key)
      if (records) records.push(record)
      else this.#cases.set(key, [record])
    }
  }

  /** Whether another round follows: a case is not known well, and there is time left. @param rounds recorded so far */
  another(rounds: number): boolean {
    const late = this.#clock() >= this.#endsAt
    if (!late && rounds < this.#next) return true
    this.#next = rounds + Math.max(1, Math.floor(rounds / EACH_ROUND))
    const cases = [...this.#cases.values()].map(known)
    const over = late || wideCases(this.#until, cases).length === 0
    this.#looked({ until: this.#until, rounds, endsAt: this.#endsAt, cases, over })
    return !over
  }
}

/** The cases that rounds go on for. One without a figure (all was refused, say) would never get one. */
export function wideCases({ share }: Until, cases: readonly KnownCase[]): readonly KnownCase[] {
  return cases.filter(({ halfWidth, empty }) => !empty && !(halfWidth !== undefined && halfWidth <= share))
}

function known(records: readonly TrialRecord[]): KnownCase {
  const [first] = records
  if (!first) throw new Error('a case without a trial')
  const estimate = estimateOf(records, figureOf(records))
  return { cell: cellOf(first), halfWidth: estimate && halfWidthOf(estimate), empty: estimate === undefined }
}
