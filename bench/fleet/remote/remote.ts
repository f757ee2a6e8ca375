/** An agent behind `bench serve`. */
import type * as z from 'zod'
import { monotonic } from '../../../base/clock.ts'
import { SetupError } from '../../../base/errors.ts'
import { Bell } from '../../../base/waiting.ts'
import { withoutZone } from '../../../transports/contract/addresses.ts'
import type { SocketOptions } from '../../../transports/contract/socket-facts.ts'
import type { OptionKind } from '../../../transports/contract/sockets.ts'
import { AGENT_CALLS, type FromClient, type ToAgent } from '../calls/agent-calls.ts'
import type { Finding } from '../calls/finding.ts'
import { AgentHandle, type ClockReading, type Invitation } from '../calls/handle.ts'
import { AgentError } from '../calls/mailbox.ts'
import { type Answer, type Response, responseSchema, SERVER_CALLS } from '../calls/server-calls.ts'
import type { AgentRole } from '../host.ts'
import type { Connection, Way } from '../link/connect.ts'
import { REPORTS_LIMIT_BYTES } from '../link/frames.ts'
import type { Welcome } from '../link/handshake.ts'
import { ClockComparison } from './clock-comparison.ts'

/** Exchanges per clock reading: the fastest is the most accurate. */
const FIRST_PINGS = 5
const MORE_PINGS = 2
/** A visit has time-outs of its own: two steps of 5 s. */
const ANSWER_MS = 12_000

export class RemoteAgent extends AgentHandle {
  readonly #connection: Connection
  readonly #way: Way
  readonly #clock = new ClockComparison()
  /** Pending questions, with their answers once they arrive. */
  readonly #answers = new Map<number, Answer | undefined>()
  readonly #bell = new Bell()
  /** Receivers that accept its data. */
  readonly #approached = new WeakSet<AgentHandle>()
  #lastId = 0

  /** @throws LinkError */
  static async connect(way: Way, signal: AbortSignal): Promise<RemoteAgent> {
    return new RemoteAgent(way, await way.connect(signal))
  }

  private constructor(way: Way, connection: Connection) {
    const { localHost: ourHost, remoteHost: itsHost } = connection
    super(`agent at ${way.name}`, { itsHost, ...(ourHost === '' ? {} : { ourHost }) })
    this.#connection = connection
    this.#way = way
    connection.channel.limitFrames(REPORTS_LIMIT_BYTES)
    connection.channel.listen(
      message => this.#take(message),
      error => this.#lose(`the control connection to ${this.#server} is gone: ${error.message}`),
    )
  }

  /** Names it by its role in messages. */
  as(role: AgentRole): this {
    this.name = `${role} at ${this.#way.name}`
    return this
  }

  get welcome(): Welcome {
    return this.#connection.welcome
  }

  /** The addresses of both ends of its control connection, and ours as the server sees it if that differs: a NAT is in between. */
  get path(): {
    readonly ourHost: string
    readonly itsHost: string
    readonly translated: string | undefined
  } {
    const { localHost: ourHost, remoteHost: itsHost, welcome } = this.#connection
    const { peer } = welcome
    const same = peer === undefined || withoutZone(peer) === withoutZone(ourHost)
    return { ourHost, itsHost, translated: same ? undefined : peer }
  }

  post(message: ToAgent): void {
    this.#connection.channel.send({ type: 'agent', message: withoutOurs(message) })
  }

  async readClock(signal: AbortSignal): Promise<ClockReading> {
    const pings = this.#clock.known ? MORE_PINGS : FIRST_PINGS
    for (let ping = 0; ping < pings; ping++) {
      const sentAt = monotonic()
      const { now } = await this.#ask(SERVER_CALLS.ping, { type: 'ping' }, signal)
      this.#clock.add(sentAt, now, monotonic())
    }
    return this.#clock.reading(monotonic())
  }

