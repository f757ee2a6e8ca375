/** State shared by all sockets of an engine. Calls are synchronous, so one instance of each is enough. */
import { Completions } from './completions.ts'
import { type FixedMemory, fixedMemory, type Libc } from './libc.ts'
import { IncomingMessages, OutgoingMessages } from './messages.ts'
import { Poller } from './poller.ts'

/** Layout of the scratch memory after an address: a length, and an option value of up to 264 bytes (struct group_source_req). */
export const LENGTH_AT = 32
export const VALUE_AT = 40
const SCRATCH_BYTES = VALUE_AT + 264

export interface NativeContext {
  readonly libc: Libc
  readonly poller: Poller
  readonly outgoing: OutgoingMessages
  /** The same, for sends that the kernel segments. */
  readonly segmenting: OutgoingMessages
  readonly incoming: IncomingMessages
  readonly completions: Completions
  /** For the addresses and options of individual calls. */
  readonly scratch: FixedMemory
}

export function createContext(libc: Libc): NativeContext {
  return {
    libc,
    poller: new Poller(libc),
    outgoing: new OutgoingMessages(libc),
    segmenting: new OutgoingMessages(libc),
    incoming: new IncomingMessages(libc),
    completions: new Completions(libc),
    scratch: fixedMemory(libc, SCRATCH_BYTES),
  }
}
