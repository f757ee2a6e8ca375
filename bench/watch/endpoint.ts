/** `/metrics` over HTTP: renders what a registry holds, and measures nothing. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Registry } from 'prom-client'
import { systemError } from '../../base/system-errors.ts'

/** Prometheus' own default for a scrape. No connection lives longer, however slowly its client writes or reads. */
const LONGEST_MS = 10_000
/** Each may hold a whole answer in memory. */
const MOST_CONNECTIONS = 32
const PATH = '/metrics'

export class MetricsEndpoint implements AsyncDisposable {
  readonly #server: Server

  /** Resolves once it is listening; port 0 lets the system choose. @param longestMs a connection lives at most so long @throws SetupError */
  static async open(
    { host, port }: { readonly host: string; readonly port: number },
    registry: Registry,
    longestMs = LONGEST_MS,
  ): Promise<MetricsEndpoint> {
    const server = serverOf(registry, longestMs)
    try {
      server.listen({ host, port, exclusive: true })
      await once(server, 'listening')
    } catch (error) {
      const remedies = {
        EADDRINUSE: 'stop the other program, or choose another port with --metrics-listen',
        EACCES: 'choose a port over 1023 with --metrics-listen',
        otherwise: 'choose another place with --metrics-listen',
      }
      throw systemError(`cannot serve metrics at ${host}, port ${port}`, error, remedies)
    }
    // A connection that cannot be accepted (EMFILE) costs its scrape, not what is measured.
    server.on('error', () => {})
    return new MetricsEndpoint(server)
  }

  private constructor(server: Server) {
    this.#server = server
  }

  get url(): string {
    const { address, port, family } = this.#server.address() as AddressInfo
    return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}${PATH}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }
}

function serverOf(registry: Registry, longestMs: number): Server {
  const server = createServer(
    { requestTimeout: longestMs, headersTimeout: longestMs },
    async (ask, answer) => {
      const refuse = (status: number, what: string) =>
        answer.writeHead(status, { 'content-type': 'text/plain' }).end(`${what}\n`)
      // A request is answered once, and a body is not read.
      answer.shouldKeepAlive = false
      if (ask.url?.split('?', 1)[0] !== PATH) return refuse(404, `nothing is here but ${PATH}`)
      if (ask.method !== 'GET' && ask.method !== 'HEAD') {
        answer.setHeader('allow', 'GET, HEAD')
        return refuse(405, 'only GET and HEAD')
      }
      try {
        const text = await registry.metrics()
        return answer.writeHead(200, { 'content-type': registry.contentType }).end(text)
      } catch {
        return refuse(500, 'the figures cannot be rendered')
      }
    },
  )
  const sockets = new Set<Socket>()
  server.on('connection', socket => {
    const timer = setTimeout(() => socket.destroy(), longestMs)
    socket.once('close', () => {
      clearTimeout(timer)
      sockets.delete(socket)
    })
    sockets.add(socket)
    // The oldest makes room: whoever holds many keeps nobody out.
    const [oldest] = sockets
    if (sockets.size > MOST_CONNECTIONS) oldest?.destroy()
  })
  return server
}
