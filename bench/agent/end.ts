import type { Endpoint } from '../../transports/sockets/sockets.ts'
import type { Settle } from './messages.ts'

/** One end of one trial: what an agent does with the messages after `prepare`. */
export interface End extends AsyncDisposable {
  go?(to: Endpoint): Promise<void>
  settle?(message: Settle): Promise<void>
  unanswered?(): void
}
