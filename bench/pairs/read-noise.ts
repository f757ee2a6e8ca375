/** Reads the noise from a file of `bench aa`. */

import { UsageError } from '../../base/errors.ts'
import { comparedColumns } from '../../results/compare/compare-sets.ts'
import type { Metric } from '../../results/compare/metrics.ts'
import { readTrials } from '../../results/read/read.ts'
import { environmentValues, type TrialSet } from '../../results/read/trial-set.ts'
import { cellKey } from '../../results/schema/cells.ts'
import { elsewhere } from '../fleet/facts/elsewhere.ts'
import { type CellNoise, noiseOfSides } from './noise.ts'

export interface StoredNoise {
  readonly cells: readonly CellNoise[]
  /** What could not be used, a line each. */
  readonly problems: readonly string[]
}

/** @throws UsageError when it cannot be read, is not of an A/A run, or is of another machine, whose noise says nothing here */
export async function readNoise(path: string, metric: Metric): Promise<StoredNoise> {
  const { sets, problems } = await readTrials([path], { ...comparedColumns(metric), by: 'side' })
  const [a, b] = ['a', 'b'].map(side => sets.find(each => each.label === side))
  if (!a || !b) throw new UsageError(`--noise ${path}: it does not hold two sides; ${REMEDY}`)
  if (!areEqual(a, b)) throw new UsageError(`--noise ${path}: its sides are not equal; ${REMEDY}`)
  const difference = elsewhere(a, ['os', 'arch', 'cpu_model', 'cpu_count'])
  if (difference !== undefined)
    throw new UsageError(
      `--noise ${path}: it is from another machine (${difference}); ${REMEDY} on this machine`,
    )
  return { cells: noiseOfSides([a, b], metric), problems: problems.map(each => each.message) }
}

const REMEDY = 'write it with bench aa --out FILE'

/** Whether both sides have the same cells, measured by the same programs. */
function areEqual(a: TrialSet, b: TrialSet): boolean {
  const essence = (set: TrialSet) =>
    JSON.stringify([
      set.cells.map(({ cell }) => cellKey({ ...cell, side: undefined })).sort(),
      ...(['node_version', 'bench_version'] as const).map(column =>
        environmentValues(set, column).toSorted(),
      ),
    ])
  return essence(a) === essence(b)
}
