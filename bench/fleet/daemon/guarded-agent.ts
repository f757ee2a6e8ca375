/** The agent of a session, forked on first use: gets what the policy allows, in turn and in time; a trial that takes too long is ended. */
import { monotonic } from '../../../base/clock.ts'
import { errorMessage } from '../../../base/errors.ts'
import { Bell } from '../../../base/waiting.ts'
import type { Catalog } from '../../../transports/catalog.ts'
import type { FromAgent, FromClient, ToAgent } from '../calls/agent-calls.ts'
import type { Channel } from '../link/channel.ts'
import { DIGESTS_LIMIT_BYTES, FRAME_LIMIT_BYTES } from '../link/frames.ts'
import { AgentProcess } from '../local/process.ts'
import type { Log } from './log.ts'
import type { Peers } from './peers.ts'
import { announcedMs, judge, type Limits, takesMs } from './policy.ts'
import { Turns } from './turns.ts'

const NEVER = new AbortController().signal
/** What a trial may take beside the time for which it sends: to begin, to empty its buffers, and to report. */
const SLACK_MS = 10_000

/** What the session does when its agent cannot go on. */
export interface Endings {
  /** A trial has ended. */
  readonly idle: () => void
  /** The process has ended, and the client knows. */
  readonly gone: (how: string) => void
  /** Ends the session, and informs the client. */
  readonly close: (reason: string) => void
}

interface Guard {
  readonly channel: Channel
  readonly limits: Limits
  readonly catalog: Catalog
  readonly peers: Peers
  /** Logs what the client causes. */
  readonly warn: Log
}

export class GuardedAgent implements AsyncDisposable {
  readonly #guard: Guard
  readonly #endings: Endings
  readonly #turns = new Turns()
  #process: AgentProcess | undefined
  /** How long the prepared payload takes at --max-rate, and when the previous one will be done, in ms. */
  #takesMs = 0
  #sendsUntil = Number.NEGATIVE_INFINITY
  readonly #pause = new Bell()
  #watchdog: NodeJS.Timeout | undefined
  #over = false
  trials = 0

  constructor(guard: Guard, endings: Endings) {
    this.#guard = guard
    this.#endings = endings
  }

  /** A trial is running. */
  get busy(): boolean {
    return this.#turns.busy
  }

  take(message: FromClient): void {
    const turn = this.#turns.take(message)
    if (turn === 'follow') this.#follow(message)
    else if (turn === 'refused') this.#deny(message, 'LIMIT', 'a session can have only one trial at a time')
    // The client waits for an answer to an abort. The first abort starts the agent: its answer shows that it is there.
    else if (message.type === 'abort' && !this.#process) this.#post(message)
    else if (message.type === 'abort') this.#deny(message, 'ABORTED', 'the trial was called off')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over = true
    clearTimeout(this.#watchdog)
    this.#pause.ring()
    await this.#process?.[Symbol.asyncDispose]()
  }

  #follow(message: FromClient): void {
    const { limits, catalog, peers } = this.#guard
    const verdict = judge(message, limits, peers.premises, peers.sendTo, catalog)
    if ('denied' in verdict) {
      this.#guard.warn('warn', 'denied', { trial: message.trial, reason: verdict.denied })
      this.#deny(message, 'LIMIT', verdict.denied)
      return
    }
    this.#turns.told(message)
    if (message.type === 'prepare' || message.type === 'warm-up') this.#watch(message)
    if (message.type === 'prepare' && message.role === 'send') this.#takesMs = takesMs(message, limits)
    this.#guard.channel.limitFrames(frameLimit(message))
    if (message.type === 'go') void this.#postInTime(verdict.allowed)
    else this.#post(verdict.allowed)
  }

  /** Keeps consecutive trials within --max-rate too. */
  async #postInTime(message: ToAgent): Promise<void> {
    const waitMs = this.#sendsUntil - monotonic()
    this.#sendsUntil = Math.max(this.#sendsUntil, monotonic()) + this.#takesMs
    if (waitMs > 0) await this.#pause.wait(waitMs, NEVER)
    if (!this.#over) this.#post(message)
  }

  #post(message: ToAgent): void {
    try {
      this.#process ??= this.#fork()
      this.#process.send(message)
    } catch (error) {
      // The system may be short of descriptors or processes.
      this.#guard.warn('warn', 'no-agent', { reason: errorMessage(error) })
      this.#endings.close('the server cannot start an agent now; try again later')
    }
  }

  #fork(): AgentProcess {
    const agent = new AgentProcess({ plugins: this.#guard.catalog.plugins })
    agent.listen(
      message => this.#report(message),
      ({ message: how }) => {
        if (this.#over) return
        this.#guard.warn('warn', 'agent-gone', { reason: how })
        this.#guard.channel.send({ type: 'agent-gone', reason: `its process ${how}` })
        this.#endings.gone(how)
      },
    )
    return agent
  }

  #report(message: FromAgent): void {
    if (this.#turns.ended(message)) {
      clearTimeout(this.#watchdog)
      if (message.type !== 'ready') this.trials++
    }
    this.#guard.channel.send({ type: 'agent', message })
    // Before handling the client's next message.
    if (!this.busy && !this.#over) this.#endings.idle()
  }

  #deny({ trial }: FromClient, code: string, reason: string): void {
    const failure = { phase: 'prepare', code, message: reason } as const
    this.#guard.channel.send({ type: 'agent', message: { type: 'failed', trial, failure } })
  }

  #watch(message: FromClient): void {
    clearTimeout(this.#watchdog)
    const { maxDurationMs } = this.#guard.limits
    const sendsMs = message.type === 'prepare' ? announcedMs(message) : 0
    this.#watchdog = setTimeout(
      () => this.#endings.close('a trial took longer than this server allows (--max-duration)'),
      sendsMs > 0 ? Math.max(maxDurationMs, sendsMs + SLACK_MS) : maxDurationMs,
    )
  }
}

/** Only the digests of a file to be received make a message this long. */
function frameLimit(message: FromClient): number {
  const digests = message.type === 'prepare' && message.role === 'receive' && message.payload.kind === 'file'
  return digests ? DIGESTS_LIMIT_BYTES : FRAME_LIMIT_BYTES
}
