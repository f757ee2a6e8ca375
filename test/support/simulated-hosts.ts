/**
 * Hosts of a fleet in this process: each joins a NATS server by the program's own presence, door, link and handshake, and its agents
 * report at once what a transfer of that size could have brought. No data are sent, and nothing is forked.
 */
import { monotonic } from '../../base/clock.ts'
import { type Bus, connectBus } from '../../bench/fleet/bus/connection.ts'
import { hangDoor, type Refusal } from '../../bench/fleet/bus/door.ts'
import { Leases } from '../../bench/fleet/bus/leases.ts'
import type { BusLink } from '../../bench/fleet/bus/link.ts'
import { announce } from '../../bench/fleet/bus/presence.ts'
import { inboxOfHost } from '../../bench/fleet/bus/subjects.ts'
import type { FromAgent, FromClient } from '../../bench/fleet/calls/agent-calls.ts'
import { type Question, requestSchema } from '../../bench/fleet/calls/server-calls.ts'
import { environment } from '../../bench/fleet/facts/environment.ts'
import { Channel } from '../../bench/fleet/link/channel.ts'
import { answer, HANDSHAKE_MS } from '../../bench/fleet/link/handshake.ts'
import { newNonce } from '../../bench/fleet/link/proof.ts'
import { BUILT_IN } from '../../transports/catalog.ts'

const ENGINE = 'node'

export class SimulatedHosts implements AsyncDisposable {
  /** What a host saw that must not be: in words. */
  readonly violations: string[] = []
  /** Trials in which a host was the sender. */
  trials = 0
  readonly #closing: (() => Promise<void>)[] = []

  /** @param server where they join, each by a connection of its own */
  static async join(server: { readonly host: string; readonly port: number }, count: number) {
    const hosts = new SimulatedHosts()
    const names = Array.from({ length: count }, (_, index) => `host-${index + 1}`)
    // So many at a time as a server takes without a queue.
    for (let at = 0; at < count; at += 50)
      await Promise.all(names.slice(at, at + 50).map((name, index) => hosts.#join(server, name, at + index)))
    return hosts
  }

  private constructor() {}

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#closing.splice(0).map(close => close()))
  }

  async #join(
    server: { readonly host: string; readonly port: number },
    name: string,
    index: number,
  ): Promise<void> {
    const inbox = inboxOfHost(name)
    const bus = await connectBus({ host: server.host, port: server.port, tls: false, inbox })
    const address = `10.99.${Math.floor(index / 250)}.${1 + (index % 250)}`
    const host = new SimulatedHost(bus, name, address, this)
    await host.open()
    this.#closing.push(() => host[Symbol.asyncDispose]())
  }
}

class SimulatedHost implements AsyncDisposable {
  readonly #bus: Bus
  readonly #name: string
  readonly #address: string
  readonly #all: SimulatedHosts
  readonly #open: (Disposable | AsyncDisposable)[] = []
  /** The session whose trial is under way. */
  #busy: Channel | undefined

  constructor(bus: Bus, name: string, address: string, all: SimulatedHosts) {
    this.#bus = bus
    this.#name = name
    this.#address = address
    this.#all = all
  }