  /** Why a socket there cannot have these options; undefined if it can. @throws SetupError; AgentError with code `ABORTED` */
  async objection(
    engine: string,
    kind: OptionKind,
    family: 4 | 6,
    options: SocketOptions,
    signal: AbortSignal,
  ) {
    const question = { type: 'check', engine, kind, family, options: withoutDevice(options) } as const
    return (await this.#require(this.#ask(SERVER_CALLS.check, question, signal))).objection
  }

  /** Returns what its host reports about itself. @throws AgentError */
  async examine(signal: AbortSignal): Promise<readonly Finding[]> {
    return (await this.#ask(SERVER_CALLS.examine, { type: 'examine' }, signal)).findings
  }

  override async invite(signal: AbortSignal): Promise<Invitation> {
    const { name, door } = this.#way
    const { ticket } = await this.#require(this.#ask(SERVER_CALLS.invite, { type: 'invite' }, signal))
    return { name, ...door, ticket }
  }

  override async approach(receiver: AgentHandle, signal: AbortSignal): Promise<void> {
    if (this.#approached.has(receiver)) return
    const invitation = await receiver.invite(signal)
    if (invitation) {
      const { name, ...way } = invitation
      const visited = this.#ask(SERVER_CALLS.visit, { type: 'visit', ...way }, signal)
      const { problem } = await this.#require(visited)
      if (problem !== undefined)
        throw new SetupError(
          `${this.#way.name} cannot reach ${name}, port ${way.port}: ${problem}; open the way between them, or name two hosts that reach each other`,
        )
    }
    this.#approached.add(receiver)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close(`the ${this.name} was released`)
    await this.#connection.channel[Symbol.asyncDispose]()
  }

  async #ask<Ask extends z.ZodType, Reply extends z.ZodType>(
    { answer }: { readonly ask: Ask; readonly answer: Reply },
    question: Omit<z.infer<Ask>, 'id'>,
    signal: AbortSignal,
  ): Promise<z.infer<Reply>> {
    const id = ++this.#lastId
    const until = monotonic() + ANSWER_MS
    this.#answers.set(id, undefined)
    try {
      this.#connection.channel.send({ ...question, id })
      for (;;) {
        const found = answer.safeParse(this.#answers.get(id))
        if (found.success) return found.data
        if (this.goneReason !== undefined) throw new AgentError('AGENT_DIED', this.goneReason)
        if (signal.aborted) throw new AgentError('ABORTED', 'the run was called off')
        if (monotonic() >= until)
          throw new AgentError('TIMEOUT', `${this.#server} did not answer within ${ANSWER_MS} ms`)
        await this.#bell.wait(until - monotonic(), signal)
      }
    } finally {
      this.#answers.delete(id)
    }
  }

  /** An answer without which nothing can be measured. @throws SetupError if there is none; AgentError with code `ABORTED` */
  async #require<Reply>(answer: Promise<Reply>): Promise<Reply> {
    try {
      return await answer
    } catch (error) {
      if (!(error instanceof AgentError) || error.code === 'ABORTED') throw error
      const { name, door } = this.#way
      throw new SetupError(
        `${name}, port ${door.port}: ${error.message}; see what bench serve says there, and start it again`,
        { cause: error },
      )
    }
  }

  #take(message: unknown): void {
    const said = responseSchema.safeParse(message)
    if (said.success) this.#follow(said.data)
    else this.#end(`${this.#server} sent an unknown message`)
  }

  #follow(response: Response): void {
    switch (response.type) {
      case 'agent':
        if (!this.put(response.message)) this.#end(`${this.#server} sent more than was asked`)
        break
      case 'agent-gone':
        this.#end(`the ${this.name} is gone: ${response.reason}`)
        break
      case 'refused':
        this.#end(`${this.#server} ended the session: ${response.reason}`)
        break
      default:
        // Drop an answer to a question that was not asked.
        if (this.#answers.has(response.id)) this.#answers.set(response.id, response)
        this.#bell.ring()
    }
  }

  #end(reason: string): void {
    this.#lose(reason)
    void this.#connection.channel[Symbol.asyncDispose]()
  }

  #lose(reason: string): void {
    this.close(reason)
    this.#bell.ring()
  }

  get #server(): string {
    return `the server at ${this.#way.name}`
  }
}

/** Leaves out what a client may not say: local paths, addresses and interfaces, which mean nothing on the other host. */
function withoutOurs(message: ToAgent): FromClient {
  switch (message.type) {
    case 'prepare':
      return AGENT_CALLS.prepare.client.parse(message)
    case 'go':
      return AGENT_CALLS.go.client.parse({
        ...message,
        to: { ...message.to, host: withoutZone(message.to.host) },
      })
    default:
      return message
  }
}

/** An interface name is valid on this host only. */
function withoutDevice({ device: _device, ...options }: SocketOptions): Omit<SocketOptions, 'device'> {
  return options
}
