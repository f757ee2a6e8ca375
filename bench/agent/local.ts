/** An agent forked on this machine. */
import { type AgentHandle, type ClockReading, Mailbox } from './handle.ts'
import type { FromAgent, ToAgent } from './messages.ts'
import { AgentProcess } from './process.ts'

/** Forks an agent. `name` is for messages: `sender` or `receiver`. @param cpu the only one that it may run on */
export function forkAgent(name: string, cpu?: number): AgentHandle {
  return new LocalAgent(name, cpu)
}

class LocalAgent implements AgentHandle {
  readonly path = undefined
  readonly #mailbox: Mailbox
  readonly #process: AgentProcess

  constructor(name: string, cpu: number | undefined) {
    this.#mailbox = new Mailbox(name)
    this.#process = new AgentProcess(
      message => this.#mailbox.put(message),
      how => this.#mailbox.close(`the ${name}'s process ${how}`),
      cpu,
    )
  }

  get alive(): boolean {
    return this.#mailbox.open
  }

  post(message: ToAgent): void {
    this.#process.post(message)
  }

  next<T extends FromAgent['type']>(
    trial: number,
    types: readonly T[],
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<Extract<FromAgent, { type: T }>> {
    return this.#mailbox.next(trial, types, timeoutMs, signal)
  }

  /** All processes of a host read one clock. */
  async readClock(): Promise<ClockReading> {
    return { offsetMs: 0, errorMs: 0, rttMs: undefined }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#process[Symbol.asyncDispose]()
  }
}
