/** Emulates an operating system's datagram size limit where a real system would refuse. */

import type { Endpoint } from '../contract/socket-facts.ts'
import type { DatagramSocket, SendTally, Sockets, TakeDatagram } from '../contract/sockets.ts'
import { noteRefusal } from './tally.ts'

/** Wraps `sockets` to refuse datagrams over `maxDatagramBytes` with EMSGSIZE, marked as emulated. */
export function limited(sockets: Sockets, maxDatagramBytes: number): Sockets {
  return {
    engine: sockets.engine,
    usualRcvbufBytes: sockets.usualRcvbufBytes,
    ...(sockets.secures ? { secures: true } : {}),
    elsewhere: sockets.elsewhere,
    clockErrorMs: () => sockets.clockErrorMs?.(),
    objection: (kind, family, options) => sockets.objection(kind, family, options),
    listen: (request, connection) => sockets.listen(request, connection),
    connect: request => sockets.connect(request),
    bindDatagram: async request =>
      new LimitedDatagramSocket(await sockets.bindDatagram(request), maxDatagramBytes),
  }
}

class LimitedDatagramSocket implements DatagramSocket {
  readonly #socket: DatagramSocket
  readonly #limit: number

  constructor(socket: DatagramSocket, limit: number) {
    this.#socket = socket
    this.#limit = limit
  }

  get local() {
    return this.#socket.local
  }

  get state() {
    return this.#socket.state
  }

  burst(chunkBytes: number) {
    return this.#socket.burst(chunkBytes)
  }

  info() {
    return this.#socket.info()
  }

  read(take: TakeDatagram, fault?: (code: string) => void, more?: () => boolean): void {
    this.#socket.read(take, fault, more)
  }

  async send(
    bytes: Buffer,
    chunkBytes: number,
    first: number,
    count: number,
    tally: SendTally,
    to?: Endpoint,
  ): Promise<void> {
    if (Math.min(chunkBytes, bytes.length) <= this.#limit)
      return this.#socket.send(bytes, chunkBytes, first, count, tally, to)
    for (let index = first; index < first + count && !tally.failure; index++) {
      const datagramBytes = Math.min(chunkBytes, bytes.length - index * chunkBytes)
      if (datagramBytes <= this.#limit) {
        await this.#socket.send(bytes, chunkBytes, index, 1, tally, to)
      } else {
        noteRefusal(tally, 'EMSGSIZE', datagramBytes, true)
      }
    }
    await this.#socket.pause(0)
  }

  pause(ms: number): Promise<void> {
    return this.#socket.pause(ms)
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#socket[Symbol.asyncDispose]()
  }
}
