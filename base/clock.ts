/** Milliseconds on a monotonic clock whose origin is the host's, not the process's: two processes read the same. A leaf. */
export type Clock = () => number

/**
 * CLOCK_MONOTONIC (Linux, BSD), mach_continuous_time (macOS) or QPC (Windows), in milliseconds.
 * `performance.now()` would not do: its origin is the start of the process.
 */
export const monotonic: Clock = () => Number(process.hrtime.bigint()) / 1e6
