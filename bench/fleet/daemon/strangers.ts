/** Connections that have not authenticated yet: limits their number, picks one to evict, and times each one. */
import type { Socket } from 'node:net'

/** Enough for the clients of a large site at once. A silent one costs some kilobytes until its time is up. */
const MOST_STRANGERS = 1024

interface Stranger {
  socket: Socket
  readonly timer: NodeJS.Timeout
  /** On the local monotonic clock, in ms. */
  readonly since: number
}

export class Strangers {
  /** By host, then by port; each in order of arrival. */
  readonly #hosts = new Map<string, Map<number, Stranger>>()
  readonly #withinMs: number
  #count = 0

  /** @param withinMs time allowed for each; node's own TLS time-out restarts with every byte */
  constructor(withinMs: number) {
    this.#withinMs = withinMs
  }

  /** Keeps the original start time for a known connection (the TLS socket that replaces its TCP socket). Returns the start time. */
  add(socket: Socket, now: number): number {
    const { remoteAddress: host = '', remotePort: port = 0 } = socket
    const ofHost = this.#hosts.get(host) ?? new Map<number, Stranger>()
    this.#hosts.set(host, ofHost)
    const stranger = ofHost.get(port) ?? this.#newStranger(socket, now)
    if (!ofHost.has(port)) this.#count++
    stranger.socket = socket
    ofHost.set(port, stranger)
    socket.on('error', () => {})
    socket.once('close', () => {
      if (stranger.socket === socket) this.#remove(host, port, stranger)
    })
    if (this.#count > MOST_STRANGERS) this.#crowdOut()
    return stranger.since
  }

  /** It has authenticated. */
  known({ remoteAddress: host = '', remotePort: port = 0 }: Socket): void {
    const stranger = this.#hosts.get(host)?.get(port)
    if (stranger) this.#remove(host, port, stranger)
  }

  [Symbol.dispose](): void {
    for (const ofHost of this.#hosts.values()) for (const { socket } of ofHost.values()) socket.destroy()
  }

  /** Evicts the oldest connection of the host that has the most, so that other hosts are not affected. */
  #crowdOut(): void {
    let [most] = this.#hosts
    for (const each of this.#hosts) if (each[1].size > (most?.[1].size ?? 0)) most = each
    const [oldest] = most?.[1] ?? []
    if (!most || !oldest) return
    this.#remove(most[0], ...oldest)
    oldest[1].socket.destroy()
  }

  #newStranger(socket: Socket, since: number): Stranger {
    const timer = setTimeout(() => stranger.socket.destroy(), this.#withinMs)
    const stranger: Stranger = { socket, since, timer }
    return stranger
  }

  #remove(host: string, port: number, stranger: Stranger): void {
    const ofHost = this.#hosts.get(host)
    if (ofHost?.get(port) !== stranger) return
    ofHost.delete(port)
    clearTimeout(stranger.timer)
    this.#count--
    if (ofHost.size === 0) this.#hosts.delete(host)
  }
}
