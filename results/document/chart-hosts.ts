/** Maps of hosts by hosts on a terminal: a shade for each pair, the fuller the better. The tables have the figures. */
import stringWidth from 'string-width'
import { maximum } from '../../base/groups.ts'
import { wrapLegend } from './chart-legend.ts'
import type { HostMap, HostsSpec } from './chart-spec.ts'
import { heatScale } from './chart-units.ts'
import { wrapWords } from './text.ts'

const SHADES = ['░', '▒', '▓', '█']
const NEVER = '·'
const MISSING = '?'
const MOST_LETTERS = 24

/** Lines of at most `width` columns; none where the hosts are too many for that. */
export function hostLines({ senders, receivers, maps }: HostsSpec, width: number): readonly string[] {
  const labels = senders.map(name => [...name].slice(0, MOST_LETTERS).join(''))
  const gutter = maximum(labels.map(label => stringWidth(label))) + 5
  const cell = [2, 1].find(each => gutter + each * receivers.length <= width)
  if (cell === undefined) return []
  const head = receivers.map((_, index) => String((index + 1) % 10).padEnd(cell)).join('')
  const lines = maps.flatMap((map, index) => {
    const { shadeOf, legend } = shadesOf(map)
    return [
      ...(index > 0 ? [''] : []),
      ...wrapWords(`${map.name}: ${legend}`, width),
      `${' '.repeat(gutter)}${head}`.trimEnd(),
      ...senders.map((name, row) => {
        const label = labels[row] ?? ''
        const cells = receivers.map((to, column) =>
          (to === name ? NEVER : shadeOf(map.cells[row]?.[column]?.value)).repeat(cell),
        )
        const pad = ' '.repeat(gutter - 4 - stringWidth(label))
        return `${String(row + 1).padStart(3)} ${label}${pad}${cells.join('')}`
      }),
    ]
  })
  // Elsewhere the numbers of columns are those of rows.
  const isSame = senders.length === receivers.length && senders.every((name, at) => name === receivers[at])
  const columns = receivers.map((name, index) => `${index === 0 ? 'columns: ' : ''}${index + 1} ${name}`)
  return isSame ? lines : [...lines, ...wrapLegend(columns, width)]
}

function shadesOf({ value, worse, cells }: HostMap) {
  const { place, format, unit, least, most } = heatScale({
    value,
    maps: [{ cells: cells.flat().flatMap(each => each ?? []) }],
  })
  const bounds = [format(value.log ? least : 0), format(most)]
  const [worst, best] = worse === 'less' ? bounds : bounds.toReversed()
  const shadeOf = (figure: number | undefined): string => {
    if (figure === undefined) return MISSING
    const goodness = worse === 'less' ? place(figure) : 1 - place(figure)
    return SHADES[Math.min(SHADES.length - 1, Math.floor(goodness * SHADES.length))] ?? MISSING
  }
  return { shadeOf, legend: `${SHADES[0]} ${worst} to ${SHADES.at(-1)} ${best} ${unit}` }
}
