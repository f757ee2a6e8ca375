import type { Endpoint } from '../../transports/sockets/sockets.ts'
import type { Settle } from './messages.ts'

/** One end of one trial: what an agent does with the messages after `prepare`. */
export interface End extends AsyncDisposable {
  /** @param from the address to send from; undefined: the system chooses */
  go?(to: Endpoint, from: string | undefined): Promise<void>
  settle?(message: Settle): Promise<void>
  unanswered?(): void
}
