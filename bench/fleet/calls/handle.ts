/** The program's view of an agent, wherever it runs. */
import type { Prepare, ToAgent } from './agent-calls.ts'
import { Mailbox } from './mailbox.ts'

/** The offset of the clock of an agent's host. */
export interface ClockReading {
  /** Its monotonic clock minus the local one, in ms, and the maximum error of that. Both 0 on this host. */
  readonly offsetMs: number
  readonly errorMs: number
  /** Round-trip time of the control channel, in ms; undefined on this host. */
  readonly rttMs: number | undefined
}

/** The addresses between the host of an agent and this one; none where they are the same. */
export interface Standing {
  /** Its address as seen from here. */
  readonly itsHost?: string
  /** Ours as seen from there: data between the two come from it, and go to it. */
  readonly ourHost?: string
  /** On this host, in a network namespace of its own: what joins it to the other end, and processes in both. */
  readonly apart?: Apart
}

export type Apart = NonNullable<NonNullable<Prepare['relay']>['apart']>
/** Devices of the namespace between both ends, where the kernel emulates: what goes up leaves by that to the receiver. */
export const BETWEEN = { up: 'to-receiver', down: 'to-sender' } as const

/** What a sender's host shows to the server of a receiver, which accepts its data afterwards. */
export interface Invitation {
  /** The server's, as the user wrote it. */
  readonly name: string
  readonly host: string
  readonly port: number
  readonly tls: boolean
  readonly ticket: string
}

export abstract class AgentHandle extends Mailbox implements AsyncDisposable {
  readonly standing: Standing

  /** @param name for messages: `sender` or `receiver`, and where */
  protected constructor(name: string, standing: Standing = {}) {
    super(name)
    this.standing = standing
  }

  /** What a sender's host has to show before its data are accepted; undefined where the preparation names it. @throws SetupError */
  async invite(_signal: AbortSignal): Promise<Invitation | undefined> {
    return undefined
  }

  /** Has its host show itself to that of a receiver that requires it. @throws SetupError if it cannot get there */
  async approach(_receiver: AgentHandle, _signal: AbortSignal): Promise<void> {}

  abstract post(message: ToAgent): void
  /** Compares the clocks again. @throws AgentError */
  abstract readClock(signal: AbortSignal): Promise<ClockReading>
  abstract [Symbol.asyncDispose](): Promise<void>
}
