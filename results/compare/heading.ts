/** The headings and notes around the tables of a comparison. */
import { harmlessName } from '../../base/foreign-text.ts'
import { given } from '../../base/given.ts'
import { counted, formatCount } from '../../base/units.ts'
import { describeCells } from '../document/heading.ts'
import { listed } from '../document/text.ts'
import { CELL_FIELDS, describeCell, shorten } from '../schema/cells.ts'
import { orderedLabels, orderOf, shownFields } from './block.ts'
import { visibleRows } from './block-figures.ts'
import type { Comparison, Troubles } from './comparison.ts'
import { labelsOf, titleOf } from './words.ts'

/** `goodput by engine: native against node` */
export function titleOfComparison(comparison: Comparison): string {
  const [base = '', ...others] = orderedLabels(comparison)
  const by = comparison.by === undefined ? '' : ` by ${titleOf(comparison.by)}`
  const against = others.length > 0 ? `${listed(others)} against ${base}` : base
  return `${comparison.metric.title}${by}: ${against}`
}

/** `819,200 B, chunk 1,024 B, unpaced, IPv4, this host`: what all trials have in common, and how they were chosen. */
export function commonOf({ rows, common, filter }: Comparison): string {
  const [first] = rows
  if (!first) return ''
  const unlike = CELL_FIELDS.filter(field => !common.includes(field))
  const chosen = filter !== undefined && `only ${harmlessName(filter)}`
  return given(...describeCells([first.cell], unlike), chosen).join(', ')
}

/** Notes in place of tables that would be empty. */
export function quietNotes(comparison: Comparison): readonly string[] {
  const { rows, metric } = comparison
  const datagrams = rows.filter(row => row.losses.some(Boolean))
  const lossless = datagrams.filter(row => row.losses.every(each => !each || each.lost === 0))
  const hidden = rows.length - visibleRows(comparison).length
  const notBegun = rows.some(row => row.troubles.some(each => each && each.notBegun > 0))
  const refused = notBegun || rows.some(row => row.refusals.some(each => each && each.refused > 0))
  const datagram = notBegun ? 'No datagram of the payload' : 'No datagram'
  const isLossy = datagrams.length > lossless.length
  const others = lossless.length > 1 ? counted(lossless.length, 'row') : 'row'
  return given(
    hidden > 0 && `${counted(hidden, 'row has', 'rows have')} no ${metric.title} in any set.`,
    !isLossy &&
      datagrams.length > 0 &&
      (refused ? `${datagram} was lost.` : 'No datagram was lost or refused.'),
    isLossy && lossless.length > 0 && `${datagram} was lost in the other ${others} of datagrams.`,
    isLossy && !refused && 'No datagram was refused.',
  )
}

/** `tcp, chunk 1,024 B in a.csv: of 20 trials 1 failed, 2 timed out`: for each cell of each set with trouble. */
export function troubleLines(comparison: Comparison): readonly string[] {
  const labels = labelsOf(comparison)
  const fields = shownFields(comparison)
  return comparison.rows.flatMap(row =>
    orderOf(comparison).flatMap(set => {
      const troubles = row.troubles[set]
      const words = troubles ? troubleWords(troubles) : ''
      if (!troubles || words === '') return []
      const name = describeCell(row.cell, fields)
      return [`${name} in ${labels[set]}: of ${counted(troubles.trials, 'trial')} ${words}`]
    }),
  )
}

function troubleWords({ failed, timedOut, damaged, notBegun, notBegunCodes }: Troubles): string {
  return given(
    failed > 0 && `${formatCount(failed)} failed`,
    timedOut > 0 && `${formatCount(timedOut)} timed out`,
    damaged > 0 && `${formatCount(damaged)} arrived damaged`,
    notBegun > 0 &&
      `${formatCount(notBegun)} never began${notBegunCodes.length > 0 ? ` (${notBegunCodes.map(shorten).join(', ')})` : ''}`,
  ).join(', ')
}
