/** The program's view of an agent, wherever it runs. */
import { monotonic } from '../../../base/clock.ts'
import { SetupError } from '../../../base/errors.ts'
import { Bell } from '../../../base/waiting.ts'
import type { FromAgent, ToAgent } from './messages.ts'

/** The offset of the clock of an agent's host. */
export interface ClockReading {
  /** Its monotonic clock minus the local one, in ms, and the maximum error of that. Both 0 on this host. */
  readonly offsetMs: number
  readonly errorMs: number
  /** Round-trip time of the control channel, in ms; undefined on this host. */
  readonly rttMs: number | undefined
}

/** The addresses of both ends of a control connection. */
export interface ControlPath {
  readonly ourHost: string
  readonly itsHost: string
  /** The local address as the other host sees it; undefined if it does not report that. */
  readonly seenAs?: string | undefined
}

export interface AgentHandle extends AsyncDisposable {
  /** The path to its host; undefined for this host. */
  readonly path: ControlPath | undefined
  /** False once it has ended or its channel broke: a new one is needed. */
  readonly alive: boolean
  post(message: ToAgent): void
  /** Waits for the next message of the trial with one of these types; drops messages of other trials. @throws AgentError, SetupError */
  next<T extends FromAgent['type']>(
    trial: number,
    types: readonly T[],
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<Extract<FromAgent, { type: T }>>
  /** Compares the clocks again. @throws AgentError */
  readClock(signal: AbortSignal): Promise<ClockReading>
}

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

/** Queues an agent's messages in order of arrival until something waits for them. */
export class Mailbox {
  readonly #name: string
  readonly #messages: FromAgent[] = []
  readonly #bell = new Bell()
  #gone: { readonly reason: string; readonly useless: boolean } | undefined

  /** @param name the agent's, for error messages */
  constructor(name: string) {
    this.#name = name
  }

  get open(): boolean {
    return this.#gone === undefined
  }

  /** Returns false if the mailbox is full. */
  put(message: FromAgent): boolean {
    if (this.#messages.length >= MOST_MESSAGES) return false
    this.#messages.push(message)
    this.#bell.ring()
    return true
  }

  /** No more messages will arrive. @param useless another agent of this kind would fail too, so the run cannot continue */
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
