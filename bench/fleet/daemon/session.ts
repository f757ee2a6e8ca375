/** One client of a server: answers its questions, hands its messages to its agent, and ends with it. */

import { monotonic } from '../../../base/clock.ts'
import { errorMessage, unreachable } from '../../../base/errors.ts'
import type { Catalog } from '../../../transports/catalog.ts'
import type { SocketOptions } from '../../../transports/contract/socket-facts.ts'
import {
  type Objection,
  type OptionKind,
  optionNames,
  type Sockets,
} from '../../../transports/contract/sockets.ts'
import type { Finding } from '../calls/finding.ts'
import { type Answer, type Asked, type Question, requestSchema } from '../calls/server-calls.ts'
import type { Channel } from '../link/channel.ts'
import type { ShownTicket } from '../link/handshake.ts'
import { examineServer } from './examine.ts'
import { GuardedAgent } from './guarded-agent.ts'
import { type Log, sparing } from './log.ts'
import { Peers } from './peers.ts'
import type { Limits, Premises } from './policy.ts'
import type { Visitor, Visits } from './visit.ts'

/** A client's connection, and what its server has for it. */
export interface SessionSetting {
  readonly id: number
  readonly channel: Channel
  /** Of a fleet; undefined for any other client. */
  readonly run: string | undefined
  readonly limits: Limits
  readonly catalog: Catalog
  readonly visitor: Visitor
  readonly visits: Visits
  /** Undefined for a client that came over a NATS server. */
  readonly premises: Premises | undefined
  readonly log: Log
}

export class Session {
  readonly #setting: SessionSetting
  readonly #peers: Peers
  readonly #agent: GuardedAgent
  readonly #log: Log
  /** Logs what the client causes. */
  readonly #warn: Log
  readonly #ended: () => void
  #examination: Promise<Finding[]> | undefined
  readonly #idle: NodeJS.Timeout
  #over = false
  /** Why the session ends after the current trial. */
  #lastTrial: string | undefined

  /** @param ended called once, when nothing of the session is left */
  constructor(setting: SessionSetting, ended: () => void) {
    const { id, channel, limits, visitor, visits, premises, log } = setting
    this.#setting = setting
    this.#peers = new Peers(visitor, visits, premises)
    this.#log = (level, event, details) => log(level, event, { session: id, ...details })
    this.#warn = sparing(this.#log)
    this.#agent = new GuardedAgent(
      { ...setting, peers: this.#peers, warn: this.#warn },
      {
        idle: () => {
          if (this.#lastTrial !== undefined) this.close(this.#lastTrial)
        },
        gone: how => {
          channel.close()
          this.#end(how)
        },
        close: reason => this.close(reason),
      },
    )
    this.#ended = ended
    this.#log('info', 'session-opened', { peer: premises?.peerHost ?? 'by NATS' })
    this.#idle = setTimeout(() => this.#idled(), limits.idleTimeoutMs)
    channel.listen(
      message => this.#take(message),
      error => this.#end(error.message),
    )
  }

  /** How many trials of it have ended. */
  get trials(): number {
    return this.#agent.trials
  }

  get run(): string | undefined {
    return this.#setting.run
  }

  /** Its client is gone; what is left of it ends. */
  get isOver(): boolean {
    return this.#over
  }

  /** A trial is running. */
  get busy(): boolean {
    return this.#agent.busy
  }

  /** Redeems a ticket that another server presents, as `Peers.redeem` does. */
  visited(shown: ShownTicket, premises: Premises) {
    const found = this.#peers.redeem(shown, premises)
    if (found && 'ticket' in found) this.#log('info', 'visited', { by: premises.peerHost })
    return found
  }

  /** Informs the client, and ends. */
  close(reason: string): void {
    this.#setting.channel.send({ type: 'refused', code: 'CLOSING', reason })
    this.#setting.channel.close()
    this.#end(reason)
  }

  /** Lets the current trial end, but starts nothing new. */
  finish(reason: string): void {
    if (this.#agent.busy) this.#lastTrial = reason
    else this.close(reason)
  }

  #take(message: unknown): void {
    if (this.#over) return
    this.#idle.refresh()
    const said = requestSchema.safeParse(message)
    if (!said.success) this.close('unknown request')
    else if (said.data.type === 'agent') this.#agent.take(said.data.message)
    else void this.#answer(said.data)
  }

  /** A question that cannot be answered ends its own session, but no other. */
  async #answer(question: Question): Promise<void> {
    try {
      this.#setting.channel.send(await this.#answerTo(question))
    } catch (error) {
      this.#log('warn', 'no-answer', { reason: errorMessage(error) })
      this.close('the server cannot answer that')
    }
  }

  #answerTo(question: Question): Answer | Promise<Answer> {
    const { id } = question
    switch (question.type) {
      case 'ping':
        return { type: 'pong', id, now: monotonic() }
      case 'check':
        return this.#check(question)
      case 'examine':
        return this.#examine(id)
      case 'invite':
        return { type: 'invited', id, ticket: this.#peers.invite() }
      case 'visit':
        return this.#visit(question)
      default:
        return unreachable(question)
    }
  }

  async #check({ id, engine, kind, family, options }: Asked<'check'>): Promise<Answer> {
    const sockets = await this.#setting.catalog.engines.loaded(engine)
    const objection = sockets && objectionOf(sockets, kind, family, options)
    return { type: 'checked', id, ...(objection ? { objection } : {}) }
  }

  async #examine(id: number): Promise<Answer> {
    // Once per session: examining takes CPU from running trials.
    this.#examination ??= examineServer(this.#setting.limits, this.#setting.catalog.engines)
    return { type: 'examined', id, findings: await this.#examination }
  }

  async #visit({ id, ...request }: Asked<'visit'>): Promise<Answer> {
    const problem = await this.#peers.visit(request)
    const { host, port } = request
    this.#warn(problem === undefined ? 'info' : 'warn', 'visit', { host, port, problem })
    return { type: 'visited', id, ...(problem === undefined ? {} : { problem }) }
  }

  /** A long trial has no messages either; its own limit ends it. */
  #idled(): void {
    if (this.#agent.busy) this.#idle.refresh()
    else this.close('no message for too long (--idle-timeout)')
  }

  #end(reason: string): void {
    if (this.#over) return
    this.#over = true
    clearTimeout(this.#idle)
    const gone = async () => {
      await this.#agent[Symbol.asyncDispose]()
      this.#log('info', 'session-closed', { trials: this.#agent.trials, reason })
      this.#ended()
    }
    void gone()
  }
}

/** Also reports values from outside that the system call rejects outright. */
function objectionOf(
  sockets: Sockets,
  kind: OptionKind,
  family: 4 | 6,
  options: SocketOptions,
): Objection | undefined {
  try {
    return sockets.objection(kind, family, options)
  } catch (error) {
    const [option] = optionNames(kind).filter(name => options[name] !== undefined)
    return option && { option, reason: errorMessage(error) }
  }
}
