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
