/** Connections that have not authenticated yet: limits their number, picks one to evict, and times each one. */
import type { Socket } from 'node:net'
import { shareOf } from '../../../base/addresses.ts'
import { monotonic } from '../../../base/clock.ts'
import { unmapped } from '../../../transports/contract/addresses.ts'
import { HANDSHAKE_MS } from '../link/handshake.ts'

/** Enough for the clients of a large site at once. A silent one costs some kilobytes until its time is up. */
const MOST_STRANGERS = 1024

interface Stranger {
  socket: Socket
  readonly timer: NodeJS.Timeout
  /** On the local monotonic clock, in ms. */
  readonly since: number
}

export class Strangers {
  /** By `shareOf` their host, then by address and port; each in order of arrival. */
  readonly #hosts = new Map<string, Map<string, Stranger>>()
  #count = 0

  /** Keeps the original start time for a known connection (the TLS socket that replaces its TCP socket). Returns the start time. */
  add(socket: Socket): number {
    const [share, peer] = peerOf(socket)
    const ofHost = this.#hosts.get(share) ?? new Map<string, Stranger>()
    this.#hosts.set(share, ofHost)
    const stranger = ofHost.get(peer) ?? newStranger(socket)
    if (!ofHost.has(peer)) this.#count++
    stranger.socket = socket
    ofHost.set(peer, stranger)
    socket.on('error', () => {})
    socket.once('close', () => {
      if (stranger.socket === socket) this.#remove(share, peer, stranger)
    })
    if (this.#count > MOST_STRANGERS) this.#crowdOut()
    return stranger.since
  }

  /** It has authenticated. */
  known(socket: Socket): void {
    const [share, peer] = peerOf(socket)
    const stranger = this.#hosts.get(share)?.get(peer)
    if (stranger) this.#remove(share, peer, stranger)
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

  #remove(share: string, peer: string, stranger: Stranger): void {
    const ofHost = this.#hosts.get(share)
    if (ofHost?.get(peer) !== stranger) return
    ofHost.delete(peer)
    clearTimeout(stranger.timer)
    this.#count--
    if (ofHost.size === 0) this.#hosts.delete(share)
  }
}

/** Node's own TLS time-out restarts with every byte. */
function newStranger(socket: Socket): Stranger {
  const timer = setTimeout(() => stranger.socket.destroy(), HANDSHAKE_MS)
  const stranger: Stranger = { socket, since: monotonic(), timer }
  return stranger
}

function peerOf({ remoteAddress = '', remotePort = 0 }: Socket): readonly [share: string, peer: string] {
  const host = unmapped(remoteAddress)
  return [shareOf(host), `${host} ${remotePort}`]
}
