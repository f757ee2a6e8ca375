/** Colours of a terminal. */
import type picocolors from 'picocolors'
import type { Tone } from './model.ts'

export type Colors = ReturnType<typeof picocolors.createColors>

const COLORS = { good: 'green', bad: 'red', caution: 'yellow', dim: 'dim' } as const satisfies Record<
  Tone,
  keyof Colors
>

export function paint(text: string, tone: Tone | undefined, colors: Colors): string {
  return tone === undefined ? text : colors[COLORS[tone]](text)
}

/** As the lines of pictures: colours that no verdict has come first. */
const LINES = ['cyan', 'yellow', 'magenta', 'green', 'blue', 'gray'] as const satisfies (keyof Colors)[]

/** A line of a chart has the colour of its number. */
export function paintLine(text: string, line: number, colors: Colors): string {
  return colors[LINES[line % LINES.length] ?? 'cyan'](text)
}
