/** Notes on `--noise`: where it raises the least change that counts, and which cases it does not know. Pure. */

import { given } from '../../base/given.ts'
import { deltaFor } from '../../results/compare/judge.ts'
import { formatDelta } from '../../results/compare/words.ts'
import type { Note } from '../../results/document/model.ts'
import { type Cell, describeCell, tellingFields } from '../../results/schema/cells.ts'
import type { NoiseOfCell } from './noise.ts'

/**
 * @param cells the cells that are compared
 * @param delta the least change that counts without noise, as a share
 * @param path of the A/A run
 */
export function noiseNotes(
  cells: readonly Cell[],
  noise: NoiseOfCell,
  delta: number,
  path: string,
): readonly Required<Note>[] {
  const fields = tellingFields(cells)
  const raised = cells.flatMap(cell => {
    const least = deltaFor(noise(cell), delta)
    return least > delta ? [`${formatDelta(least)} for ${describeCell(cell, fields)}`] : []
  })
  const unknown = cells.filter(cell => noise(cell) === undefined).map(cell => describeCell(cell, fields))
  return given(
    raised.length > 0 && {
      message: `the least change that counts is three times the noise in ${path}: ${list(raised)}`,
      remedy: 'to find smaller changes, use a quieter machine, or more rounds in both runs',
    },
    unknown.length > 0 && {
      message: `${path} has no noise of ${list(unknown)}: a change of ${formatDelta(delta)} counts`,
      remedy: 'measure these cases with bench aa --out FILE, in 6 rounds or more',
    },
  )
}

function list(items: readonly string[]): string {
  return items.length > MOST
    ? `${items.slice(0, MOST).join('; ')} and ${items.length - MOST} more`
    : items.join('; ')
}

const MOST = 4
