/** Maps of hosts by hosts on a terminal: a shade for each pair, the fuller the better. The tables have the figures. */
import type { HostMap, HostsSpec } from './chart-spec.ts'
import { heatScale } from './chart-units.ts'

const SHADES = ['░', '▒', '▓', '█']
const NEVER = '·'
const MISSING = '?'
const MOST_LETTERS = 24

/** Lines of at most `width` columns; none where the hosts are too many for that. */
export function hostLines({ senders, receivers, maps }: HostsSpec, width: number): readonly string[] {
  const gutter = Math.min(MOST_LETTERS, Math.max(...senders.map(name => [...name].length))) + 5
  const cell = [2, 1].find(each => gutter + each * receivers.length <= width)
  if (cell === undefined) return []
  const head = receivers.map((_, index) => String((index + 1) % 10).padEnd(cell)).join('')
  return maps.flatMap((map, index) => {
    const { shadeOf, legend } = shadesOf(map)
    return [
      ...(index > 0 ? [''] : []),
      `${map.name}: ${legend}`.slice(0, width),
      `${' '.repeat(gutter)}${head}`.trimEnd(),
      ...senders.map((name, row) => {
        const label = [...name].slice(0, MOST_LETTERS).join('')
        const cells = receivers.map((to, column) =>
          (to === name ? NEVER : shadeOf(map.cells[row]?.[column]?.value)).repeat(cell),
        )
        return `${String(row + 1).padStart(3)} ${label.padEnd(gutter - 4)}${cells.join('')}`
      }),
    ]
  })
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
