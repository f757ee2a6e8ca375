/** Tracks what the agent of a session is doing: one job at a time, and each step of it once. Pure. */
import type { FromAgent, FromClient } from '../calls/agent-calls.ts'

interface Work {
  readonly trial: number
  /** The message that follows the preparation; undefined if there is none, or it has arrived. */
  next: 'go' | 'settle' | undefined
  readonly until: readonly FromAgent['type'][]
}

/** How to handle a message: `refused` is reported to the client, `stale` belongs to a finished trial or is a duplicate. */
export type Turn = 'follow' | 'refused' | 'stale'

/**
 * Our own client waits for each answer and never notices this. Another client could prepare twice and so run two trials at once, each at
 * the maximum rate and with the memory allowed for one.
 */
export class Turns {
  #work: Work | undefined
  #latest: number | undefined

  get busy(): boolean {
    return this.#work !== undefined
  }

  take(message: FromClient): Turn {
    const { type, trial } = message
    switch (type) {
      case 'prepare':
      case 'warm-up':
        return this.#work ? 'refused' : 'follow'
      case 'go':
      case 'settle':
        return this.#work?.trial === trial && this.#work.next === type ? 'follow' : 'stale'
      default:
        return this.#latest === trial ? 'follow' : 'stale'
    }
  }

  /** Call when the message has been passed to the agent. */
  told(message: FromClient): void {
    const { type, trial } = message
    if (type === 'warm-up') this.#work = { trial, next: undefined, until: ['ready', 'failed'] }
    else if (type === 'prepare') {
      const next = message.role === 'send' ? 'go' : 'settle'
      this.#work = { trial, next, until: ['send-report', 'receive-report', 'failed'] }
      this.#latest = trial
    } else if (this.#work?.next === type) this.#work.next = undefined
  }

  /** True if this message ends the agent's current job. */
  ended({ type, trial }: FromAgent): boolean {
    if (this.#work?.trial !== trial || !this.#work.until.includes(type)) return false
    this.#work = undefined
    return true
  }
}
