/** The daemon behind `bench serve`: accepts control connections, authenticates clients, and gives each a session of its own. */
import { once, setMaxListeners } from 'node:events'
import { createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net'
import type { Duplex } from 'node:stream'
import { createServer as createTlsServer } from 'node:tls'
import { monotonic } from '../../../base/clock.ts'
import { errorMessage } from '../../../base/errors.ts'
import type { Catalog } from '../../../transports/catalog.ts'
import { unmapped } from '../../../transports/contract/addresses.ts'
import type { Endpoint } from '../../../transports/contract/socket-facts.ts'
import { environment } from '../facts/environment.ts'
import { Channel } from '../link/channel.ts'
import { answer, HANDSHAKE_MS, type ShownTicket, type Welcome } from '../link/handshake.ts'
import { LinkError } from '../link/link.ts'
import { type Log, sparing } from './log.ts'
import type { Limits, Premises } from './policy.ts'
import { Session } from './session.ts'
import { Strangers } from './strangers.ts'
import { Visits } from './visit.ts'

export interface ServeOptions {
  readonly catalog: Catalog
  readonly listen: Endpoint
  /** The secret that clients must know; undefined for none. */
  readonly token: string | undefined
  /** PEM texts. With a `ca`, clients must present a certificate issued by it. */
  readonly tls: { readonly cert: string; readonly key: string; readonly ca: string | undefined } | undefined
  readonly limits: Limits
  readonly log: Log
}

/** How long trials may continue after the server is asked to end. */
const GRACE_MS = 5000

export class BenchServer implements AsyncDisposable {
  readonly #options: ServeOptions
  /** Logs what unauthenticated clients do. */
  readonly #warn: Log
  readonly #server: TcpServer
  readonly #welcome: Welcome
  readonly #strangers = new Strangers()
  readonly #sessions = new Set<Session>()
  readonly #visits = new Visits()
  readonly #closing = new AbortController()
  #lastSession = 0
  /** Of sessions that are over. */
  #trials = 0
  readonly #refused = { busy: 0, denied: 0, protocol: 0, timeout: 0, tls: 0, lost: 0 }
  #allGone: (() => void) | undefined

  /** Resolves once it is listening. @throws the system's error, or an error about the certificates */
  static async open(options: ServeOptions): Promise<BenchServer> {
    const { engines, plugins } = options.catalog
    const server = new BenchServer(options, {
      environment: environment(),
      engines: await engines.working(),
      plugins: plugins.map(({ name, version }) => ({ name, version })),
    })
    server.#server.listen({ host: options.listen.host, port: options.listen.port, ipv6Only: false })
    await once(server.#server, 'listening')
    return server
  }

  private constructor(options: ServeOptions, welcome: Welcome) {
    const { tls } = options
    this.#options = options
    // Each waiting stranger adds a listener, so more than ten are not a leak.
    setMaxListeners(0, this.#closing.signal)
    this.#warn = sparing(options.log)
    this.#welcome = welcome
    this.#server = tls
      ? createTlsServer(
          {
            cert: tls.cert,
            key: tls.key,
            ...(tls.ca === undefined ? {} : { ca: tls.ca, requestCert: true, rejectUnauthorized: true }),
            minVersion: 'TLSv1.3',
          },
          socket => this.#accept(socket),
        )
      : createTcpServer(socket => this.#accept(socket))
    // A client that fails the TLS handshake never reaches us, so count it while it tries.
    if (tls) this.#server.on('connection', (socket: Socket) => this.#strangers.add(socket))
    this.#server.on('tlsClientError', (error: Error, socket: Socket) => {
      this.#refused.tls++
      this.#warn('warn', 'tls-refused', { reason: errorMessage(error) })
      socket.destroy()
    })
  }

  get endpoint(): Endpoint {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('the server has no IP address')
    return { host: address.address, port: address.port, family: address.family === 'IPv6' ? 6 : 4 }
  }

  /** What it does, and has done since it began. */
  get readings() {
    const sessions = [...this.#sessions]
    return {
      sessions: sessions.length,
      mostSessions: this.#options.limits.maxSessions,
      isBusy: this.#busy() !== undefined,
      running: sessions.filter(each => each.busy).length,
      opened: this.#lastSession,
      trials: sessions.reduce((sum, each) => sum + each.trials, this.#trials),
      refused: this.#refused,
    }
  }

  /** Rejects new clients; lets running trials end for a while, and then ends every session. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
    this.#closing.abort()
    this.#strangers[Symbol.dispose]()
    for (const session of this.#sessions) session.finish(CLOSING)
    if (this.#sessions.size === 0) return
    const ended = new Promise<void>(resolve => {
      this.#allGone = resolve
    })
    const grace = setTimeout(() => {
      for (const session of this.#sessions) session.close(CLOSING)
    }, GRACE_MS)
    await ended
    clearTimeout(grace)
  }

  #accept(socket: Socket): void {
    const since = this.#strangers.add(socket)
    socket.setNoDelay(true)
    const premises = {
      localHost: unmapped(socket.localAddress ?? ''),
      peerHost: unmapped(socket.remoteAddress ?? ''),
    }
    const admit = async () => {
      const session = await this.#admit(socket, premises, since + HANDSHAKE_MS)
      if (session) this.#strangers.known(socket)
    }
    void admit()
  }

  /**
   * A client that came over a NATS server: its address is not known.
   * @param ended called once nothing is left of its session @returns whether it was let in
   */
  async take(stream: Duplex, ended: () => void): Promise<boolean> {
    const session = await this.#admit(stream, undefined, monotonic() + HANDSHAKE_MS, ended)
    return session !== undefined
  }

  async #admit(
    stream: Duplex,
    premises: Premises | undefined,
    until: number,
    ended?: () => void,
  ): Promise<Session | undefined> {
    const { catalog, token, tls, limits, log } = this.#options
    const channel = new Channel(stream)
    let run: string | undefined
    try {
      const who = await answer(
        channel,
        token,
        { ...this.#welcome, ...(premises ? { peer: premises.peerHost } : {}) },
        asked => {
          run = asked
          return this.#busy(asked)
        },
        shown => (premises ? this.#visited(shown, premises) : { denied: 'a visit shows an address' }),
        until,
        this.#closing.signal,
      )
      if (who === 'visitor') return undefined
    } catch (error) {
      this.#refused[reasonOf(error)]++
      this.#warn('warn', 'turned-away', {
        peer: premises?.peerHost ?? 'by NATS',
        reason: errorMessage(error),
      })
      channel.close()
      return undefined
    }
    const session = new Session(
      {
        id: ++this.#lastSession,
        channel,
        run,
        limits,
        catalog,
        visitor: { from: limits.bind, token, tls },
        visits: this.#visits,
        premises,
        log,
      },
      () => {
        this.#sessions.delete(session)
        this.#trials += session.trials
        ended?.()
        if (this.#sessions.size === 0) this.#allGone?.()
      },
    )
    this.#sessions.add(session)
    // It was admitted before the server began to close.
    if (this.#closing.signal.aborted) session.finish(CLOSING)
    return session
  }

  #visited(shown: ShownTicket, premises: Premises) {
    if (this.#visits.isOwn(shown.nonce))
      return { denied: 'the visit leads back to the server that it comes from' }
    for (const session of this.#sessions) {
      const found = session.visited(shown, premises)
      if (found !== undefined) return found
    }
    return { denied: 'not a ticket of this server' }
  }

  /** A run of a fleet has the host to itself. */
  #busy(run?: string | undefined): string | undefined {
    if (this.#closing.signal.aborted) return CLOSING
    const live = [...this.#sessions].filter(each => !each.isOver)
    const other = live.find(each => each.run !== run)
    if (other) return other.run === undefined ? 'busy with another client' : `busy with run ${other.run}`
    const { maxSessions } = this.#options.limits
    return live.length < maxSessions && this.#sessions.size < maxSessions + MOST_ENDING
      ? undefined
      : `busy: ${maxSessions} ${maxSessions === 1 ? 'session is' : 'sessions are'} under way (--max-sessions)`
  }
}

const CLOSING = 'the server is closing'
/** The next client comes as soon as the one before has gone, whose agent may still be ending; a machine that is busy takes its time for that. */
const MOST_ENDING = 16

/** Why a client was not let in, in one of a few words. */
function reasonOf(error: unknown) {
  switch (error instanceof LinkError && error.code) {
    case 'BUSY':
    case 'CLOSING':
      return 'busy'
    case 'DENIED':
      return 'denied'
    case 'PROTOCOL':
      return 'protocol'
    case 'TIMEOUT':
      return 'timeout'
    default:
      return 'lost'
  }
}
