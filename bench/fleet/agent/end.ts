import type { Go, Settle } from '../calls/agent-calls.ts'

/** Code of a trial that failed because the received data could not be saved. */
export const KEEP_FAILED = 'KEEP_FAILED'

/** One end of one trial: how an agent handles the messages after `prepare`. */
export interface End extends AsyncDisposable {
  go?(message: Go): Promise<void>
  settle?(message: Settle): Promise<void>
  unanswered?(): void
}
