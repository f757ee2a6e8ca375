/** An agent behind `bench serve`. */

import { monotonic } from '../../../base/clock.ts'
import { Bell } from '../../../base/waiting.ts'
import { withoutZone } from '../../../transports/contract/addresses.ts'
import type { SocketOptions } from '../../../transports/contract/socket-facts.ts'
import type { SocketKind } from '../../../transports/contract/sockets.ts'
import type { Finding } from '../calls/finding.ts'
import {
  AgentError,
  type AgentHandle,
  type ClockReading,
  type ControlPath,
  Mailbox,
} from '../calls/handle.ts'
import type { FromAgent, ToAgent } from '../calls/messages.ts'
import { type RemoteToAgent, type Response, responseSchema } from '../calls/protocol.ts'
import { ChannelError } from '../link/channel.ts'
import { type Connection, connectServer, type ServerAddress } from '../link/connect.ts'
import { ClockComparison } from './clock-comparison.ts'

/** Exchanges per clock reading: the fastest is the most accurate. */
const FIRST_PINGS = 5
const MORE_PINGS = 2
/** A visit has time-outs of its own: two steps of 5 s. */
const ANSWER_MS = 12_000

type Answer = Extract<Response, { id: number }>

export class RemoteAgent implements AgentHandle {
  readonly connection: Connection
  readonly path: ControlPath
  readonly #name: string
  readonly #mailbox: Mailbox
  readonly #clock = new ClockComparison()
  /** Pending questions, with their answers once they arrive. */
  readonly #answers = new Map<number, Answer | undefined>()
  readonly #bell = new Bell()
  #lastId = 0

  /** @throws ChannelError */
  static async connect(address: ServerAddress, role: string, signal: AbortSignal): Promise<RemoteAgent> {
    return new RemoteAgent(await connectServer(address, signal), `${role} at ${address.name}`)
  }

  private constructor(connection: Connection, name: string) {
    this.connection = connection
    const { localHost: ourHost, remoteHost: itsHost, welcome } = connection
    this.path = { ourHost, itsHost, seenAs: welcome.peer }
    this.#name = name
    this.#mailbox = new Mailbox(name)
    connection.channel.listen(
      message => this.#take(message),
      error => this.#lose(`the control connection of the ${name} is gone: ${error.message}`),
    )
  }

  get alive(): boolean {
    return this.#mailbox.open
  }

  post(message: ToAgent): void {
    this.connection.channel.send({ type: 'agent', message: withoutOurs(message) })
  }

  next<T extends FromAgent['type']>(
    trial: number,
    types: readonly T[],
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<Extract<FromAgent, { type: T }>> {
    return this.#mailbox.next(trial, types, timeoutMs, signal)
  }

  async readClock(signal: AbortSignal): Promise<ClockReading> {
    const pings = this.#clock.known ? MORE_PINGS : FIRST_PINGS
    for (let ping = 0; ping < pings; ping++) {
      const sentAt = monotonic()
      const { now } = await this.#ask('pong', { type: 'ping' }, signal)
      this.#clock.add(sentAt, now, monotonic())
    }
    return this.#clock.reading(monotonic())
  }

  /** Why a socket there cannot have these options; undefined if it can. @throws AgentError */
  async objection(
    engine: string,
    kind: SocketKind,
    family: 4 | 6,
    options: SocketOptions,
    signal: AbortSignal,
  ) {
    const question = { type: 'check', engine, kind, family, options: withoutDevice(options) }
    const { objection } = await this.#ask('checked', question, signal)
    return objection
  }

  /** Returns what its host reports about itself. @throws AgentError */
  async examine(signal: AbortSignal): Promise<readonly Finding[]> {
    return (await this.#ask('examined', { type: 'examine' }, signal)).findings
  }

  /** Requests a ticket with which another server may stand in for us at this one. @throws AgentError */
  async invitation(signal: AbortSignal): Promise<string> {
    return (await this.#ask('invited', { type: 'invite' }, signal)).ticket
  }

  /** Sends this server to another one; returns why it did not get there, or undefined. @throws AgentError */
  async visit({ host, port, tls }: ServerAddress, ticket: string, signal: AbortSignal) {
    const request = { type: 'visit', host, port, tls: tls !== undefined, ticket }
    return (await this.#ask('visited', request, signal)).problem
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#mailbox.close(`the ${this.#name} was let go`)
    this.connection.channel.close()
  }

  async #ask<T extends Answer['type']>(
    type: T,
    question: object,
    signal: AbortSignal,
  ): Promise<Extract<Response, { type: T }>> {
    const id = ++this.#lastId
    this.#answers.set(id, undefined)
    try {
      this.connection.channel.send({ ...question, id })
      return await this.#answerTo(id, type, signal)
    } finally {
      this.#answers.delete(id)
    }
  }

  async #answerTo<T extends Answer['type']>(
    id: number,
    type: T,
    signal: AbortSignal,
  ): Promise<Extract<Response, { type: T }>> {
    const until = monotonic() + ANSWER_MS
    for (;;) {
      const found = this.#answers.get(id)
      if (found && isOf(found, type)) return found
      if (!this.alive)
        throw new AgentError('AGENT_DIED', `the control connection of the ${this.#name} is gone`)
      if (signal.aborted) throw new AgentError('ABORTED', 'the run was called off')
      if (monotonic() >= until)
        throw new AgentError('TIMEOUT', `the ${this.#name} did not answer within ${ANSWER_MS} ms`)
      await this.#bell.wait(until - monotonic(), signal)
    }
  }

  #take(message: unknown): void {
    const said = responseSchema.safeParse(message)
    if (said.success) this.#follow(said.data)
    else this.#end(new ChannelError('PROTOCOL', 'the server says what nobody understands'))
  }

  #follow(response: Response): void {
    switch (response.type) {
      case 'agent':
        if (!this.#mailbox.put(response.message))
          this.#end(new ChannelError('PROTOCOL', 'it says more than was asked'))
        break
      case 'agent-gone':
      case 'refused':
        this.#end(new ChannelError('GONE', response.reason))
        break
      default:
        // Drop an answer to a question that was not asked.
        if (this.#answers.has(response.id)) this.#answers.set(response.id, response)
        this.#bell.ring()
    }
  }

  #end(error: ChannelError): void {
    this.#lose(`the ${this.#name} is gone: ${error.message}`)
    this.connection.channel.close()
  }

  #lose(reason: string): void {
    this.#mailbox.close(reason)
    this.#bell.ring()
  }
}

/** Removes local paths, addresses and interfaces, which mean nothing on the other host. */
function withoutOurs(message: ToAgent): RemoteToAgent {
  if (message.type === 'go') {
    const { from: _from, to, ...rest } = message
    return { ...rest, to: { ...to, host: withoutZone(to.host) } }
  }
  if (message.type !== 'prepare') return message
  const { local: _local, ports: _ports, peer: _peer, keepAs: _keepAs, payload, ...others } = message
  const rest = { ...others, socket: withoutDevice(others.socket) }
  if (payload.kind === 'generated') return { ...rest, payload }
  const { path: _path, ...file } = payload
  return { ...rest, payload: file }
}

/** An interface name is valid on this host only. */
function withoutDevice({ device: _device, ...options }: SocketOptions): Omit<SocketOptions, 'device'> {
  return options
}

function isOf<T extends Response['type']>(
  message: Response,
  type: T,
): message is Extract<Response, { type: T }> {
  return message.type === type
}
