/** One client of a server: its messages, its agent, its limits. */

import { monotonic } from '../../../base/clock.ts'
import { errorMessage, unreachable } from '../../../base/errors.ts'
import { Bell } from '../../../base/waiting.ts'
import type { Catalog } from '../../../transports/catalog.ts'
import type { SocketOptions } from '../../../transports/contract/socket-facts.ts'
import {
  type Objection,
  optionNames,
  type SocketKind,
  type Sockets,
} from '../../../transports/contract/sockets.ts'
import type { Finding } from '../calls/finding.ts'
import type { FromAgent, ToAgent } from '../calls/messages.ts'
import { type RemoteToAgent, type Request, requestSchema } from '../calls/protocol.ts'
import type { Channel } from '../link/channel.ts'
import { DIGESTS_LIMIT_BYTES, FRAME_LIMIT_BYTES } from '../link/frames.ts'
import type { ShownTicket } from '../link/handshake.ts'
import { newNonce } from '../link/proof.ts'
import { AgentProcess } from '../local/process.ts'
import { examineServer } from './examine.ts'
import { type Log, sparing, WARNINGS_A_SECOND } from './log.ts'
import { isOwnAddress } from './own-addresses.ts'
import { judge, type Limits, type Premises, takesMs } from './policy.ts'
import { Turns } from './turns.ts'
import { type Invitation, problemOfVisit, type Visitor, type Visits } from './visit.ts'

const NEVER = new AbortController().signal

export class Session {
  readonly #channel: Channel
  readonly #limits: Limits
  /** Our credentials for visits. */
  readonly #catalog: Catalog
  readonly #visitor: Visitor
  readonly #visits: Visits
  /** The client's own address. Permissions depend on this one, even if another server stands in for the client. */
  readonly #clientHost: string
  /** Addresses of the data: the peer is the client, or the server that it has sent. */
  #premises: Premises
  /** Hosts that have proven that they exist and accept the data. */
  readonly #sendTo = new Set<string>()
  /** Lets another server stand in for the client, once. */
  #ticket: string | undefined
  #visiting = false
  readonly #log: Log
  /** Logs what the client causes. */
  readonly #warn: Log
  readonly #ended: () => void
  #agent: AgentProcess | undefined
  #examination: Promise<Finding[]> | undefined
  readonly #turns = new Turns()
  /** How long the prepared payload takes at --max-rate, and when the previous one will be done, in ms. */
  #takesMs = 0
  #sendsUntil = Number.NEGATIVE_INFINITY
  readonly #pause = new Bell()
  #watchdog: NodeJS.Timeout | undefined
  #idle: NodeJS.Timeout
  #over = false
  /** Why the session ends after the current trial. */
  #lastTrial: string | undefined
  #trials = 0

  /** @param ended called once, when nothing of the session is left */
  constructor(
    id: number,
    channel: Channel,
    limits: Limits,
    catalog: Catalog,
    visitor: Visitor,
    visits: Visits,
    premises: Premises,
    log: Log,
    ended: () => void,
  ) {
    this.#channel = channel
    this.#limits = limits
    this.#catalog = catalog
    this.#visitor = visitor
    this.#visits = visits
    this.#clientHost = premises.peerHost
    this.#premises = premises
    this.#sendTo.add(premises.peerHost)
    this.#log = (level, event, details) => log(level, event, { session: id, ...details })
    this.#warn = sparing(this.#log, WARNINGS_A_SECOND, monotonic)
    this.#ended = ended
    this.#log('info', 'session-opened', { peer: premises.peerHost })
    this.#idle = setTimeout(() => this.#idled(), limits.idleTimeoutMs)
    channel.listen(
      message => this.#take(message),
      error => this.#end(error.message),
    )
  }

  /** A trial is running. */
  get busy(): boolean {
    return this.#turns.busy
  }

  /**
   * Redeems a ticket of this session that another server presents: from now on data are accepted from that server. Returns the ticket, or
   * why the server is rejected, or undefined if it presented another ticket.
   */
  visited({ fits }: ShownTicket, premises: Premises) {
    const ticket = this.#ticket
    if (ticket === undefined || !fits(ticket)) return undefined
    this.#ticket = undefined
    // Rejects two servers on one host: by using another or a rewritten address, a client could reach what only that host may reach.
    const near = premises.peerHost === premises.localHost || isOwnAddress(premises.peerHost)
    if (near && !this.#isNear) return { denied: 'both servers are on one host' }
    this.#premises = premises
    this.#log('info', 'visited', { by: premises.peerHost })
    return { ticket }
  }

  /** The client is on this host, and can reach its services anyway. */
  get #isNear(): boolean {
    return isOwnAddress(this.#clientHost)
  }

  /** Tells the client why, and ends. */
  close(reason: string): void {
    this.#channel.send({ type: 'refused', code: 'CLOSING', reason })
    this.#channel.close()
    this.#end(reason)
  }

  /** Lets the current trial end, but starts nothing new. */
  finish(reason: string): void {
    if (this.busy) this.#lastTrial = reason
    else this.close(reason)
  }

  #take(message: unknown): void {
    if (this.#over) return
    this.#idle.refresh()
    const said = requestSchema.safeParse(message)
    if (said.success) this.#heed(said.data)
    else this.close('that is no request')
  }

  #heed(request: Request): void {
    switch (request.type) {
      case 'ping':
        this.#channel.send({ type: 'pong', id: request.id, now: monotonic() })
        break
      case 'check':
        this.#answer(this.#check(request))
        break
      case 'agent':
        this.#pass(request.message)
        break
      case 'examine':
        this.#answer(this.#examine(request.id))
        break
      case 'invite':
        this.#ticket = newNonce()
        this.#channel.send({ type: 'invited', id: request.id, ticket: this.#ticket })
        break
      case 'visit':
        this.#answer(this.#visit(request))
        break
      default:
        unreachable(request)
    }
  }

