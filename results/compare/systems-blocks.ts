/** What systems differ in, as blocks. */
import { groupBy, tellApart } from '../../base/groups.ts'
import { formatBytes } from '../../base/units.ts'
import { type Column, column, figureCell, tableOfColumns } from '../document/figures.ts'
import { tableOfMatrix } from '../document/matrix.ts'
import type { Block, Matrix } from '../document/model.ts'
import { joinWords } from '../document/text.ts'
import { type CellField, describeCell, varyingFields } from '../schema/cells.ts'
import type { System } from '../schema/systems.ts'
import { orderOf } from './block.ts'
import { figuresBlock } from './block-figures.ts'
import type { Comparison, SystemLimit, Systems } from './comparison.ts'
import { keyOf } from './fields.ts'
import { formatValues, labelsOf, titleOf } from './words.ts'

const SWEPT: readonly CellField[] = ['size_bytes', 'chunk_bytes', 'file', 'payload']

/** Limits and refusals, defaults that differ, one scenario side by side, and what may be concluded; nothing where all sets are of one system. */
export function systemsBlocks(comparison: Comparison): readonly Block[] {
  const { systems } = comparison
  if (!systems) return []
  return [
    ...limitsBlocks(comparison, systems),
    ...matrixBlocks(defaultsOf(comparison, systems)),
    ...matrixBlocks(sideBySide(comparison, systems)),
    {
      kind: 'list',
      items: [
        [{ strong: 'May be concluded' }, `: ${systems.may}.`],
        [{ strong: 'May not' }, `: ${systems.mayNot}.`],
      ],
    },
  ]
}

interface Line extends SystemLimit, Pick<System, 'name' | 'standIn'> {
  readonly label: string
}

function limitsBlocks(comparison: Comparison, { sets }: Systems): readonly Block[] {
  const labels = labelsOf(comparison)
  const lines = orderOf(comparison).flatMap(set => {
    const { name = '', standIn, limits = [] } = sets[set] ?? {}
    return limits.map((limit): Line => ({ ...limit, name, standIn, label: labels[set] ?? '' }))
  })
  if (lines.length === 0) return []
  const text = (title: string, of: (line: Line) => string) =>
    column(title, 'left', lines, line => ({ text: of(line) }))
  const bytes = (title: string, of: (line: Line) => number | undefined) =>
    column(title, 'right', lines, line => figureCell(of(line), formatBytes))
  const needed = (each: Column, usual: string) => (each.cells.some(cell => cell.text !== usual) ? [each] : [])
  const table = tableOfColumns('largest datagrams by system', [
    text(comparison.by === undefined ? 'file' : titleOf(comparison.by), each => each.label),
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
    text('', verdictOf),
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
      kind: 'legend',
      lines: [
        ...[...causes].map(
          ([cause, of]) => `${joinWords([...new Set(of.map(each => each.name))])}: ${cause}.`,
        ),
        ...(lines.some(each => each.agreement === 'fits') ? ['fits: as far as was tried.'] : []),
      ],
    },
  ]
}

function verdictOf({ emulated, standIn, agreement }: Line): string {
  return emulated ? 'emulated' : standIn === 'wine' ? 'by wine' : (agreement ?? '')
}

function defaultsOf(comparison: Comparison, { sets, defaults }: Systems): Matrix {
  const order = orderOf(comparison)
  return {
    title: 'socket buffers and TCP where nothing else was asked for',
    fields: [{ title: '', align: 'left' }],
    labels: namesOf(comparison, sets),
    align: 'left',
    rows: defaults.map(({ name, values }) => ({
      fields: [name],
      name,
      entries: order.map(set => ({ value: formatValues(values[set] ?? []) })),
    })),
  }
}

/** Medians at the largest size and chunk of which every set has a figure over each transport; without verdicts, which would be of machines. */
function sideBySide(comparison: Comparison, { sets }: Systems): Matrix {
  const groups = [...groupBy(comparison.rows, ({ cell }) => keyOf(cell, SWEPT)).values()]
  const rows = groups.filter(each => each.every(row => row.estimates.every(Boolean))).at(-1) ?? []
  const [first] = rows
  const { title, ...matrix } = figuresBlock({ ...comparison, rows, geomeans: [] })
  const swept = varyingFields(comparison.rows.map(({ cell }) => cell)).filter(each => SWEPT.includes(each))
  const { transport = '' } = first?.cell ?? {}
  const at = first ? describeCell(first.cell, swept).replace(`${transport}, `, '') : ''
  return {
    title: swept.length === 0 ? title : `${title} at ${at}, the largest that all took`,
    fields: matrix.fields,
    labels: namesOf(comparison, sets),
    align: matrix.align,
    rows: matrix.rows.map(row => ({ ...row, entries: row.entries.map(({ change: _, ...entry }) => entry) })),
  }
}

function namesOf(comparison: Comparison, sets: Systems['sets']): readonly string[] {
  return tellApart(orderOf(comparison).map(set => sets[set]?.name ?? ''))
}

function matrixBlocks(matrix: Matrix): readonly Block[] {
  return matrix.rows.length === 0 ? [] : [{ kind: 'table', table: tableOfMatrix(matrix) }]
}
