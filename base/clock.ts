/** Monotonic clock in milliseconds. Its origin belongs to the host, not the process, so readings from two processes are comparable. */
export type Clock = () => number

/**
 * CLOCK_MONOTONIC (Linux, BSD), mach_continuous_time (macOS) or QPC (Windows). `performance.now()` starts at 0 in each process, so it
 * cannot be compared.
 */
export const monotonic: Clock = () => Number(process.hrtime.bigint()) / 1e6
