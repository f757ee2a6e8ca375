/** A UDP server with two addresses, which answers from the one that it was not asked at. */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'

export class OtherAddress implements AsyncDisposable {
  /** Where it is asked. */
  readonly target: string
  readonly #sockets: readonly Socket[]

  /** @param after answers once so many bytes have come, with `get message!!!` */
  static async open(after: number): Promise<OtherAddress> {
    const [asked, answering] = await Promise.all(['127.0.0.1', '127.0.0.2'].map(bound))
    if (!asked || !answering) throw new Error('not bound')
    const received = new Map<number, number>()
    asked.on('message', ({ length }, { address, port }) => {
      const bytes = (received.get(port) ?? 0) + length
      received.set(port, bytes)
      if (bytes >= after && bytes - length < after) answering.send('get message!!!', port, address)
    })
    return new OtherAddress([asked, answering], asked.address().port)
  }

  private constructor(sockets: readonly Socket[], port: number) {
    this.#sockets = sockets
    this.target = `127.0.0.1:${port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) {
      const closed = once(socket, 'close')
      socket.close()
      await closed
    }
  }
}

async function bound(host: string): Promise<Socket> {
  const socket = createSocket('udp4')
  // Nobody listens at a sender that has gone.
  socket.on('error', () => {})
  socket.bind(0, host)
  await once(socket, 'listening')
  return socket
}
