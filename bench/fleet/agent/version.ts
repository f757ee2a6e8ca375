/** Which messages an agent understands. */

/** Raised when a message changes its meaning: agents of another build are known by it. */
export const AGENT_PROTOCOL = 2
/** Those before `SINCE_CHOICES` know neither `--batch` nor `--verify`, and would ignore them. */
export const OLDEST_AGENT_PROTOCOL = 1
export const SINCE_CHOICES = 2
