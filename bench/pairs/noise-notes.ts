/** What `--noise` made of the effects that count: told, since it may hide a change, or have nothing to say of a case. Pure. */

import { deltaFor } from '../../results/compare/judge.ts'
import { formatDelta } from '../../results/compare/words.ts'
import { type Cell, describeCell, tellingFields } from '../../results/schema/cells.ts'
import type { NoiseOfCell } from './noise.ts'

interface NoiseNote {
  readonly message: string
  readonly remedy: string
}

/**
 * @param cells those that are compared
 * @param delta what would count without noise, as a share
 * @param path of the A/A run
 */
export function noiseNotes(
  cells: readonly Cell[],
  noise: NoiseOfCell,
  delta: number,
  path: string,
): readonly NoiseNote[] {
  const fields = tellingFields(cells)
  const raised = cells.flatMap(cell => {
    const least = deltaFor(noise(cell), delta)
    return least > delta ? [`${formatDelta(least)} for ${describeCell(cell, fields)}`] : []
  })
  const unknown = cells.filter(cell => noise(cell) === undefined).map(cell => describeCell(cell, fields))
  return [
    ...(raised.length > 0
      ? [
          {
            message: `three times the noise in ${path} is the least change that counts: ${list(raised)}`,
            remedy: 'smaller ones need a quieter machine, or more rounds there and here',
          },
        ]
      : []),
    ...(unknown.length > 0
      ? [
          {
            message: `${path} does not tell the noise of ${list(unknown)}: a change of ${formatDelta(delta)} counts`,
            remedy: 'measure these cases with bench aa --out FILE too, in 6 rounds or more',
          },
        ]
      : []),
  ]
}

function list(items: readonly string[]): string {
  return items.length > MOST
    ? `${items.slice(0, MOST).join('; ')} and ${items.length - MOST} more`
    : items.join('; ')
}

const MOST = 4