  /** A request that cannot be answered ends its own session, but no other. */
  #answer(work: Promise<void>): void {
    work.catch(error => {
      this.#log('warn', 'no-answer', { reason: errorMessage(error) })
      this.close('the server cannot answer that')
    })
  }

  /** A long trial has no messages either; its own limit ends it. */
  #idled(): void {
    if (this.busy) this.#idle.refresh()
    else this.close('nothing was said for too long (--idle-timeout)')
  }

  async #check({ id, engine, kind, family, options }: Extract<Request, { type: 'check' }>): Promise<void> {
    const sockets = await this.#catalog.engines.loaded(engine)
    const objection = sockets && objectionOf(sockets, kind, family, options)
    this.#channel.send({ type: 'checked', id, ...(objection ? { objection } : {}) })
  }

  async #examine(id: number): Promise<void> {
    // Once per session: examining takes CPU from running trials.
    this.#examination ??= examineServer(this.#limits, this.#catalog.engines)
    this.#channel.send({ type: 'examined', id, findings: await this.#examination })
  }

  /** A successful visit proves that the host exists and accepts our data. */
  async #visit({ id, ...request }: Extract<Request, { type: 'visit' }>): Promise<void> {
    const problem = this.#visiting ? 'one visit at a time' : await this.#problemOfVisit(request)
    if (problem === undefined) this.#sendTo.add(request.host)
    this.#warn(problem === undefined ? 'info' : 'warn', 'visit', {
      host: request.host,
      port: request.port,
      problem,
    })
    this.#channel.send({ type: 'visited', id, ...(problem === undefined ? {} : { problem }) })
  }

  async #problemOfVisit(request: Invitation): Promise<string | undefined> {
    this.#visiting = true
    try {
      // Only clients on this host may reach its local services.
      if (isOwnAddress(request.host) && !this.#isNear) return 'that is an address of this host'
      return await problemOfVisit(request, this.#visitor, this.#visits)
    } finally {
      this.#visiting = false
    }
  }

  #pass(message: RemoteToAgent): void {
    const turn = this.#turns.take(message)
    if (turn === 'follow') this.#follow(message)
    else if (turn === 'refused') this.#deny(message, 'LIMIT', 'a session has one trial at a time')
    // The client waits for an answer to an abort. The first abort starts the agent: its answer shows that it is there.
    else if (message.type === 'abort' && !this.#agent) this.#post(message)
    else if (message.type === 'abort') this.#deny(message, 'ABORTED', 'the trial was called off')
  }

  #follow(message: RemoteToAgent): void {
    const verdict = judge(message, this.#limits, this.#premises, this.#sendTo, this.#catalog)
    if ('denied' in verdict) {
      this.#warn('warn', 'denied', { trial: message.trial, reason: verdict.denied })
      this.#deny(message, 'LIMIT', verdict.denied)
      return
    }
    this.#turns.told(message)
    if (message.type === 'prepare' || message.type === 'warm-up') this.#watch()
    if (message.type === 'prepare' && message.role === 'send')
      this.#takesMs = takesMs(message.payload, this.#limits)
    this.#channel.limitFrames(frameLimit(message))
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
      this.#agent ??= this.#fork()
      this.#agent.post(message)
    } catch (error) {
      // The system may be short of descriptors or processes.
      this.#log('warn', 'no-agent', { reason: errorMessage(error) })
      this.close('the server cannot start an agent now; try again later')
    }
  }

  #deny({ trial }: RemoteToAgent, code: string, reason: string): void {
    const failure = { phase: 'prepare', code, message: reason } as const
    this.#channel.send({ type: 'agent', message: { type: 'failed', trial, failure } })
  }

  #fork(): AgentProcess {
    return new AgentProcess(
      message => this.#report(message),
      how => {
        if (this.#over) return
        this.#log('warn', 'agent-gone', { reason: how })
        this.#channel.send({ type: 'agent-gone', reason: `its process ${how}` })
        this.#channel.close()
        this.#end(how)
      },
    )
  }

  #report(message: FromAgent): void {
    if (this.#turns.ended(message)) {
      clearTimeout(this.#watchdog)
      if (message.type !== 'ready') this.#trials++
    }
    this.#channel.send({ type: 'agent', message })
    // Before handling the client's next message.
    if (this.#lastTrial !== undefined && !this.busy && !this.#over) this.close(this.#lastTrial)
  }

  #watch(): void {
    clearTimeout(this.#watchdog)
    this.#watchdog = setTimeout(
      () => this.close('a trial took longer than this server allows (--max-duration)'),
      this.#limits.maxDurationMs,
    )
  }

  #end(reason: string): void {
    if (this.#over) return
    this.#over = true
    clearTimeout(this.#idle)
    clearTimeout(this.#watchdog)
    this.#pause.ring()
    const gone = async () => {
      await this.#agent?.[Symbol.asyncDispose]()
      this.#log('info', 'session-closed', { trials: this.#trials, reason })
      this.#ended()
    }
    void gone()
  }
}

/** Only the digests of a file to be received make a message this long. */
function frameLimit(message: RemoteToAgent): number {
  const digests = message.type === 'prepare' && message.role === 'receive' && message.payload.kind === 'file'
  return digests ? DIGESTS_LIMIT_BYTES : FRAME_LIMIT_BYTES
}

/** Also reports values from outside that the system call rejects outright. */
function objectionOf(
  sockets: Sockets,
  kind: SocketKind,
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
