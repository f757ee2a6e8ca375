/** Describes the processes that carried the pairs of a run, and whether the sides shared them. Pure. */
import { formatCount } from '../../base/units.ts'
import type { Measured } from '../measure/run.ts'
import { SIDES } from './side-names.ts'

/** `both sides shared 4 pairs of processes, one after the other`; undefined without a record. */
export function describeProcesses(records: readonly Measured[]): string | undefined {
  // Each of the flows of a trial has its own, at the same time.
  const firsts = records.filter(({ record: { flow = 1 } }) => flow === 1)
  const [a, b] = SIDES.map(
    side => new Set(firsts.flatMap(({ record }) => (record.side === side && record.process) || [])),
  )
  if (!a || !b || a.size + b.size === 0) return undefined
  if ([...a].some(number => b.has(number))) return `both sides shared ${pairsOf(new Set([...a, ...b]).size)}`
  const [fewer, more] = [Math.min(a.size, b.size), Math.max(a.size, b.size)]
  const count = fewer === more ? pairsOf(fewer) : `${fewer} to ${pairsOf(more)}`
  return `each side had its own ${count}; intervals and tests account for that`
}

function pairsOf(count: number): string {
  return count === 1 ? '1 pair of processes' : `${formatCount(count)} pairs of processes, one after the other`
}
