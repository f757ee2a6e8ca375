/** The bytes of a connection as another program would send and see them. */
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Endpoint } from '../../transports/contract/socket-facts.ts'

export class RawConnection implements AsyncDisposable {
  readonly socket: Socket
  /** The port of this end. */
  readonly port: number | undefined
  /** All that has come so far, as latin1. */
  text = ''
  /** Resolves when nothing more will come. */
  readonly ended: Promise<void>
  #wake = () => {}

  static async open({ host, port }: Endpoint): Promise<RawConnection> {
    const socket = connect({ host, port, noDelay: true })
    await once(socket, 'connect')
    return new RawConnection(socket)
  }

  constructor(socket: Socket) {
    this.socket = socket
    this.port = socket.localPort
    socket.on('data', bytes => {
      this.text += bytes.toString('latin1')
      this.#wake()
    })
    this.ended = new Promise(resolve => {
      const over = () => {
        resolve()
        this.#wake()
      }
      socket.on('error', over).on('end', over).on('close', over)
    })
  }

  /** Writes each piece in a segment of its own, as far as anybody can tell. */
  async say(...pieces: readonly (string | Buffer)[]): Promise<void> {
    for (const [index, piece] of pieces.entries()) {
      if (index > 0) await sleep(2)
      this.socket.write(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece)
    }
  }

  /** Resolves when `text` has come, or the connection has ended without it. */
  async hear(text: string): Promise<boolean> {
    while (!this.text.includes(text) && !this.socket.destroyed && !this.socket.readableEnded)
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    return this.text.includes(text)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.socket.closed) return
    const closed = once(this.socket, 'close')
    this.socket.destroy()
    await closed
  }
}

/** A server that gives each connection to `converse`. */
export class RawServer implements AsyncDisposable {
  readonly #server: Server
  readonly #connections: RawConnection[] = []

  static async open(converse: (connection: RawConnection) => Promise<void>): Promise<RawServer> {
    const server = createServer({ noDelay: true })
    const raw = new RawServer(server)
    server.on('connection', socket => {
      const connection = new RawConnection(socket)
      raw.#connections.push(connection)
      void converse(connection)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return raw
  }

  private constructor(server: Server) {
    this.#server = server
  }

  get endpoint(): Endpoint {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('not listening')
    return { host: address.address, port: address.port, family: 4 }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const connection of this.#connections) await connection[Symbol.asyncDispose]()
    await new Promise(resolve => this.#server.close(resolve))
  }
}
