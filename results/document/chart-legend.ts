/** The legend below a chart on a terminal. */
import stringWidth from 'string-width'
import { wrapWords } from './text.ts'

/** Entries beside each other as far as they fit; one that is longer than a line goes on below. */
export function wrapLegend(
  entries: readonly string[],
  width: number,
  paint: (text: string, index: number) => string = String,
): readonly string[] {
  const lines: string[] = []
  let free = 0
  entries.forEach((entry, index) => {
    const length = stringWidth(entry) + 3
    if (length <= free) lines.push(`${lines.pop()}   ${paint(entry, index)}`)
    else lines.push(...wrapWords(`  ${entry}`, width, '    ').map(text => paint(text, index)))
    free = (length <= free ? free : width + 1) - length
  })
  return lines
}
