/** Settings in which sets differ that are held against each other: another rate, another engine. Pure. */
import { groupBy } from '../../base/groups.ts'
import { joinWords } from '../document/text.ts'
import { CELL_FIELDS, type CellField, describeField } from '../schema/cells.ts'
import { columnOf } from '../schema/columns.ts'
import type { Contest } from './contests.ts'
import { labelsOf } from './words.ts'

/** `Settings differ: udp-header and udp-marker paced at 50.0 Mbit/s by --rate.`; undefined where none does. */
export function unlikeSettings(contests: readonly Contest[]): string | undefined {
  const clauses = new Set(contests.flatMap(each => FIELDS.flatMap(field => clausesOf(each, field))))
  return clauses.size === 0 ? undefined : `Settings differ: ${[...clauses].join('; ')}.`
}

const FIELDS = CELL_FIELDS.filter(field => field !== 'transport' && field !== 'side')

/** What one of two transports does not know, as a delay or a buffer that comes with it, is no choice; no rate is one. */
function clausesOf({ comparison, row, tried }: Contest, field: CellField): readonly string[] {
  const isRate = columnOf(field).unit === 'bit/s'
  const labels = labelsOf(comparison)
  const known = tried.flatMap(set =>
    (row.parts[set] ?? [])
      .map(({ trials }) => ({ cell: trials.cell, label: labels[set] ?? '' }))
      .filter(({ cell }) => isRate || cell[field] !== undefined),
  )
  if (new Set(known.map(({ cell }) => cell[field])).size < 2) return []
  const words = WORDS[field] ?? String
  const given = known.filter(({ cell }) => cell[field] !== undefined)
  return [...groupBy(given, ({ cell }) => words(describeField(cell, field)))].map(
    ([text, alike]) => `${joinWords([...new Set(alike.map(({ label }) => label))])} ${text}`,
  )
}

const WORDS: Readonly<Partial<Record<CellField, (text: string) => string>>> = {
  rate_bps: text => `paced ${text} by --rate`,
  engine: text => `on engine ${text}`,
}
