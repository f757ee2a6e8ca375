/** What systems differ in, as blocks. */
import { groupBy, tellApart } from '../../base/groups.ts'
import { formatBytes } from '../../base/units.ts'
import { type Column, column, figureCell, tableOfColumns } from '../document/figures.ts'
import { tableOfMatrix } from '../document/matrix.ts'
import type { Block, Matrix, Text } from '../document/model.ts'
import { joinWords } from '../document/text.ts'
import { tellingFields } from '../schema/cells.ts'
import { nameOfRow, orderOf } from './block.ts'
import { namedValues, SWEPT, valuesMatrix } from './block-facts.ts'
import { figuresBlock } from './block-figures.ts'
import type { Comparison, SystemLimit, Systems } from './comparison.ts'
import { keyOf } from './fields.ts'
import { labelsOf, titleOf } from './words.ts'

/** Limits and refusals, defaults that differ, one scenario side by side, and what may be concluded; nothing where all sets are of one system. @param alone the table of all figures does not follow */
export function systemsBlocks(comparison: Comparison, alone = true): readonly Block[] {
  const { systems } = comparison
  if (!systems) return []
  const names = tellApart(orderOf(comparison).map(set => systems.sets[set]?.name ?? ''))
  return [
    ...limitsBlocks(comparison, systems),
    ...matrixBlocks(
      valuesMatrix(comparison, 'what sockets asked for and were given', namedValues(systems.given)),
      names,
    ),
    ...matrixBlocks(sideBySide(comparison, alone), names),
    {
      kind: 'list',
      items: [
        [{ strong: 'May be concluded' }, `: ${systems.may}.`],
        [{ strong: 'May not be' }, `: ${systems.mayNot}.`],
      ],
    },
  ]
}

interface Line extends SystemLimit {
  readonly label: string
  readonly name: string
}

function limitsBlocks(comparison: Comparison, { sets }: Systems): readonly Block[] {
  const labels = labelsOf(comparison)
  const lines = orderOf(comparison).flatMap(set => {
    const { name = '', limits = [] } = sets[set] ?? {}
    return limits.map((limit): Line => ({ ...limit, name, label: labels[set] ?? '' }))
  })
  if (lines.length === 0) return []
  const text = (title: string, of: (line: Line) => string) =>
    column(title, 'left', lines, line => ({ text: of(line) }))
  const bytes = (title: string, of: (line: Line) => number | undefined) =>
    column(title, 'right', lines, line => figureCell(of(line), formatBytes))
  const needed = (each: Column, usual: string) => (each.cells.some(cell => cell.text !== usual) ? [each] : [])
  const table = tableOfColumns('largest datagrams by system', [
    ...(lines.every(each => each.label === each.name)
      ? []
      : [text(comparison.by === undefined ? 'file' : titleOf(comparison.by), each => each.label)]),
    text('system', each => each.name),
    ...needed(
      text('IP', each => `IPv${each.ipFamily}`),
      'IPv4',
    ),
    ...needed(
      bytes('SO_SNDBUF asked', each => each.sndbufAskedBytes),
      '–',
    ),
    bytes('taken', each => each.largestAcceptedBytes),
    bytes('refused', each => each.smallestRefusedBytes),
    bytes('expected', each => each.expectedBytes),
    text('verdict', verdictOf),
  ])
  const causes = groupBy(
    lines.filter(each => each.cause !== undefined),
    each => each.cause,
  )
  return [
    {
      kind: 'table',
      table: { ...table, captioned: true, forms: [() => table, () => ({ ...table, gap: 1 })] },
    },
    {
      kind: 'list',
      items: [
        ...[...causes].map(
          ([cause, of]): Text => [
            { strong: joinWords([...new Set(of.map(each => each.name))]) },
            `: ${cause}.`,
          ],
        ),
        ...(lines.some(each => each.agreement === 'fits') ? [['fits: as far as was tried.']] : []),
      ],
    },
  ]
}

function verdictOf({ emulated, agreement, expectedBytes }: Line): string {
  if (emulated) return 'emulated'
  return agreement ?? (expectedBytes === undefined ? '' : 'stand-in')
}

/** Medians at the largest size and chunk of which every set has a figure over each transport; without verdicts, which would be of machines. */
function sideBySide(comparison: Comparison, alone: boolean): Matrix | undefined {
  const { rows, fields } = comparison
  const groups = [...groupBy(rows, ({ cell }) => keyOf(cell, SWEPT)).values()]
  const alike = groups.filter(each => each.every(row => row.estimates.every(Boolean))).at(-1)
  const [first] = alike ?? []
  if (!alike || !first || (!alone && groups.length === 1)) return undefined
  const { changeTitle: _, title, ...matrix } = figuresBlock({ ...comparison, rows: alike, geomeans: [] })
  const swept = tellingFields(rows.map(({ cell }) => cell)).filter(
    each => SWEPT.includes(each) && fields.includes(each),
  )
  return {
    ...matrix,
    title:
      swept.length === 0 ? title : `${title}, ${nameOfRow(first.cell, swept)}: the largest that all took`,
    rows: matrix.rows.map(row => ({ ...row, entries: row.entries.map(({ change: _, ...entry }) => entry) })),
  }
}

function matrixBlocks(matrix: Matrix | undefined, labels: readonly string[]): readonly Block[] {
  return matrix ? [{ kind: 'table', table: tableOfMatrix({ ...matrix, labels }) }] : []
}
