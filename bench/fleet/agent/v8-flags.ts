/** V8 settings for the thread that runs an end. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Command line flags that Node 20 to 26 all accept. */
export const V8_FLAGS = [
  // The thread collects garbage itself, between trials: a helper thread might wait for its CPU while a clock is running.
  '--single-threaded-gc',
] as const

/**
 * What a thread sets once it has loaded; as flags of the command line they make Node compile what it brings compiled, which takes half as
 * long as its start. Agents of builds that do not set them have to be given them (`startWithAllFlags`).
 */
export const LATER_FLAGS = [
  // Compile everything: leave nothing to the interpreter.
  '--always-sparkplug',
  '--expose-gc',
] as const
/** Before V8 12 a function was optimized after some thousand transfers; since then, after some hundred, and the flag no longer exists. */
const SOON = '--interrupt-budget=10000'
const LAST_SLOW_V8 = 11

/** Call in the thread that runs an end. */
export function setLaterFlags(): void {
  for (const flag of LATER_FLAGS) setFlagsFromString(flag)
  if (Number.parseInt(process.versions.v8, 10) <= LAST_SLOW_V8) setFlagsFromString(SOON)
  // A context has it that was made with the flag.
  globalThis.gc ??= runInNewContext('gc')
}

/**
 * Lets V8 optimize functions, or leave all code as it is. With compilations in between, on one CPU 5 % of the transfers of 1 KiB took
 * over 2.9 ms, without them 0.5 ms.
 */
export function optimize(allowed: boolean): void {
  setFlagsFromString(allowed ? '--opt' : '--no-opt')
  // For good: whether V8's other compiler is on by default differs between versions, and cannot be read.
  if (!allowed) setFlagsFromString('--no-maglev')
}

/** Collects garbage now rather than while a clock is running. Does nothing without the flags. */
export function collectGarbage(): void {
  globalThis.gc?.({ type: 'minor' })
}
