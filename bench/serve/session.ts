/** One client of a server: its messages, its agent, its limits. */
import { loadedEngine } from '../agent/engine.ts'
import type { FromAgent } from '../agent/messages.ts'
import { AgentProcess } from '../agent/process.ts'
import { monotonic } from '../clock.ts'
import type { Channel } from '../control/channel.ts'
import { newNonce } from '../control/proof.ts'
import { type RemoteToAgent, type Request, requestSchema } from '../control/protocol.ts'
import { examineServer } from '../doctor/examine.ts'
import type { Finding } from '../doctor/finding.ts'
import { unreachable } from '../errors.ts'
import type { Log } from './log.ts'
import { judge, type Limits, type Premises } from './policy.ts'
import { problemOfVisit } from './visit.ts'

export class Session {
  readonly #channel: Channel
  readonly #limits: Limits
  /** Where data come in: by the way of the client, or of the server that it has sent. */
  #premises: Premises
  /** Hosts that have shown that they are there and want it. */
  readonly #sendTo = new Set<string>()
  /** By which another server may come in the client's place. */
  readonly ticket = newNonce()
  readonly #log: Log
  readonly #ended: () => void
  #agent: AgentProcess | undefined
  #examination: Promise<Finding[]> | undefined
  /** The trial that has been prepared and not reported. */
  #trial: number | undefined
  #watchdog: NodeJS.Timeout | undefined
  #idle: NodeJS.Timeout
  #over = false
  #trials = 0

  /** @param ended called once, when nothing of the session is left */
  constructor(id: number, channel: Channel, limits: Limits, premises: Premises, log: Log, ended: () => void) {
    this.#channel = channel
    this.#limits = limits
    this.#premises = premises
    this.#sendTo.add(premises.peerHost)
    this.#log = (level, event, details) => log(level, event, { session: id, ...details })
    this.#ended = ended
    this.#log('info', 'session-opened', { peer: premises.peerHost })
    this.#idle = setTimeout(() => this.#idled(), limits.idleTimeoutMs)
    channel.listen(
      message => this.#take(message),
      error => this.#end(error.message),
    )
  }

  /** A trial is under way. */
  get busy(): boolean {
    return this.#trial !== undefined
  }

  /** A server that has our ticket: from now on data are taken from where it came. */
  visited(premises: Premises): void {
    this.#premises = premises
    this.#log('info', 'visited', { by: premises.peerHost })
  }

  /** Tells the client why, and ends. */
  close(reason: string): void {
    this.#channel.send({ type: 'refused', code: 'CLOSING', reason })
    this.#channel.close()
    this.#end(reason)
  }

  #take(message: unknown): void {
    if (this.#over) return
    this.#idle.refresh()
    const said = requestSchema.safeParse(message)
    if (said.success) this.#follow(said.data)
    else this.close('that is no request')
  }

  #follow(request: Request): void {
    switch (request.type) {
      case 'ping':
        this.#channel.send({ type: 'pong', id: request.id, now: monotonic() })
        break
      case 'check':
        void this.#check(request)
        break
      case 'agent':
        this.#pass(request.message)
        break
      case 'examine':
        void this.#examine(request.id)
        break
      case 'invite':
        this.#channel.send({ type: 'invited', id: request.id, ticket: this.ticket })
        break
      case 'visit':
        void this.#visit(request)
        break
      default:
        unreachable(request)
    }
  }

  /** A long trial has no messages either; its own limit ends it. */
  #idled(): void {
    if (this.busy) this.#idle.refresh()
    else this.close('nothing was said for too long (--idle-timeout)')
  }

  async #check({ id, engine, kind, family, options }: Extract<Request, { type: 'check' }>): Promise<void> {
    const sockets = await loadedEngine(engine)
    const objection = sockets?.objection(kind, family, options)
    this.#channel.send({ type: 'checked', id, ...(objection ? { objection } : {}) })
  }

  async #examine(id: number): Promise<void> {
    // Once a session: looking takes the CPU from trials that are under way.
    this.#examination ??= examineServer(this.#limits)
    this.#channel.send({ type: 'examined', id, findings: await this.#examination })
  }

  /** The way there shows that somebody is there who wants our data. */
  async #visit({ id, ...request }: Extract<Request, { type: 'visit' }>): Promise<void> {
    const problem = await problemOfVisit(request)
    if (problem === undefined) this.#sendTo.add(request.host)
    this.#log(problem === undefined ? 'info' : 'warn', 'visit', {
      host: request.host,
      port: request.port,
      problem,
    })
    this.#channel.send({ type: 'visited', id, ...(problem === undefined ? {} : { problem }) })
  }

  #pass(message: RemoteToAgent): void {
    const verdict = judge(message, this.#limits, this.#premises, this.#sendTo)
    if ('denied' in verdict) {
      this.#log('warn', 'denied', { trial: message.trial, reason: verdict.denied })
      const failure = { phase: 'prepare', code: 'LIMIT', message: verdict.denied } as const
      this.#channel.send({ type: 'agent', message: { type: 'failed', trial: message.trial, failure } })
      return
    }
    if (message.type === 'prepare') this.#watch(message.trial)
    this.#agent ??= this.#fork()
    this.#agent.post(verdict.allowed)
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
    const over =
      message.type === 'send-report' || message.type === 'receive-report' || message.type === 'failed'
    if (over && message.trial === this.#trial) {
      this.#trial = undefined
      this.#trials++
      clearTimeout(this.#watchdog)
    }
    this.#channel.send({ type: 'agent', message })
  }

  #watch(trial: number): void {
    this.#trial = trial
    clearTimeout(this.#watchdog)
    this.#watchdog = setTimeout(() => {
      this.close(`a trial took longer than this server allows (--max-duration)`)
    }, this.#limits.maxDurationMs)
  }

  #end(reason: string): void {
    if (this.#over) return
    this.#over = true
    clearTimeout(this.#idle)
    clearTimeout(this.#watchdog)
    const gone = async () => {
      await this.#agent?.[Symbol.asyncDispose]()
      this.#log('info', 'session-closed', { trials: this.#trials, reason })
      this.#ended()
    }
    void gone()
  }
}
