/** What the program sees of an agent, wherever it runs. */
import { monotonic } from '../../../base/clock.ts'
import { SetupError } from '../../../base/errors.ts'
import { Bell } from '../../../base/waiting.ts'
import type { FromAgent, ToAgent } from './messages.ts'

/** How the clock of an agent's host stands to ours. */
export interface ClockReading {
  /** Its monotonic clock less ours, in ms; and by how much that may be wrong. Both 0 on this host. */
  readonly offsetMs: number
  readonly errorMs: number
  /** Round-trip time of the control channel, in ms; undefined on this host. */
  readonly rttMs: number | undefined
}

/** The addresses of both ends of a control connection. */
export interface ControlPath {
  readonly ourHost: string
  readonly itsHost: string
  /** Our address as the other host sees it; undefined where it does not say. */
  readonly seenAs?: string | undefined
}

export interface AgentHandle extends AsyncDisposable {
  /** The way to its host; undefined on this one. */
  readonly path: ControlPath | undefined
  /** False once it has ended or its channel broke: a fresh one is needed. */
  readonly alive: boolean
  post(message: ToAgent): void
  /** The next message of the trial with one of these types; messages of other trials are dropped. @throws AgentError, SetupError */
  next<T extends FromAgent['type']>(
    trial: number,
    types: readonly T[],
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<Extract<FromAgent, { type: T }>>
  /** Compares the clocks anew. @throws AgentError */
  readClock(signal: AbortSignal): Promise<ClockReading>
}

/** An agent did not answer in time (`TIMEOUT`), is gone (`AGENT_DIED`), could not do its part, or the run was called off. */
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

/** A trial has ten or so. An agent that says so much that nobody asked for would fill the memory. */
const MOST_MESSAGES = 256

/** The messages of an agent, in the order in which they came, for whoever waits for one of them. */
export class Mailbox {
  readonly #name: string
  readonly #messages: FromAgent[] = []
  readonly #bell = new Bell()
  #gone: { readonly reason: string; readonly useless: boolean } | undefined

  /** @param name of the agent, for messages */
  constructor(name: string) {
    this.#name = name
  }

  get open(): boolean {
    return this.#gone === undefined
  }

  /** Whether there was room for it. */
  put(message: FromAgent): boolean {
    if (this.#messages.length >= MOST_MESSAGES) return false
    this.#messages.push(message)
    this.#bell.ring()
    return true
  }

  /** There will be no more. @param useless nor from any other agent like it: the run cannot go on */
  close(reason: string, useless = false): void {
    this.#gone ??= { reason, useless }
    this.#bell.ring()
  }

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
        throw new AgentError('TIMEOUT', `the ${this.#name} did not answer within ${Math.round(timeoutMs)} ms`)
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
