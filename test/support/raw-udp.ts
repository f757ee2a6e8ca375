/** Datagrams as another program would send and see them. */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'
import type { Endpoint } from '../../transports/contract/socket-facts.ts'

export class RawUdp implements AsyncDisposable {
  readonly endpoint: Endpoint
  /** All that have come so far. */
  readonly datagrams: Buffer[] = []
  readonly #socket: Socket
  #last: { address: string; port: number } | undefined
  #wake = () => {}

  static async open(host = '127.0.0.1'): Promise<RawUdp> {
    const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
    socket.bind(0, host)
    await once(socket, 'listening')
    socket.setRecvBufferSize(4 << 20)
    return new RawUdp(socket, host)
  }

  private constructor(socket: Socket, host: string) {
    this.#socket = socket
    this.endpoint = { host, port: socket.address().port, family: isIPv6(host) ? 6 : 4 }
    socket.on('message', (message, from) => {
      this.datagrams.push(message)
      this.#last = from
      this.#wake()
    })
  }

  /** Sends them in this order. */
  async say(to: Endpoint, ...datagrams: readonly (string | Buffer)[]): Promise<void> {
    for (const each of datagrams) {
      const bytes = typeof each === 'string' ? Buffer.from(each, 'latin1') : each
      await new Promise<void>((resolve, reject) =>
        this.#socket.send(bytes, to.port, to.host, error => (error ? reject(error) : resolve())),
      )
    }
  }

  /** Answers whoever was heard last. */
  async answer(...datagrams: readonly string[]): Promise<void> {
    if (!this.#last) throw new Error('nobody to answer')
    await this.say({ host: this.#last.address, port: this.#last.port, family: 4 }, ...datagrams)
  }

  /** Resolves with the first `count` datagrams when as many have come. */
  async hear(count: number): Promise<readonly Buffer[]> {
    while (this.datagrams.length < count)
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    return this.datagrams.slice(0, count)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#socket, 'close')
    this.#socket.close()
    await closed
  }
}
