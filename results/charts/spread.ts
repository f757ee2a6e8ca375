/** How values are spread: the axis that shows it, and percentiles in a table. */
import { largestOf, smallestOf } from '../../base/groups.ts'
import { formatCount } from '../../base/units.ts'
import type { Unit } from '../document/chart-spec.ts'
import { figureCell } from '../document/figures.ts'
import { columnFormat } from '../document/format.ts'
import type { Table } from '../document/model.ts'
import { quantile } from '../statistics/quantiles.ts'
import { brief, figuresTable } from './case.ts'

/** From 0 up, unless that would press all values into the last part of the axis. */
export function floorOf(values: readonly number[]): { readonly floor?: number } {
  const [least = 0, most = 0] = [smallestOf(values, Number), largestOf(values, Number)]
  return least > most / 2 && least < most ? { floor: brief(least - (most - least) / 10) } : {}
}

/** A row for each line. */
export function spreadTable(
  caption: string,
  lines: readonly { readonly name: string; readonly values: readonly number[] }[],
  unit: Unit,
): Table {
  const format = columnFormat(
    unit,
    lines.flatMap(({ values }) => quantile(values, 0.5) ?? []),
  )
  return figuresTable(
    caption,
    ['line', 'least', '25 %', 'median', '75 %', 'largest', 'trials'],
    lines.map(({ name, values }) => [
      name,
      ...[0, 0.25, 0.5, 0.75, 1].map(p => figureCell(quantile(values, p), format)),
      figureCell(values.length, formatCount),
    ]),
  )
}