  async open(): Promise<void> {
    const leases = await Leases.open(this.#bus)
    const objection = async (lease: string): Promise<Refusal | undefined> => {
      const refused = await leases.objection(this.#name, lease)
      return refused === undefined ? undefined : { refused, code: 'BUSY' }
    }
    const door = await hangDoor(this.#bus, this.#name)
    this.#open.push(door)
    const own = { name: this.#name, address: this.#address, port: 5990, tls: false }
    const lost = () => void this.#all.violations.push(`${this.#name}: another one has its name`)
    this.#open.push(await announce(this.#bus, { ...own, labels: {}, engines: [ENGINE] }, lost))
    door.open(objection, link => void this.#serve(link))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const each of this.#open.splice(0).reverse())
      await (Symbol.asyncDispose in each ? each[Symbol.asyncDispose]() : each[Symbol.dispose]())
    await this.#bus[Symbol.asyncDispose]()
  }

  async #serve(link: BusLink): Promise<void> {
    const channel = new Channel(link)
    const welcome = { environment: environment(), engines: [ENGINE] }
    const denied = () => ({ denied: 'nobody visits a simulated host' })
    try {
      const until = monotonic() + HANDSHAKE_MS
      await answer(channel, undefined, welcome, () => undefined, denied, until, new AbortController().signal)
    } catch {
      // The client was told, or has gone.
      channel.close()
      return
    }
    let prepared: FromClient | undefined
    channel.listen(
      message => {
        const { data } = requestSchema.safeParse(message)
        if (!data) this.#all.violations.push(`${this.#name}: an unknown request`)
        else if (data.type !== 'agent') channel.send(answerTo(data))
        else {
          if (data.message.type === 'prepare') {
            prepared = data.message
            this.#begin(channel)
          }
          for (const said of this.#reply(data.message, prepared)) {
            if (/report|failed/.test(said.type)) this.#busy = undefined
            channel.send({ type: 'agent', message: said })
          }
        }
      },
      () => {
        if (this.#busy === channel) this.#busy = undefined
        channel.close()
      },
    )
  }

  #begin(channel: Channel): void {
    if (this.#busy) this.#all.violations.push(`${this.#name}: two trials at the same time`)
    this.#busy = channel
  }

  #reply(message: FromClient, prepared: FromClient | undefined): readonly FromAgent[] {
    const { trial } = message
    switch (message.type) {
      case 'warm-up':
        return [{ type: 'ready', trial }]
      case 'prepare': {
        const endpoint = { host: this.#address, port: 40_000, family: 4 } as const
        return [{ type: 'ready', trial, ...(message.role === 'receive' ? { endpoint } : {}) }]
      }
      case 'go': {
        this.#all.trials++
        return prepared?.type === 'prepare' ? sentOf(prepared) : []
      }
      case 'settle':
        return prepared?.type === 'prepare' ? [receivedOf(prepared, message.sent)] : []
      case 'unanswered':
        return []
      case 'abort':
        if (trial === 0) return [{ type: 'ready', trial }]
        return [{ type: 'failed', trial, failure: { phase: 'prepare', code: 'ABORTED', message: 'off' } }]
    }
  }
}

function answerTo(question: Question): object {
  const { id } = question
  switch (question.type) {
    case 'ping':
      return { type: 'pong', id, now: monotonic() }
    case 'check':
      return { type: 'checked', id }
    case 'examine':
      return { type: 'examined', id, findings: [] }
    case 'invite':
      return { type: 'invited', id, ticket: newNonce() }
    case 'visit':
      return { type: 'visited', id }
  }
}

type Prepared = Extract<FromClient, { type: 'prepare' }>
type Sent = Extract<FromAgent, { type: 'sent' }>['sent']

/** All was sent, in a time that is plausible for its size. */
function sentOf({ trial, transport, payload }: Prepared): readonly FromAgent[] {
  const isStream = BUILT_IN.transports.get(transport)?.traits.socket === 'stream'
  const datagrams = Math.ceil(payload.sizeBytes / payload.chunkBytes)
  const counts = { datagramsOffered: datagrams, datagramsAccepted: datagrams, datagramsRefused: 0 }
  const sent = { bytesAccepted: payload.sizeBytes, ...(isStream ? {} : counts) }
  const transferMs = payload.sizeBytes / 100_000
  const report = {
    ...sent,
    ...{ startedAt: monotonic(), totalMs: transferMs + 0.5, transferMs, acknowledged: true },
    ...(isStream ? { connectMs: 0.2, handshakeMs: 0.1 } : { longestBytes: payload.chunkBytes }),
    ...{ state: { sndbufBytes: 212_992 }, info: {} },
  }
  return [
    { type: 'sent', trial, sent },
    { type: 'send-report', trial, report, cpuMs: 1 },
  ]
}

function receivedOf({ trial }: Prepared, sent: Sent): FromAgent {
  const now = monotonic()
  const counts = { duplicated: 0, reordered: 0, corrupt: 0, late: 0, stray: 0 }
  const datagrams = sent.datagramsAccepted
  const report = {
    ...{ bytesDelivered: sent.bytesAccepted, firstAt: now - 0.2, lastAt: now, complete: true, intact: true },
    ...(datagrams === undefined ? {} : { datagrams: { delivered: datagrams, ...counts } }),
    ...{ state: { rcvbufBytes: 212_992 }, info: {} },
  }
  return { type: 'receive-report', trial, report, cpuMs: 1 }
}
