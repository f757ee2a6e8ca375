/** Heat maps on a terminal: cells that hold figures, shaded by how large they are; the longer sweep runs downwards. */
import { given } from '../../base/given.ts'
import { REFUSED } from './canvas.ts'
import { wrapLegend } from './chart-legend.ts'
import type { HeatMap, HeatSpec } from './chart-spec.ts'
import { heatScale } from './chart-units.ts'
import { capital, wrapWords } from './text.ts'
import { type Colors, paintLine } from './tones.ts'

const SHADES = [' ', '░', '▒', '▓', '█']
/** Blanks between maps that stand beside each other. */
const GAP = 3

/** Lines of at most `width` columns: maps beside each other as far as they fit, and one that is too wide in parts. */
export function heatLines(spec: HeatSpec, width: number, colors: Colors): readonly string[] {
  const { x, y, maps } = spec
  const cellOf = cellsOf(spec)
  const cells = maps.map(map =>
    x.values.map((_, down) => y.values.map((_, across) => cellOf(map, down, across))),
  )
  const texts = cells.flat(2).map(({ text }) => text)
  const gutter = Math.max(...x.labels.map(each => each.length))
  const cellWidth = Math.max(...texts.map(each => each.length + 3), ...y.labels.map(each => each.length))
  const most = Math.max(1, Math.floor((width - gutter) / (cellWidth + 1)))
  const parts = inGroups([...y.values.keys()], most)
  const panels = maps.flatMap(({ name, color }, index) =>
    parts.map(part => {
      const paint = (text: string) => paintLine(text, color, colors)
      const lineOf = (label: string, columns: readonly string[]) =>
        [label.padStart(gutter), ...columns].join(' ')
      const panelWidth = gutter + part.length * (cellWidth + 1)
      return [
        paint(name.length > panelWidth ? `${name.slice(0, panelWidth - 1)}…` : name.padEnd(panelWidth)),
        lineOf(
          '',
          part.map(across => (y.labels[across] ?? '').padStart(cellWidth)),
        ),
        ...x.labels.map((label, down) =>
          lineOf(
            label,
            part.map(across => {
              const { text = '', shade = ' ' } = cells[index]?.[down]?.[across] ?? {}
              return paint(`${shade.repeat(cellWidth - text.length - 1)} ${text}`)
            }),
          ),
        ),
      ]
    }),
  )
  const widest = gutter + (parts[0]?.length ?? 0) * (cellWidth + 1)
  const rows = inGroups(panels, Math.max(1, Math.floor((width + GAP) / (widest + GAP))))
  const legend = given(
    `${SHADES.join('').trim()} the more, the fuller`,
    texts.includes(REFUSED) && `${REFUSED} refused`,
  )
  return [
    ...wrapWords(`${capital(x.title)} downwards, ${y.title} across.`, width),
    ...rows.flatMap((group, index) => [
      ...(index > 0 ? [''] : []),
      ...(group[0] ?? []).map((_, line) =>
        group
          .map(panel => panel[line])
          .join(' '.repeat(GAP))
          .trimEnd(),
      ),
    ]),
    ...wrapLegend(legend, width),
  ]
}

/** Figures all in one unit; nothing where nothing was measured. */
function cellsOf(spec: HeatSpec) {
  const { place, format } = heatScale(spec)
  return (
    { cells }: HeatMap,
    down: number,
    across: number,
  ): { readonly text: string; readonly shade: string } => {
    const cell = cells.find(({ x, y }) => x === down && y === across)
    if (cell?.value === undefined) return { text: cell ? REFUSED : '', shade: ' ' }
    const text = format(cell.value)
    return {
      text,
      shade:
        SHADES[cell.value === 0 ? 0 : Math.max(1, Math.round(place(cell.value) * (SHADES.length - 1)))] ??
        ' ',
    }
  }
}

function inGroups<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return items.flatMap((_, at) => (at % size === 0 ? [items.slice(at, at + size)] : []))
}
