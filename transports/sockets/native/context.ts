/** What all sockets of an engine share. Calls are synchronous, so one of each is enough. */
import { type FixedMemory, fixedMemory, type Libc } from './libc.ts'
import { IncomingMessages, OutgoingMessages } from './messages.ts'
import { Poller } from './poller.ts'

export interface NativeContext {
  readonly libc: Libc
  readonly poller: Poller
  readonly outgoing: OutgoingMessages
  readonly incoming: IncomingMessages
  /** For the addresses and options of single calls. */
  readonly scratch: FixedMemory
}

export function createContext(libc: Libc): NativeContext {
  return {
    libc,
    poller: new Poller(libc),
    outgoing: new OutgoingMessages(libc),
    incoming: new IncomingMessages(libc),
    scratch: fixedMemory(libc, 64),
  }
}
