/** Which cases of which pairs have been measured, in this run or before it was broken off. */
import { type Cell, cellOf } from '../../../results/schema/cells.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import type { Case } from '../../../scenarios/plan.ts'
import type { Measured } from '../../measure/run.ts'
import { caseKey, cellsOfCase } from '../check/planned-cells.ts'

/** Its names, which of several times, and whether it was alone. */
type Visit = Pick<TrialRecord, 'round' | 'pair_from' | 'pair_to' | 'fleet_alone'>

export class Done {
  readonly #keys = new Set<string>()

  /** @param known rows of before */
  constructor(known: readonly TrialRecord[]) {
    for (const each of known) this.add(each)
  }

  has(each: Case, visit: Visit): boolean {
    if (this.#keys.size === 0) return false
    return cellsOfCase(each).every(cell => this.#keys.has(keyOf(visit, each.scenario, cell)))
  }

  /** Yields the same: a pair that is tried again lacks only what it had not. */
  async *noting(rows: AsyncGenerator<Measured>): AsyncGenerator<Measured> {
    for await (const measured of rows) {
      this.add(measured.record)
      yield measured
    }
  }

  add(record: TrialRecord): void {
    this.#keys.add(keyOf(record, record.scenario, cellOf(record)))
  }
}

/** Addresses of the hosts decide the IP version, which is not known before a pair is connected. */
function keyOf(
  { round, pair_from, pair_to, fleet_alone = false }: Visit,
  scenario: string,
  cell: Cell,
): string {
  const key = caseKey({ ...cell, ip_family: 4 })
  return JSON.stringify([round, pair_from, pair_to, fleet_alone, scenario, key])
}
