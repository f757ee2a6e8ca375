/** What the agent of a session is at: one piece of work at a time, and each step of it once. Pure. */
import type { FromAgent } from '../calls/messages.ts'
import type { RemoteToAgent } from '../calls/protocol.ts'

interface Work {
  readonly trial: number
  /** The message that follows the preparation; undefined when none does, or it has come. */
  next: 'go' | 'settle' | undefined
  readonly until: readonly FromAgent['type'][]
}

/** What a message brings about: `refused` is told to the client, `stale` is of a trial that is over, or came twice. */
export type Turn = 'follow' | 'refused' | 'stale'

/**
 * A client that waits for each answer, as ours does, never notices. To one that does not, two preparations would be two trials at
 * once, each at the highest rate and with the memory that a single one may have.
 */
export class Turns {
  #work: Work | undefined
  #latest: number | undefined

  get busy(): boolean {
    return this.#work !== undefined
  }

  take(message: RemoteToAgent): Turn {
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

  /** The agent has been told. */
  told(message: RemoteToAgent): void {
    const { type, trial } = message
    if (type === 'warm-up') this.#work = { trial, next: undefined, until: ['ready', 'failed'] }
    else if (type === 'prepare') {
      const next = message.role === 'send' ? 'go' : 'settle'
      this.#work = { trial, next, until: ['send-report', 'receive-report', 'failed'] }
      this.#latest = trial
    } else if (this.#work?.next === type) this.#work.next = undefined
  }

  /** Whether this ends what the agent was at. */
  ended({ type, trial }: FromAgent): boolean {
    if (this.#work?.trial !== trial || !this.#work.until.includes(type)) return false
    this.#work = undefined
    return true
  }
}
