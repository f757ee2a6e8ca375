/**
 * A way between a client and a server that does to traffic what a test says: a program in front of the server that knows its ports, and
 * what passes it comes from another address and other ports. It keeps the truth of what it did to datagrams.
 */
import { createSocket, type Socket as DatagramSocket, type RemoteInfo } from 'node:dgram'
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

/** In how many ms each copy of a datagram goes on; none: it is lost. */
export type Fate = readonly number[]

export interface RelaySetting {
  /** Where it listens; data at the same ports as the server. */
  readonly host: string
  readonly server: { readonly host: string; readonly port: number }
  /** Of data, both inclusive. */
  readonly ports: readonly [number, number]
}

export class Relay implements AsyncDisposable {
  /** Of datagrams from the client, `index` counted from 0; and of those back. */
  fate: (index: number, bytes: Buffer) => Fate = () => [0]
  fateBack: (index: number, bytes: Buffer) => Fate = () => [0]
  /** How long what streams carry is on its way, each way. */
  delayMs = 0
  /** Datagrams from the client: each, and each copy that went on, in the order of going. */
  readonly taken: Buffer[] = []
  readonly passed: Buffer[] = []
  /** Control connections so far. */
  connections = 0
  readonly #setting: RelaySetting
  readonly #servers: Server[] = []
  readonly #datagrams: DatagramSocket[] = []
  readonly #control = new Set<Socket>()
  readonly #streams = new Set<Socket>()
  readonly #timers = new Set<NodeJS.Timeout>()
  #back = 0

  static async open(setting: RelaySetting): Promise<Relay> {
    const relay = new Relay(setting)
    try {
      await relay.#listen(setting.server.port, true)
      for (let port = setting.ports[0]; port <= setting.ports[1]; port++) {
        await relay.#listen(port, false)
        await relay.#bind(port)
      }
      return relay
    } catch (error) {
      await relay[Symbol.asyncDispose]()
      throw error
    }
  }

  private constructor(setting: RelaySetting) {
    this.#setting = setting
  }

  /** Breaks every control connection, as a router does that forgets them. */
  cutControl(): void {
    for (const socket of this.#control) socket.resetAndDestroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer)
    for (const socket of this.#streams) socket.destroy()
    for (const socket of this.#datagrams) socket.close()
    for (const server of this.#servers) server.close()
  }

  async #listen(port: number, control: boolean): Promise<void> {
    const { host, server } = this.#setting
    const listener = createServer({ allowHalfOpen: true }, from => {
      if (control) this.connections++
      const to = connect({ host: server.host, port, localAddress: host, allowHalfOpen: true })
      for (const [one, other] of [
        [from, to],
        [to, from],
      ] as const) {
        this.#streams.add(one)
        if (control) this.#control.add(one)
        one.setNoDelay(true)
        one.on('data', bytes => this.#later(this.delayMs, () => other.writable && other.write(bytes)))
        one.on('end', () => this.#later(this.delayMs, () => other.end()))
        one.on('error', () => other.resetAndDestroy())
        one.on('close', () => {
          this.#streams.delete(one)
          this.#control.delete(one)
        })
      }
    })
    this.#servers.push(listener)
    listener.listen(port, host)
    await once(listener, 'listening')
  }

  async #bind(port: number): Promise<void> {
    const { host, server } = this.#setting
    const near = createSocket('udp4')
    this.#datagrams.push(near)
    const far = new Map<string, DatagramSocket>()
    near.on('message', (bytes, from) => {
      const fate = this.fate(this.taken.length, bytes)
      this.taken.push(bytes)
      const source = `${from.address} ${from.port}`
      const out = far.get(source) ?? this.#outlet(near, from)
      far.set(source, out)
      for (const ms of fate) {
        this.#later(ms, () => {
          this.passed.push(bytes)
          out.send(bytes, port, server.host)
        })
      }
    })
    near.bind(port, host)
    await once(near, 'listening')
    near.setRecvBufferSize(4 * 1024 * 1024)
  }

  /** What the server sees in the place of a client. */
  #outlet(near: DatagramSocket, client: RemoteInfo): DatagramSocket {
    const outlet = createSocket('udp4')
    this.#datagrams.push(outlet)
    outlet.bind(0, this.#setting.host)
    outlet.on('message', bytes => {
      for (const ms of this.fateBack(this.#back++, bytes))
        this.#later(ms, () => near.send(bytes, client.port, client.address))
    })
    return outlet
  }

  /** Timers of one length fire in the order in which they were set, so streams stay in order. */
  #later(ms: number, work: () => void): void {
    if (ms === 0) {
      work()
      return
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      work()
    }, ms)
    this.#timers.add(timer)
  }
}

/** Addresses of loopback that hardly anybody else uses at the same time. Linux has all of them, other systems one. */
export function loopbackHosts(): { readonly server: string; readonly relay: string } {
  const [high, low] = [1 + Math.floor(Math.random() * 250), 1 + Math.floor(Math.random() * 250)]
  return { server: `127.${high}.${low}.2`, relay: `127.${high}.${low}.3` }
}
