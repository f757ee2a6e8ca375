/** How V8 runs the thread that is an end. */
import { setFlagsFromString } from 'node:v8'

/** For the command line: what Node 20 to 26 all know. */
export const V8_FLAGS = [
  // Nothing is left to the interpreter.
  '--always-sparkplug',
  // Garbage is collected by the thread itself, between trials: a thread that helps may wait for its CPU while a clock runs.
  '--expose-gc',
  '--single-threaded-gc',
] as const

/** Before V8 12 a function was optimized after some thousand transfers; since then after some hundred, and there is no such flag. */
const SOON = '--interrupt-budget=10000'
const LAST_SLOW_V8 = 11

/** Before the thread is made. */
export function optimizeSoon(): void {
  if (Number.parseInt(process.versions.v8, 10) <= LAST_SLOW_V8) setFlagsFromString(SOON)
}

/** Now rather than while a clock runs. Does nothing where the flags were not given. */
export function collectGarbage(): void {
  globalThis.gc?.({ type: 'minor' })
}
