/** An agent forked on this machine. */
import { type AgentHandle, type ClockReading, Mailbox } from '../calls/handle.ts'
import type { FromAgent, Hello, ToAgent } from '../calls/messages.ts'
import { AgentProcess, type ProcessOptions } from './process.ts'

/** Forks the process when constructed. */
export class LocalAgent implements AgentHandle {
  readonly path = undefined
  readonly #mailbox: Mailbox
  readonly #process: AgentProcess

  /** @param name for messages: `sender` or `receiver` */
  constructor(name: string, options: ProcessOptions) {
    this.#mailbox = new Mailbox(name)
    this.#process = new AgentProcess(
      message => this.#mailbox.put(message),
      (how, useless) => this.#mailbox.close(`the ${name}'s process ${how}`, useless),
      options,
    )
  }

  get alive(): boolean {
    return this.#mailbox.open
  }

  /** Its hello message: set once it has answered anything, unless it is an old build. */
  get hello(): Hello | undefined {
    return this.#process.hello
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

  /** All processes of a host share one clock. */
  async readClock(): Promise<ClockReading> {
    return { offsetMs: 0, errorMs: 0, rttMs: undefined }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#process[Symbol.asyncDispose]()
  }
}
