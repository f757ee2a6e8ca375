/** Which messages an agent understands. */

/** Increment when a message changes its meaning; identifies agents of other builds. */
export const AGENT_PROTOCOL = 5
export const OLDEST_AGENT_PROTOCOL = 1
/** The first versions that know these flags; earlier ones would ignore them. */
export const SINCE = { fps: 5, frames: 5, payload: 4, plugin: 3, workload: 3, verify: 2, batch: 2 } as const
