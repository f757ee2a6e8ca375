/** Which messages an agent understands. */

/** Increment when a message changes its meaning; identifies agents of other builds. */
export const AGENT_PROTOCOL = 3
/** Versions before `SINCE_CHOICES` do not know `--batch` or `--verify`, and would ignore them. */
export const OLDEST_AGENT_PROTOCOL = 1
export const SINCE_CHOICES = 2
/** Earlier ones do not know `--plugin`. */
export const SINCE_PLUGINS = 3
