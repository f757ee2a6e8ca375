/** The messages of an agent, in order of arrival, until something waits for them. */
import { monotonic } from '../../../base/clock.ts'
import { SetupError } from '../../../base/errors.ts'
import { Bell } from '../../../base/waiting.ts'
import type { FromAgent, Interval } from './agent-calls.ts'

/** An agent did not answer in time (`TIMEOUT`), is gone (`AGENT_DIED`) or could not do its part, or the run was called off. */
export class AgentError extends Error {
  override readonly name = 'AgentError'
  readonly code: string
  readonly phase: string | undefined

  constructor(code: string, message: string, phase?: string) {
    super(message)
    this.code = code
    this.phase = phase
  }
}

/** A trial has about ten messages. An agent that floods us with unrequested ones would fill the memory. */
const MOST_MESSAGES = 256

export class Mailbox {
  /** The agent's, for error messages. */
  name: string
  readonly #messages: FromAgent[] = []
  readonly #bell = new Bell()
  readonly #ended = new AbortController()
  #heard: (interval: Interval) => void = () => {}
  #gone: { readonly reason: string; readonly useless: boolean } | undefined

  constructor(name: string) {
    this.name = name
  }

  /** False once it has ended or its link broke: a new one is needed. */
  get alive(): boolean {
    return this.#gone === undefined
  }

  /** Aborts when it has ended. */
  get ended(): AbortSignal {
    return this.#ended.signal
  }

  /** What ended it; undefined while it is alive. */
  get goneReason(): string | undefined {
    return this.#gone?.reason
  }

  /** Hears the intervals of a trial's stream as they end, until those of another one are heard. */
  hear(trial: number, heard: (interval: Interval) => void): void {
    this.#heard = interval => {
      if (interval.trial === trial) heard(interval)
    }
  }

  /** Returns false if the mailbox is full. */
  put(message: FromAgent): boolean {
    if (message.type === 'interval') {
      this.#heard(message)
      return true
    }
    if (this.#messages.length >= MOST_MESSAGES) return false
    this.#messages.push(message)
    this.#bell.ring()
    return true
  }

  /** No more messages will arrive. @param useless another agent of this kind would fail too, so the run cannot continue */
  close(reason: string, useless = false): void {
    this.#gone ??= { reason, useless }
    this.#ended.abort()
    this.#bell.ring()
  }

  /** Waits for the next message of the trial with one of these types; drops messages of other trials. @throws AgentError, SetupError */
  async next<T extends FromAgent['type']>(
    trial: number,
    types: readonly T[],
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<Extract<FromAgent, { type: T }>> {
    const until = monotonic() + timeoutMs
    for (;;) {
      const found = this.#find(trial, types)
      if (found) return found
      if (this.#gone?.useless) throw new SetupError(this.#gone.reason)
      if (this.#gone) throw new AgentError('AGENT_DIED', this.#gone.reason)
      if (signal.aborted) throw new AgentError('ABORTED', 'the run was called off')
      const leftMs = until - monotonic()
      if (leftMs <= 0)
        throw new AgentError('TIMEOUT', `the ${this.name} did not answer within ${Math.round(timeoutMs)} ms`)
      await this.#bell.wait(leftMs, signal)
    }
  }

  #find<T extends FromAgent['type']>(
    trial: number,
    types: readonly T[],
  ): Extract<FromAgent, { type: T }> | undefined {
    for (;;) {
      const message = this.#messages.shift()
      if (!message) return undefined
      if (message.trial !== trial) continue
      if (message.type === 'failed') {
        const { code, message: text, phase } = message.failure
        throw new AgentError(code, text, phase)
      }
      if (isOneOf(message, types)) return message
    }
  }
}

function isOneOf<T extends FromAgent['type']>(
  message: FromAgent,
  types: readonly T[],
): message is Extract<FromAgent, { type: T }> {
  return types.some(type => type === message.type)
}
