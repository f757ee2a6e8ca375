/** The program's view of an agent, wherever it runs. */
import type { FromAgent, Interval, ToAgent } from './agent-calls.ts'
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
}

/** What a sender's host shows to the server of a receiver, which accepts its data afterwards. */
export interface Invitation {
  /** The server's, as the user wrote it. */
  readonly name: string
  readonly host: string
  readonly port: number
  readonly tls: boolean
  readonly ticket: string
}

export abstract class AgentHandle implements AsyncDisposable {
  readonly standing: Standing
  protected readonly mailbox: Mailbox

  /** @param name for messages: `sender` or `receiver`, and where */
  protected constructor(name: string, standing: Standing = {}) {
    this.mailbox = new Mailbox(name)
    this.standing = standing
  }

  /** False once it has ended or its link broke: a new one is needed. */
  get alive(): boolean {
    return this.mailbox.open
  }

  /** Aborts when it has ended. */
  get ended(): AbortSignal {
    return this.mailbox.ended
  }

  /** What ended it; undefined while it is alive. */
  get goneReason(): string | undefined {
    return this.mailbox.goneReason
  }

  /** Waits for the next message of the trial with one of these types; drops messages of other trials. @throws AgentError, SetupError */
  next<T extends FromAgent['type']>(
    trial: number,
    types: readonly T[],
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<Extract<FromAgent, { type: T }>> {
    return this.mailbox.next(trial, types, timeoutMs, signal)
  }

  /** Hears the intervals of a trial's stream, as they end. */
  hear(trial: number, heard: (interval: Interval) => void): void {
    this.mailbox.hear(trial, heard)
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
