/** V8 settings for the thread that runs an end. */
import { setFlagsFromString } from 'node:v8'

/** Command line flags that Node 20 to 26 all accept. */
export const V8_FLAGS = [
  // Compile everything: leave nothing to the interpreter.
  '--always-sparkplug',
  // The thread collects garbage itself, between trials: a helper thread might wait for its CPU while a clock is running.
  '--expose-gc',
  '--single-threaded-gc',
] as const

/** Before V8 12 a function was optimized after some thousand transfers; since then, after some hundred, and the flag no longer exists. */
const SOON = '--interrupt-budget=10000'
const LAST_SLOW_V8 = 11

/** Call before creating the thread. */
export function optimizeSoon(): void {
  if (Number.parseInt(process.versions.v8, 10) <= LAST_SLOW_V8) setFlagsFromString(SOON)
}

/** Collects garbage now rather than while a clock is running. Does nothing without the flags. */
export function collectGarbage(): void {
  globalThis.gc?.({ type: 'minor' })
}
